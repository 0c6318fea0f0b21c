// Every entry comes back from its bytes as it was; what later versions write is passed over; junk has no effect, alike everywhere.
import type { DataCopy, Entry, EntryKind, MemberCopy, RoomCopy } from "@heliograph/core";
import { Room } from "@heliograph/core";
import type { Outcome, Position } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseRealm, parseRoomName, parseSessionId, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BundleCodec, entryCodec } from "./bundle.ts";
import { readCopy, writeCopy } from "./copy-bytes.ts";

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.value;
}

/** Absent members are left out, not undefined. */
function record<T extends object>(
  model: { [K in keyof T]-?: fc.Arbitrary<Exclude<T[K], undefined>> },
  required: readonly (keyof T)[],
) {
  // The library's types know no exact optional properties: it is told which members are always there.
  return fc.record(model, { requiredKeys: [...required] }) as fc.Arbitrary<unknown> as fc.Arbitrary<T>;
}

const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((each) => each.isWellFormed());
const id = fc.stringMatching(/^[\w-]{22}$/);
const member = fc.stringMatching(/^[\w é>.*-]{1,30}$/).map((raw) => must(parseMemberId(raw)));
const session = id.map((raw) => must(parseSessionId(raw)));
const node = id.map((raw) => must(parseNodeId(raw)));
const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const epoch = fc.record({ attempt: count, bump: count, node });
const position: fc.Arbitrary<Position> = fc.record({ seq: count, index: count, time: count });
const codec = fc.constantFrom("json" as const, "msgpack" as const);
const body = fc.record({ codec, bytes: fc.uint8Array({ maxLength: 60 }) });
const pin = fc.record({ salt: text, proof: text });
const role = fc.constantFrom("moderator" as const, "participant" as const, "viewer" as const);
const type = fc.constantFrom("adhoc" as const, "standing" as const);
/** Also what no rules allow: it is theirs to say so. */
const linger = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
);
const presence = fc.constantFrom("full" as const, "count" as const, "none" as const);
const profile = record<MemberCopy["profile"]>({ name: text, status: text, picture: text, own: body }, []);
const said = { from: member, epoch, n: count };
const mark = fc.record({ n: count, low: fc.integer(), high: fc.integer() });

const action = fc.oneof(
  fc.record({ action: fc.constantFrom("remove" as const, "ban" as const, "unban" as const), member }),
  fc.record({
    action: fc.constant("mute" as const),
    member,
    media: fc.constantFrom("audio" as const, "video" as const, "all" as const),
  }),
  fc.record({ action: fc.constant("role" as const), member, role }),
);

const copy: fc.Arbitrary<RoomCopy> = record<RoomCopy>(
  {
    at: position,
    rules: count,
    adopted: fc.option(fc.record({ at: position, reborn: fc.boolean() })),
    settings: record<RoomCopy["settings"]>(
      { capacity: count, pin: fc.option(pin), locked: fc.boolean(), type, presence, linger: fc.integer({ min: 1 }) },
      ["capacity", "pin", "locked", "type", "presence"],
    ),
    bans: fc.array(text, { maxLength: 3 }),
    members: fc.array(
      fc.record({
        id: member,
        session,
        profile,
        role,
        state: fc.constantFrom("present" as const, "away" as const),
        since: count,
        grace: count,
        epoch,
        mark,
        joined: position,
        marks: fc.array(text, { maxLength: 3 }),
      }),
      { maxLength: 4 },
    ),
    departed: fc.array(fc.record({ id: member, epoch, mark, left: count }), { maxLength: 3 }),
    data: fc.array(
      record<DataCopy>({ key: text, version: count, value: body, owner: member }, ["key", "version", "value"]),
      {
        maxLength: 3,
      },
    ),
    versions: count,
    emptied: count,
    letters: fc.array(fc.record({ by: node, count }), { minLength: 1, maxLength: 3 }),
    effects: fc.array(position, { maxLength: 3 }),
    idle: fc.array(position, { maxLength: 3 }),
  },
  ["at", "rules", "adopted", "settings", "bans", "members", "departed", "data", "versions", "effects", "idle"],
);

type OfKind<K extends EntryKind> = Extract<Entry, { readonly kind: K }>;

/** One maker for every kind: a kind that is missing here does not compile. */
const makers: { readonly [K in EntryKind]: fc.Arbitrary<OfKind<K>> } = {
  join: record<OfKind<"join">>(
    {
      kind: fc.constant("join" as const),
      from: member,
      epoch,
      session,
      profile,
      grace: count,
      marks: fc.array(text, { maxLength: 4 }),
      proof: text,
      role,
      exempt: fc.constant(true as const),
      fresh: fc.constant(true as const),
      opening: record<NonNullable<OfKind<"join">["opening"]>>({ pin, linger }, []),
      exactPin: fc.constant(true as const),
    },
    ["kind", "from", "epoch", "session", "profile", "grace", "marks"],
  ),
  leave: record<OfKind<"leave">>({ kind: fc.constant("leave" as const), ...said, lost: fc.constant(true as const) }, [
    "kind",
    "from",
    "epoch",
    "n",
  ]),
  letter: record<OfKind<"letter">>({ kind: fc.constant("letter" as const), by: node, count, sender: session, body }, [
    "kind",
    "by",
    "count",
    "body",
  ]),
  signal: fc.record({ kind: fc.constant("signal" as const), ...said, to: member, body }),
  broadcast: fc.record({ kind: fc.constant("broadcast" as const), ...said, body }),
  profile: fc.record({ kind: fc.constant("profile" as const), ...said, profile }),
  data: record<OfKind<"data">>(
    { kind: fc.constant("data" as const), ...said, key: text, value: body, ifVersion: count, owned: fc.boolean() },
    ["kind", "from", "epoch", "n", "key", "owned"],
  ),
  settings: fc.record({
    kind: fc.constant("settings" as const),
    ...said,
    change: record<OfKind<"settings">["change"]>(
      { capacity: count, pin: fc.option(pin), locked: fc.boolean(), type, presence, linger },
      [],
    ),
  }),
  moderate: fc.record({ kind: fc.constant("moderate" as const), ...said, action }),
  away: fc.record({ kind: fc.constant("away" as const), member, epoch }),
  back: fc.record({ kind: fc.constant("back" as const), member, epoch, session }),
  left: fc.record({ kind: fc.constant("left" as const), member, epoch }),
  keep: fc.record({ kind: fc.constant("keep" as const), by: node }),
  adopt: fc.record({ kind: fc.constant("adopt" as const), by: node, copy }),
  upgrade: fc.record({ kind: fc.constant("upgrade" as const), rules: count }),
};

const entry: fc.Arbitrary<Entry> = fc.oneof(...Object.values(makers));
const bundle = fc.array(entry, { minLength: 1, maxLength: 6 });

const sender = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const codecs = new BundleCodec(sender);
const plain = entryCodec();
const kindsIn = (bytes: Uint8Array): string[] => codecs.read(bytes).entries.map(({ kind }) => kind);

describe("a bundle", () => {
  test.each(Object.keys(makers))("brings every %s back as it was", (kind) => {
    const [, maker] = Object.entries<fc.Arbitrary<Entry>>(makers).find(([each]) => each === kind) ?? [];
    if (maker === undefined) throw new Error("a kind has its maker");
    fc.assert(
      fc.property(maker, (one) => {
        expect(codecs.read(codecs.write(1, [one]))).toEqual({ entries: [one], sound: true });
      }),
    );
  });

  test("brings several entries back in their order, and knows its own", () => {
    const other = new BundleCodec(Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1));
    fc.assert(
      fc.property(bundle, fc.nat(), (entries, number) => {
        const bytes = codecs.write(number, entries);
        expect(codecs.ownNumber(bytes)).toBe(number);
        expect(other.ownNumber(bytes)).toBeUndefined();
        expect(other.read(bytes)).toEqual({ entries, sound: true });
      }),
    );
  });

  test("is read from a view into a larger chunk", () => {
    fc.assert(
      fc.property(bundle, (entries) => {
        const bytes = codecs.write(1, entries);
        const chunk = new Uint8Array(bytes.length + 20).fill(0xff);
        chunk.set(bytes, 10);
        expect(codecs.read(chunk.subarray(10, 10 + bytes.length)).entries).toEqual(entries);
      }),
    );
  });
});

/** As `BundleCodec.write`, of heads that this version may not know. */
function bundleOf(...heads: readonly Parameters<typeof plain.encode>[0][]): Uint8Array {
  const parts = heads.flatMap((head) => {
    const bytes = plain.encode(head);
    const lengths = new Uint8Array(8);
    new DataView(lengths.buffer).setUint32(0, bytes.length);
    return [...lengths, ...bytes];
  });
  return Uint8Array.of(1, ...sender, 0, 0, 0, 9, ...parts);
}

describe("what later versions write", () => {
  const by = "n".repeat(22);

  test("of a kind that is not known here comes as that kind alone, in its place", () => {
    const bytes = bundleOf(["keep", by], ["dance", "member", [1, 0, by], { tempo: 120 }], ["keep", by]);
    expect(codecs.read(bytes)).toEqual({
      entries: [{ kind: "keep", by }, { kind: "dance" }, { kind: "keep", by }],
      sound: true,
    });
  });

  test("with fields that are not known here comes without them", () => {
    const bytes = bundleOf(["away", "member", [1, 2, by, "more"], { why: "tired" }, 7]);
    expect(codecs.read(bytes)).toEqual({
      entries: [{ kind: "away", member: "member", epoch: { attempt: 1, bump: 2, node: by } }],
      sound: true,
    });
  });

  test("is skipped by a room, which counts it and moves on", () => {
    const room = Room.fresh(roomKey(must(parseRealm("r")), must(parseRoomName("room"))), { version: 1, logLife: 1000 });
    const [strange] = codecs.read(bundleOf(["dance", 1])).entries;
    if (strange === undefined) throw new Error("one entry was written");
    expect(room.apply(strange, { seq: 4, index: 0, time: 1 })).toEqual({ type: "unknown_kind" });
    expect(room.at.seq).toBe(4);
  });
});

describe("what is broken", () => {
  test("is one entry without effect where the entry cannot be read, and the others stand", () => {
    const bytes = bundleOf(["keep", "n".repeat(22)], ["away", "member", "no epoch"], [], ["keep", 5]);
    const { entries, sound } = codecs.read(bytes);
    expect(entries.map(({ kind }) => kind)).toEqual(["keep", "unreadable", "unreadable", "unreadable"]);
    expect(sound).toBe(false);
  });

  test("is one entry without effect where the bundle cannot be read", () => {
    const whole = codecs.write(1, [{ kind: "upgrade", rules: 2 }]);
    for (const bytes of [
      new Uint8Array(0),
      whole.subarray(0, 13),
      whole.subarray(0, -1),
      Uint8Array.of(2, ...whole.subarray(1)),
    ]) {
      expect(kindsIn(bytes)).toEqual(["unreadable"]);
      expect(codecs.read(bytes).sound).toBe(false);
    }
  });

  test("never throws, and gives every host the same, whatever the bytes", () => {
    const other = new BundleCodec(Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9));
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 100 }).map((tail) => Uint8Array.of(1, ...sender, 0, 0, 0, 1, ...tail)),
      fc.tuple(bundle, fc.nat(), fc.nat(255)).map(([entries, at, byte]) => {
        const bytes = codecs.write(1, entries);
        bytes[at % bytes.length] = byte;
        return bytes;
      }),
      fc.tuple(bundle, fc.nat()).map(([entries, at]) => {
        const bytes = codecs.write(1, entries);
        return bytes.subarray(0, at % bytes.length);
      }),
    );
    fc.assert(
      fc.property(junk, (bytes) => {
        const read = codecs.read(bytes);
        expect(read.entries.length).toBeGreaterThan(0);
        expect(other.read(bytes)).toEqual(read);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a room's whole state", () => {
  const [drawn] = fc.sample(copy, { numRuns: 1, seed: 7 });
  if (drawn === undefined) throw new Error("a state was drawn");
  const members = Array.from(
    { length: 2000 },
    (_, i): MemberCopy => ({
      id: must(parseMemberId(`member ${i}`)),
      session: must(parseSessionId(`session-${i}`.padEnd(22, "-"))),
      profile: { name: "Somebody with a name" },
      role: "participant",
      state: "present",
      since: 1_700_000_000_000 + i,
      grace: 30_000,
      epoch: { attempt: 1, bump: 0, node: must(parseNodeId("n".repeat(22))) },
      mark: { n: i, low: 1, high: 0 },
      joined: { seq: i, index: 0, time: 1_700_000_000_000 + i },
      marks: [],
    }),
  );
  const large: RoomCopy = { ...drawn, members };

  test("comes back whole when it is large enough to be compressed, and is a fraction of its size", () => {
    const bytes = writeCopy(plain, large);
    expect(readCopy(plain, bytes)).toEqual(large);
    expect(bytes.length).toBeLessThan(100_000);
  });

  test("is nothing when it is broken", () => {
    const bytes = writeCopy(plain, large);
    expect(readCopy(plain, bytes.subarray(0, bytes.length / 2))).toBeUndefined();
    expect(readCopy(plain, new Uint8Array(0))).toBeUndefined();
    expect(readCopy(plain, Uint8Array.of(7, 1, 2, 3))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        expect(readCopy(plain, junk)).toBeUndefined();
      }),
    );
  });
});
