import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { lobby } from "../test-kit/story.ts";
import { Ring } from "./ring.ts";
import { member } from "./room/cast.ts";
import { SaidBlock } from "./said-block.ts";
import type { Told } from "./told.ts";

const beginning = { seq: 0, index: 0, time: 0 };

function toldOf(bytes: Uint8Array, seq: number): Told {
  const position = { seq, index: 0, time: seq };
  return {
    position,
    bytes: bytes.length + 96,
    event: { type: "broadcast", room: lobby, from: member("a"), body: { codec: "json", bytes }, position },
    audience: "others",
    author: member("a"),
    n: seq,
    answer: "ack",
    detail: undefined,
  };
}

function bodyOf(told: Told | undefined): Uint8Array {
  if (told?.event?.type !== "broadcast") throw new Error("nothing was said");
  return told.event.body.bytes;
}

test("what is kept owns its bytes, and keeps nothing alive of what came with it", () => {
  const ring = new Ring(lobby, beginning, 1 << 20, 1_000);
  const chunk = new Uint8Array(65_536).fill(7);
  ring.push(toldOf(chunk.subarray(100, 400), 1));
  ring.push(toldOf(Buffer.from(chunk.buffer, 500, 10), 2));
  chunk.fill(0);
  const [view, buffer] = [...ring.after(beginning)].map(bodyOf);
  expect(view).toEqual(new Uint8Array(300).fill(7));
  expect(buffer?.length).toBe(10);
  // They share a block, which is small where little is said.
  expect(ring.reserved).toBe(512);
});

test("what is said stays apart, whatever its size", () => {
  const ring = new Ring(lobby, beginning, 1 << 24, 1_000);
  const sizes = Array.from({ length: 200 }, (_, i) => (i * 37) % 5_000);
  const chunk = new Uint8Array(16_384);
  for (const [i, size] of sizes.entries()) ring.push(toldOf(chunk.fill(i + 1).subarray(8, 8 + size), i + 1));
  const kept = [...ring.after(beginning)].map(bodyOf);
  expect(kept.map((bytes) => bytes.length)).toStrictEqual(sizes);
  for (const [i, bytes] of kept.entries()) expect(bytes.every((byte) => byte === i + 1)).toBe(true);
});

const names = ["a", "b", "c"].map(member);
const anyMember = fc.constantFrom(...names);
const anyBody = fc.record({
  codec: fc.constantFrom("json" as const, "msgpack" as const),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 300, max: 6_000 }).map((n) => new Uint8Array(n)),
  ),
});
/** Everything that a ring may be given, but its place and time. */
const anySaying = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("signal" as const), from: anyMember, to: anyMember, body: anyBody }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("broadcast" as const), from: anyMember, body: anyBody }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("left" as const), from: anyMember }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("refused" as const), from: anyMember }) },
);

function placed(saying: typeof anySaying extends fc.Arbitrary<infer T> ? T : never, position: Told["position"]): Told {
  const { type, from } = saying;
  const head = { position, author: from, n: position.seq * 3, detail: undefined };
  switch (type) {
    case "signal": {
      const { to, body } = saying;
      const event = { type, room: lobby, from, body, position };
      return { ...head, bytes: 96 + body.bytes.length, event, audience: to, answer: "ack" };
    }
    case "broadcast": {
      const { body } = saying;
      const event = { type, room: lobby, from, body, position };
      return { ...head, bytes: 96 + body.bytes.length, event, audience: "others", answer: "ack" };
    }
    case "left": {
      const event = {
        type: "member" as const,
        room: lobby,
        position,
        what: { change: "left" as const, id: from, why: "left" as const },
      };
      return { ...head, bytes: 128, event, audience: "others", answer: undefined };
    }
    case "refused":
      return { ...head, bytes: 128, event: undefined, audience: "others", answer: "forbidden", detail: "role" };
    default:
      return saying satisfies never;
  }
}

test("it keeps what a plain list would keep, and gives it out the same", () => {
  const step = fc.record({ saying: anySaying, later: fc.integer({ min: 0, max: 60 }), same: fc.boolean() });
  const caps = fc.record({ bytes: fc.integer({ min: 500, max: 60_000 }), window: fc.integer({ min: 10, max: 2_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), caps, (steps, { bytes, window }) => {
      const ring = new Ring(lobby, beginning, bytes, window);
      const list: Told[] = [];
      let since: Told["position"] = beginning;
      let at = { seq: 0, index: 0, time: 1_700_000_000_000 };
      for (const { saying, later, same } of steps) {
        // A bundle's entries share its sequence and time.
        at =
          same && at.seq > 0
            ? { ...at, index: at.index + 1 }
            : { seq: at.seq + 1 + later, index: 0, time: at.time + later };
        const told = placed(saying, at);
        ring.push(told);
        list.push(told);
        let sum = list.reduce((all, each) => all + each.bytes, 0);
        for (let first = list[0]; first !== undefined; first = list[0]) {
          if (sum <= bytes && first.position.time >= at.time - window) break;
          sum -= first.bytes;
          since = first.position;
          list.shift();
        }
        expect(ring.since).toEqual(since);
      }
      expect([...ring.after(since)]).toEqual(list);
      const middle = list[Math.floor(list.length / 2)]?.position ?? since;
      const later = list.slice(Math.floor(list.length / 2) + 1);
      expect([...ring.after(middle)]).toEqual(later);
      // A place between two bundles.
      const before = { ...middle, index: -1 };
      if (list.length > 0)
        expect([...ring.after(before)]).toEqual(list.filter(({ position }) => position.seq >= middle.seq));
    }),
  );
});

test("a ring that has forgotten everything begins small again", () => {
  const ring = new Ring(lobby, beginning, 1 << 20, 1_000);
  for (let seq = 1; seq <= 500; seq += 1) ring.push(toldOf(new Uint8Array(200), seq));
  ring.prune(10_000);
  expect([...ring.after(beginning)]).toEqual([]);
  expect(ring.since.seq).toBe(500);
  ring.push(toldOf(new Uint8Array(200), 9_999));
  expect(ring.reserved).toBe(512);
});

test("a ring that is full fills its own blocks again, and what was read of it before stays as it was", () => {
  const cap = 1 << 18;
  const ring = new Ring(lobby, beginning, cap, 1_000_000);
  const say = (seq: number): void => ring.push(toldOf(new Uint8Array(200).fill(seq), seq));
  for (let seq = 1; seq <= 3_000; seq += 1) say(seq);
  const full = ring.reserved;
  const reuse = vi.spyOn(SaidBlock.prototype, "reuse");
  const read = [...ring.after(ring.since)];
  for (let seq = 3_001; seq <= 9_000; seq += 1) {
    say(seq);
    expect(ring.reserved).toBeLessThanOrEqual(full + cap / 8);
  }
  for (const told of read) expect(bodyOf(told)).toEqual(new Uint8Array(200).fill(told.position.seq));
  expect(ring.reserved).toBeLessThan(cap * 1.25);
  // 6,000 of them, 138 in a block.
  expect(reuse.mock.calls.length).toBeGreaterThan(40);
});
