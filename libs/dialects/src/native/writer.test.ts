import type {
  Body,
  Gap,
  MemberChange,
  MemberId,
  MemberView,
  ModerateAction,
  NodeId,
  Outcome,
  Position,
  Profile,
  Reason,
  RoomName,
  RoomView,
  SessionId,
  SettingsView,
} from "@heliograph/protocol";
import { accepted, parseMemberId, parseNodeId, parseRoomName, parseSessionId, reasons } from "@heliograph/protocol";
import { arbitraryOf } from "@heliograph/protocol/contract";
import { serverFrames, signalBody } from "@heliograph/protocol/schema";
import { checkServerFrame } from "@heliograph/protocol/validators";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tellable, Written } from "../dialect.ts";
import { createNativeDialect } from "./native.ts";

const native = createNativeDialect({ bodyBytes: 1024, roomsPerSession: 4 });

function given<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${outcome.reason} ${outcome.detail}`);
  return outcome.value;
}

const bodyOf = (value: unknown): Body => ({ codec: "json", bytes: new TextEncoder().encode(JSON.stringify(value)) });
const open = (body: Body): unknown => JSON.parse(new TextDecoder().decode(body.bytes));

/** The frame that a client decodes: head and body together. */
function sent(event: Tellable): { readonly [key: string]: unknown } {
  const { head, raw }: Written = native.write(event, open);
  return raw === undefined ? head : { ...head, [raw.key]: open(raw.body) };
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
/** Without the members that are undefined: events leave absent members out. */
function exact<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
}

const room: fc.Arbitrary<RoomName> = fc
  .constantFrom("lobby", "é:😀", "x".repeat(256))
  .map((raw) => given(parseRoomName(raw)));
const member: fc.Arbitrary<MemberId> = fc
  .constantFrom("ann", "bob", "x".repeat(128))
  .map((raw) => given(parseMemberId(raw)));
const session: fc.Arbitrary<SessionId> = fc.constant("s".repeat(22)).map((raw) => given(parseSessionId(raw)));
const node: fc.Arbitrary<NodeId> = fc.constant("n".repeat(22)).map((raw) => given(parseNodeId(raw)));
const position: fc.Arbitrary<Position> = fc.record({
  seq: fc.maxSafeNat(),
  index: fc.nat({ max: 999 }),
  time: fc.maxSafeNat(),
});
const counter = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const body = fc.jsonValue().map(bodyOf);
const signal = arbitraryOf(signalBody).map(bodyOf);
const reason = fc.constantFrom(...(Object.keys(reasons) as Reason[]));
const profile: fc.Arbitrary<Profile> = fc.record(
  { name: fc.constant("Ann"), status: fc.constant("") },
  { requiredKeys: [] },
);
const role = fc.constantFrom("moderator" as const, "participant" as const, "viewer" as const);
const memberView: fc.Arbitrary<MemberView> = fc.record({
  id: member,
  profile,
  role,
  state: fc.constantFrom("present" as const, "away" as const),
});
const settings: fc.Arbitrary<SettingsView> = fc.record({
  capacity: fc.nat({ max: 100_000 }),
  pin: fc.boolean(),
  locked: fc.boolean(),
  type: fc.constantFrom("adhoc" as const, "standing" as const),
  presence: fc.constantFrom("full" as const, "count" as const, "none" as const),
});
const view: fc.Arbitrary<RoomView> = fc.record({
  settings,
  members: fc.array(memberView, { maxLength: 3 }),
  count: fc.nat(),
  data: fc.array(
    fc.record({ key: fc.constant("k"), version: fc.nat(), value: body, owner: maybe(member) }).map((value) => ({
      key: value.key,
      version: value.version,
      value: value.value,
      ...(value.owner === undefined ? {} : { owner: value.owner }),
    })),
    { maxLength: 3 },
  ),
});
const gap: fc.Arbitrary<Gap> = fc.record({
  from: position,
  to: position,
  reason: fc.constantFrom(
    "too_old" as const,
    "log_restarted" as const,
    "unknown_position" as const,
    "in_doubt" as const,
  ),
});
const ice = fc
  .record({
    iceServers: fc.constant([{ urls: ["turn:turn.example.org"], username: "u", credential: "c" }, { urls: [] }]),
    ttl: fc.nat(),
    expiry: fc.constantFrom("never" as const, "admission" as const, "hard" as const),
    degraded: fc.boolean(),
    zone: maybe(fc.constant("eu")),
    zones: maybe(
      fc.constant([
        { id: "eu", priority: 10, label: "Europe", labels: { de: "Europa" }, urls: ["turn:eu.example.org"] },
        { id: "us", priority: 20, urls: ["turn:us.example.org"] },
      ]),
    ),
    geo: maybe(fc.constant("https://turn.example.org/geo")),
    limited: maybe(fc.record({ retryIn: fc.nat() })),
  })
  .map(exact);
const limits = fc.constant({
  frameBytes: 65_536,
  bodyBytes: 32_768,
  nameBytes: 256,
  roomsPerSession: 32,
  outstanding: 64,
  heartbeat: 25_000,
  grace: 30_000,
  window: 120_000,
});
const change: fc.Arbitrary<MemberChange> = fc.oneof(
  fc.record({
    change: fc.constantFrom("joined" as const, "back" as const, "updated" as const, "away" as const),
    member: memberView,
  }),
  fc
    .record({
      change: fc.constant("left" as const),
      id: member,
      why: fc.constantFrom("left" as const, "lost" as const),
      successor: maybe(member),
    })
    .map(exact),
  fc.record({ change: fc.constant("count" as const), count: fc.nat() }),
);
const action: fc.Arbitrary<ModerateAction> = fc.oneof(
  fc.record({ action: fc.constantFrom("remove" as const, "ban" as const, "unban" as const), member }),
  fc.record({
    action: fc.constant("mute" as const),
    member,
    media: fc.constantFrom("audio" as const, "video" as const, "all" as const),
  }),
  fc.record({ action: fc.constant("role" as const), member, role }),
);

/** One arbitrary for each type of event; a new event does not compile before it is here. */
const events: { readonly [Type in Tellable["type"]]: fc.Arbitrary<Tellable & { readonly type: Type }> } = {
  welcome: fc.record({
    type: fc.constant("welcome" as const),
    session,
    token: fc.constant("t"),
    resumed: fc.boolean(),
    node,
    limits,
    ice,
  }),
  ice: fc.record({ type: fc.constant("ice" as const), n: maybe(counter), ice }).map(exact),
  degraded: fc.record({
    type: fc.constant("degraded" as const),
    missing: fc.subarray(["log" as const, "memory" as const]),
  }),
  goaway: fc.record({ type: fc.constant("goaway" as const), retryIn: fc.nat() }),
  pong: fc.record({
    type: fc.constant("pong" as const),
    n: counter,
    rooms: fc.array(fc.record({ room, asOf: position })),
  }),
  refused: fc
    .record({
      type: fc.constant("refused" as const),
      reason,
      detail: maybe(fc.constant("room")),
      retryIn: maybe(fc.nat()),
      n: maybe(counter),
      room: maybe(room),
    })
    .map(exact),
  ack: fc.record({ type: fc.constant("ack" as const), room, n: counter, position }),
  joined: fc
    .record({
      type: fc.constant("joined" as const),
      room,
      n: maybe(counter),
      self: member,
      mark: fc.nat(),
      position,
      view,
    })
    .map(exact),
  resumed: fc.oneof(
    fc
      .record({
        type: fc.constant("resumed" as const),
        room,
        mark: fc.nat(),
        position,
        verdict: fc.constant("complete" as const),
        view: maybe(view),
      })
      .map(exact),
    fc.record({
      type: fc.constant("resumed" as const),
      room,
      mark: fc.nat(),
      position,
      verdict: fc.constant("gap" as const),
      gap,
      view,
    }),
    fc.record({
      type: fc.constant("resumed" as const),
      room,
      mark: fc.nat(),
      position,
      verdict: fc.constant("expired" as const),
      reason,
    }),
  ),
  member: fc.record({ type: fc.constant("member" as const), room, position, what: change }),
  signal: fc
    .record({ type: fc.constant("signal" as const), room, from: member, body: signal, position: maybe(position) })
    .map(exact),
  broadcast: fc
    .record({ type: fc.constant("broadcast" as const), room, from: member, body, position: maybe(position) })
    .map(exact),
  data: fc
    .record({
      type: fc.constant("data" as const),
      room,
      position,
      key: fc.constant("k"),
      version: fc.nat(),
      by: member,
      value: maybe(body),
      owner: maybe(member),
    })
    .map(exact),
  settings: fc.record({ type: fc.constant("settings" as const), room, position, by: member, settings }),
  moderated: fc.record({ type: fc.constant("moderated" as const), room, position, by: member, action }),
  gap: fc.record({ type: fc.constant("gap" as const), room, position, gap, view }),
};

describe("every event becomes a frame that the schema allows", () => {
  test.for(Object.entries(events))("%s", ([, event]) => {
    fc.assert(
      fc.property<[Tellable]>(event, (told) => {
        const frame = sent(told);
        expect(checkServerFrame(frame)).toEqual(accepted(frame));
        expect(Object.values(frame)).not.toContain(undefined);
      }),
    );
  });

  test("and together they write every frame of the schema", () => {
    const types = new Set(
      fc.sample(fc.oneof<fc.Arbitrary<Tellable>[]>(...Object.values(events)), 500).map((event) => sent(event)["type"]),
    );
    expect([...types].sort()).toEqual(Object.keys(serverFrames).sort());
  });
});

describe("what a frame says", () => {
  const at = { seq: 35, index: 1, time: 36 };
  const lobby = given(parseRoomName("lobby"));
  const ann = given(parseMemberId("ann"));
  const adhoc = { capacity: 4, pin: true, locked: false, type: "adhoc", presence: "full" } as const;

  test("a body goes beside the head, in the bytes it came in", () => {
    const said = bodyOf("hi");
    expect(native.write({ type: "broadcast", room: lobby, from: ann, body: said, position: at }, open)).toStrictEqual({
      head: { type: "broadcast", room: "lobby", from: "ann", position: "z.1.10" },
      raw: { key: "body", body: said },
    });
  });

  test("a volatile message has no position", () => {
    expect(sent({ type: "broadcast", room: lobby, from: ann, body: bodyOf(1) })).toStrictEqual({
      type: "broadcast",
      room: "lobby",
      from: "ann",
      body: 1,
    });
  });

  test("a removed value is absent, and null is a value", () => {
    const change = { type: "data", room: lobby, position: at, key: "k", version: 2, by: ann } as const;
    expect(sent(change)).not.toHaveProperty("value");
    expect(sent({ ...change, value: bodyOf(null) })).toHaveProperty("value", null);
  });

  test("a refusal carries the code and the retry of the table", () => {
    expect(sent({ type: "refused", reason: "slow_down", retryIn: 500, n: 3, room: lobby })).toStrictEqual({
      type: "refused",
      code: 4429,
      reason: "slow_down",
      retry: true,
      retryIn: 500,
      n: 3,
      room: "lobby",
    });
  });

  test("an expired stay carries the code of its reason", () => {
    const expired = {
      type: "resumed",
      room: lobby,
      mark: 3,
      position: at,
      verdict: "expired",
      reason: "banned",
    } as const;
    expect(sent(expired)).toMatchObject({ verdict: "expired", reason: "banned", code: 4420 });
  });

  test("who became moderator as the last one left is named", () => {
    const what = { change: "left", id: ann, why: "lost", successor: given(parseMemberId("bob")) } as const;
    expect(sent({ type: "member", room: lobby, position: at, what })).toStrictEqual({
      type: "member",
      room: "lobby",
      position: "z.1.10",
      change: "left",
      id: "ann",
      why: "lost",
      successor: "bob",
    });
  });

  test("a complete verdict brings the view it was given, and an answer to join its counter", () => {
    const view = { settings: adhoc, members: [], count: 0, data: [{ key: "k", version: 1, value: bodyOf([1]) }] };
    const wire = { count: 0, members: [], data: [{ key: "k", version: 1, value: [1] }] };
    const head = { room: lobby, mark: 3, position: at, view };
    expect(sent({ ...head, type: "resumed", verdict: "complete" })).toMatchObject({ verdict: "complete", view: wire });
    expect(sent({ ...head, type: "joined", n: 2, self: ann })).toMatchObject({
      n: 2,
      mark: 3,
      self: "ann",
      view: wire,
    });
  });

  test("the type of a room does not hide the type of the frame", () => {
    expect(sent({ type: "settings", room: lobby, position: at, by: ann, settings: adhoc })).toStrictEqual({
      type: "room",
      room: "lobby",
      position: "z.1.10",
      by: "ann",
      settings: { capacity: 4, pin: true, locked: false, roomType: "adhoc", presence: "full" },
    });
  });

  test("what core keeps beside a view stays where it is", () => {
    const member = { id: ann, profile: {}, role: "viewer", state: "present", epoch: 7 } as const;
    const settings = { ...adhoc, verifier: "secret" };
    const frame = sent({
      type: "gap",
      room: lobby,
      position: at,
      gap: { from: at, to: at, reason: "too_old" },
      view: { settings, members: [member], count: 1, data: [] },
    });
    expect(JSON.stringify(frame)).not.toMatch(/verifier|secret|epoch/);
  });

  test("what a member's own dialect says of it is not for native clients", () => {
    const profile = { name: "Ann", status: "here", picture: "data:,", own: bodyOf({ Ua: "Chrome" }) };
    const present = { id: ann, profile, role: "viewer", state: "present" } as const;
    const told = { name: "Ann", status: "here", picture: "data:," };
    expect(
      sent({ type: "member", room: lobby, position: at, what: { change: "joined", member: present } }),
    ).toMatchObject({ member: { profile: told } });
    const bare = { ...present, profile: { own: profile.own } };
    const view = { settings: adhoc, members: [present, bare], count: 2, data: [] };
    const frame = sent({ type: "joined", room: lobby, position: at, mark: 0, self: ann, view });
    expect(JSON.stringify(frame)).not.toMatch(/own|Chrome|codec/);
  });
});
