import type { PlainValue } from "@heliograph/codec";
import { closeOf } from "@heliograph/protocol";
import { arbitraryDamage, arbitraryOf } from "@heliograph/protocol/contract";
import { clientFrames } from "@heliograph/protocol/schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { json, msgpack } from "../contract/formats.ts";
import { type PaperClient, PaperHouse } from "../contract/paper-house.ts";

async function meeting(codec: "json" | "msgpack") {
  const house = new PaperHouse();
  const client = house.client(codec);
  client.send({ type: "hello", attempt: 1 });
  client.send({ type: "join", n: 1, room: "lobby" });
  await house.clock.settle();
  return { house, client };
}

const refusals = (client: PaperClient) =>
  client.heard.filter(({ type }) => type === "refused").map(({ reason, n, room }) => [reason, n, room]);

describe("a frame that is no command", () => {
  test("is refused with the place it named, and the socket goes on", async () => {
    const { house, client } = await meeting("json");
    client.send({ type: "broadcast", n: 1, room: "lobby" });
    client.send({ type: "leave", n: "two", room: "lobby" });
    client.send({ type: "ping", n: 5 });
    await house.clock.settle();
    expect(refusals(client)).toStrictEqual([
      ["malformed", 1, "lobby"],
      ["malformed", undefined, "lobby"],
    ]);
    expect(client.heard.at(-1)).toMatchObject({ type: "pong", n: 5 });
  });

  test("ends the socket when there are more than twenty, and not before", async () => {
    const { house, client } = await meeting("json");
    for (let i = 0; i < 20; i += 1) client.send({ type: "wave" });
    await house.clock.settle();
    expect(client.closed).toBeUndefined();
    client.send({ type: "wave" });
    expect(client.closed).toBe(4400);
    expect(refusals(client)).toHaveLength(21);
    client.send({ type: "wave" });
    await house.clock.settle();
    expect(refusals(client)).toHaveLength(21);
  });

  test("does not hold up what its sender said right", async () => {
    const { house, client } = await meeting("json");
    client.send({ type: "wave" });
    client.send({ type: "broadcast", n: 1, room: "lobby", body: 1 });
    await house.clock.advance(5);
    expect(client.heard.at(-1)).toMatchObject({ type: "ack", n: 1 });
  });
});

describe("bytes that are no value", () => {
  test.for<[string, "json" | "msgpack", Uint8Array, boolean, number]>([
    ["half an object", "json", Buffer.from('{"type":'), false, 4400],
    ["nothing", "json", new Uint8Array(0), false, 4400],
    ["a reserved byte", "msgpack", Uint8Array.of(0xc1), true, 4400],
    ["text where bytes were agreed on", "msgpack", Buffer.from("{}"), false, 4406],
    ["bytes where text was agreed on", "json", Uint8Array.of(0x80), true, 4406],
  ])("%s end the socket, and are answered first", async ([, codec, bytes, binary, code]) => {
    const { client } = await meeting(codec);
    client.sendBytes(bytes, binary);
    expect(client.closed).toBe(code);
    expect(client.heard.at(-1)).toMatchObject({ type: "refused", reason: "malformed" });
  });
});

describe("an opening", () => {
  test("comes first, or the socket ends", () => {
    const client = new PaperHouse().client("json");
    client.send({ type: "join", n: 1, room: "lobby" });
    expect(refusals(client)).toStrictEqual([["too_early", undefined, undefined]]);
    expect(client.closed).toBe(4400);
  });

  test("comes once: another hello, or a resume of whatever session, is refused and changes nothing", async () => {
    const { house, client } = await meeting("json");
    const { session } = client.connection;
    const token = String(client.heard[0]?.["token"]);
    client.send({ type: "hello", attempt: 2 });
    client.send({ type: "resume", attempt: 3, token, rooms: [] });
    await house.clock.settle();
    expect(refusals(client).map(([reason]) => reason)).toStrictEqual(["already", "already"]);
    expect(client.connection.session).toBe(session);
    expect(session?.epoch.attempt).toBe(1);
    expect(house.node.size.sessions).toBe(1);
  });

  test("again and again is a flood that no allowance counts: it ends the socket", async () => {
    const { client } = await meeting("json");
    for (let i = 0; i < 30; i += 1) client.send({ type: "hello", attempt: 2 });
    expect(client.closed).toBe(4400);
  });

  test("that another connection has outrun already leaves no session behind", async () => {
    const { house, client } = await meeting("json");
    const token = String(client.heard[0]?.["token"]);
    const position = String(client.heard.find(({ type }) => type === "joined")?.["position"]);
    const rooms = [{ room: "lobby", position }];
    const newer = house.client("json");
    newer.send({ type: "resume", attempt: 5, token, rooms });
    await house.clock.settle();
    const older = house.client("json");
    older.send({ type: "resume", attempt: 4, token, rooms });
    await house.clock.settle();
    expect([client.closed, older.closed, newer.closed]).toStrictEqual([4004, 4004, undefined]);
    newer.send({ type: "bye" });
    await house.clock.advance(60_000);
    expect(house.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
  });
});

// From here on: whatever bytes come, in either codec.

const anyFrame = fc.constantFrom(...Object.values(clientFrames)).chain(arbitraryOf);
/** The listener of the property below; ids are drawn in the same order every time. */
async function listenerId(): Promise<string> {
  const house = new PaperHouse();
  const bystander = house.client("json");
  bystander.send({ type: "hello", attempt: 1 });
  // A room that is begun draws chance, too.
  bystander.send({ type: "join", n: 1, room: "apart from all this" });
  const listener = house.client("json");
  listener.send({ type: "hello", attempt: 1 });
  await house.clock.settle();
  return String(listener.heard[0]?.["session"]);
}

const peer = await listenerId();

/** Commands about a room and a peer that exist, with counters that may well be right. */
const likely = anyFrame.map((frame) => {
  if (typeof frame !== "object" || frame === null) return frame;
  const meant: Record<string, unknown> = { ...frame };
  if ("room" in meant) meant["room"] = "lobby";
  if ("to" in meant) meant["to"] = peer;
  if ("member" in meant) meant["member"] = peer;
  if (typeof meant["n"] === "number") meant["n"] = 1 + (meant["n"] % 40);
  return meant;
});
const damaged = likely.chain(arbitraryDamage);

function encodedBy(codec: "json" | "msgpack", frame: unknown): Uint8Array {
  try {
    // Damage may make values that no codec can say.
    return (codec === "json" ? json : msgpack).encode(frame as PlainValue);
  } catch {
    return Buffer.from(String(frame));
  }
}

const mutated = (bytes: Uint8Array, [where, to]: readonly [number, number]): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  if (copy.length > 0) copy[where % copy.length] = to;
  return copy;
};

const spot = fc.tuple(fc.nat(5_000), fc.nat(255));
const sent = (codec: "json" | "msgpack"): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 6, arbitrary: likely.map((frame) => encodedBy(codec, frame)) },
    { weight: 3, arbitrary: damaged.map((frame) => encodedBy(codec, frame)) },
    { weight: 1, arbitrary: fc.tuple(likely, spot).map(([frame, at]) => mutated(encodedBy(codec, frame), at)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );

describe.for(["json", "msgpack"] as const)("whatever is sent in %s", (codec) => {
  test("is answered legally or ends its own socket: nothing throws, and others go on", async () => {
    let answers = 0;
    const heard = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(sent(codec), { minLength: 1, maxLength: 30 }), fc.boolean(), async (frames, greets) => {
        const house = new PaperHouse();
        const bystander = house.client("json");
        bystander.send({ type: "hello", attempt: 1 });
        bystander.send({ type: "join", n: 1, room: "apart from all this" });
        const listener = house.client(codec === "json" ? "msgpack" : "json");
        listener.send({ type: "hello", attempt: 1 });
        listener.send({ type: "join", n: 1, room: "lobby" });
        await house.clock.settle();
        const heardBefore = bystander.heard.length;
        let client = house.client(codec);
        for (const bytes of frames) {
          if (client.closed !== undefined) client = house.client(codec);
          if (greets && client.connection.session === undefined) {
            client.send({ type: "hello", attempt: 1 });
            client.send({ type: "join", n: 1, room: "lobby" });
          }
          client.sendBytes(bytes);
          await house.clock.settle();
          expect(client.illegal).toStrictEqual([]);
          if (client.closed !== undefined) expect(closeOf(client.closed)).toBeDefined();
          answers += client.heard.length;
        }
        await house.clock.advance(10);
        for (const { type } of listener.heard) heard.add(String(type));
        expect(listener.illegal).toStrictEqual([]);
        expect(house.faults).toStrictEqual([]);
        bystander.send({ type: "ping", n: 1 });
        await house.clock.settle();
        expect(bystander.heard.slice(heardBefore).map(({ type }) => type)).toStrictEqual(["pong"]);
        house.node.end();
      }),
      { numRuns: 150 },
    );
    // Else the property would hold for want of anything said.
    expect(answers).toBeGreaterThan(1_000);
    for (const type of ["member", "signal", "broadcast", "data"]) expect(heard).toContain(type);
  });
});
