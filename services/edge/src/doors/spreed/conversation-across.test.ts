// Spreed clients and native clients in one room, on two nodes.
import type { Event, Profile, RoomName, SessionId } from "@heliograph/protocol";
import { memberOfSession, parseRealm, parseRoomName, parseSessionId } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { SpreedHouse, type SpreedNode } from "../../../contract/spreed-house.ts";

function must<T>(outcome: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!outcome.ok) throw new Error("a name of this test");
  return outcome.value;
}

const lobby: RoomName = must(parseRoomName("lobby"));
const realm = must(parseRealm("default"));

/** As the native door brings a client to core. */
class Native {
  readonly heard: Event[] = [];
  readonly id: SessionId;
  readonly #node: SpreedNode;
  readonly #session;
  #n = 0;

  constructor(node: SpreedNode, profile: Profile) {
    this.#node = node;
    const connection = { deliver: (event: Event) => void this.heard.push(event), close: () => undefined };
    const origin = { realm, dialect: "heliograph.v1", grace: 30_000, address: "native" };
    this.#session = must(node.node.open(connection, { type: "hello", attempt: 1 }, origin));
    this.id = this.#session.id;
    node.node.command(this.#session, { type: "join", n: 1, room: lobby, profile });
  }

  say(what: { readonly type: "broadcast" } | { readonly type: "signal"; readonly to: string }, value: unknown): void {
    this.#n += 1;
    const body = { codec: "json", bytes: Buffer.from(JSON.stringify(value)) } as const;
    const [n, room] = [this.#n, lobby];
    if (what.type === "broadcast") this.#node.node.command(this.#session, { type: "broadcast", n, room, body });
    else {
      const to = memberOfSession(must(parseSessionId(what.to)));
      this.#node.node.command(this.#session, { type: "signal", n, room, to, body });
    }
  }

  /** Bodies of what it was told by others. */
  get bodies(): unknown[] {
    return this.heard.flatMap((event) =>
      event.type === "broadcast" || event.type === "signal"
        ? [JSON.parse(Buffer.from(event.body.bytes).toString())]
        : [],
    );
  }
}

async function mixed() {
  const house = new SpreedHouse();
  const [east, west] = [house.node(), house.node()];
  const ann = new Native(east, { name: "Ann", status: "here" });
  await house.pass();
  const bob = await west.guest();
  bob.say({ Type: "Status", Status: { Type: "Status", Status: { displayName: "Bob", message: null } } });
  const welcome = await bob.hello("Lobby");
  bob.news;
  return { house, ann, bob, welcome };
}

test("they see each other by name, and hear each other's chat", async () => {
  const { house, ann, bob, welcome } = await mixed();
  expect(welcome["Users"]).toContainEqual({
    Type: "Online",
    Id: ann.id,
    Prio: 100,
    Status: { displayName: "Ann", message: "here" },
  });
  expect(ann.heard.at(-1)).toMatchObject({ type: "data" });
  const joined = ann.heard.find((event) => event.type === "member");
  expect(joined).toMatchObject({ what: { change: "joined", member: { id: bob.id, profile: { name: "Bob" } } } });
  ann.say({ type: "broadcast" }, { kind: "chat", text: "hi Bob" });
  bob.say({ Type: "Chat", Chat: { To: "", Type: "Chat", Chat: { Message: "hi Ann", NoEcho: true } } });
  await house.pass();
  expect(bob.news).toMatchObject([{ From: ann.id, Data: { Type: "Chat", To: "", Chat: { Message: "hi Bob" } } }]);
  expect(ann.bodies).toMatchObject([{ kind: "chat", text: "hi Ann" }]);
  expect(house.faults).toEqual([]);
});

test("they call each other, and what a native client says in the other's words is not believed", async () => {
  const { house, ann, bob } = await mixed();
  ann.say({ type: "signal", to: bob.id }, { kind: "description", description: { type: "offer", sdp: "v=0 a" } });
  ann.say({ type: "signal", to: bob.id }, { kind: "custom", value: null, spreed: { Type: "Self", Id: "x" } });
  ann.say({ type: "broadcast" }, { kind: "spreed", hello: true });
  bob.say({ Type: "Answer", Answer: { To: ann.id, Type: "Answer", Answer: { type: "answer", sdp: "v=0 b" } } });
  await house.pass();
  expect(bob.told).toMatchObject([{ Type: "Offer", To: bob.id, Offer: { type: "offer", sdp: "v=0 a" } }]);
  expect(ann.bodies).toMatchObject([{ kind: "description", description: { type: "answer", sdp: "v=0 b" } }]);
  ann.say({ type: "signal", to: bob.id }, { kind: "ring", call: "c1", media: { audio: true, video: false } });
  await house.pass();
  expect(ann.bodies.at(-1)).toMatchObject({ kind: "decline", call: "c1" });
  expect(bob.told).toEqual([]);
  expect(house.faults).toEqual([]);
});

test("a PIN that a Spreed client sets is told to natives as a fact alone, and it lies nowhere in clear", async () => {
  const { house, ann, bob } = await mixed();
  const pin = "a PIN of 4711";
  expect(await bob.ask("Room", { Name: "lobby", Credentials: { PIN: pin } })).toMatchObject({
    Credentials: { PIN: pin },
  });
  expect(ann.heard.at(-1)).toMatchObject({ type: "settings", settings: { pin: true } });
  const shared = ann.heard.flatMap((event) => (event.type === "data" && event.value ? [event.value.bytes] : []));
  expect(shared.length).toBeGreaterThan(0);
  for (const bytes of shared) expect(Buffer.from(bytes).toString()).not.toContain("4711");
  expect(house.faults).toEqual([]);
});
