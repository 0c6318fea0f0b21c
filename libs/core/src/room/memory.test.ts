// What a room remembers of its log: effects, idle entries, adoptions.
import type { Position } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { node } from "./cast.ts";
import { Room } from "./room.ts";
import { epoch, Tale, taleKey, taleRules } from "./tale.ts";

const by = node("m");

test("a member silent for an hour is complete when nothing happened, whatever strangers knocked", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.settings("a", { locked: true });
  const last = tale.at;
  for (let i = 0; i < 200; i += 1) {
    tale.wait(20_000);
    expect(tale.join("c").type).toBe("refused");
    expect(tale.tell({ kind: "keep", by }).type).toBe("kept");
  }
  expect(tale.room.remembers(last)).toBe("complete");
  expect(tale.room.effectSince(last)).toBe(false);
  // Of the life of the log only: 300 s, an entry at its end included.
  expect(tale.room.toCopy().idle).toHaveLength(32);
});

test("64 effects are remembered: the first of them is still a place to go on from, the one before is not", () => {
  const tale = new Tale();
  tale.join("a");
  const places: Position[] = [tale.at];
  for (let i = 0; i < 100; i += 1) {
    tale.broadcast("a");
    places.push(tale.at);
  }
  expect(tale.room.remembers(places.at(-64) ?? tale.at)).toBe("complete");
  expect(tale.room.remembers(places.at(-65) ?? tale.at)).toBe("too_old");
  expect(tale.room.effects()).toEqual(places.slice(-64));
  expect(tale.room.effectSince(places.at(-2) ?? tale.at)).toBe(true);
  expect(tale.room.effectSince(tale.at)).toBe(false);
});

test("a place is known by sequence, index and time together", () => {
  const tale = new Tale();
  tale.join("a");
  const joined = tale.at;
  tale.wait(10);
  tale.broadcast("a");
  const { at } = tale;
  const strange: Position[] = [
    { ...at, seq: at.seq + 1 },
    { ...at, index: 1 },
    { ...joined, index: 1 },
    { ...joined, time: joined.time + 1 },
    { ...at, time: at.time + 1 },
    { ...at, time: at.time - 1 },
    { seq: 0, index: 0, time: 0 },
    { seq: -1, index: 0, time: 0 },
    { seq: 1, index: -1, time: at.time },
    { seq: Number.NaN, index: 0, time: at.time },
    { seq: 1.5, index: 0, time: at.time },
  ];
  for (const position of strange)
    expect(tale.room.remembers(position), JSON.stringify(position)).toBe("unknown_position");
  expect(tale.room.remembers(joined)).toBe("complete");
  expect(tale.room.remembers(at)).toBe("complete");
});

test("beyond the life of the log a place must still fit between the effects on both sides", () => {
  const tale = new Tale();
  tale.join("a");
  const first = tale.at;
  tale.wait(1000);
  tale.broadcast("a");
  const second = tale.at;
  tale.tell({ kind: "keep", by });
  const idle = tale.at;
  tale.wait(taleRules.logLife + 1);
  tale.tell({ kind: "keep", by });
  expect(tale.room.remembers(first)).toBe("complete");
  expect(tale.room.remembers(idle)).toBe("complete");
  expect(tale.room.remembers({ ...second, time: first.time })).toBe("unknown_position");
  expect(tale.room.remembers({ ...first, time: second.time })).toBe("unknown_position");
  expect(tale.room.remembers({ ...first, seq: idle.seq })).toBe("unknown_position");
});

test("refused, repeated, fenced and idle entries had no effect, so replays leave them out", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const idle: Position[] = [];
  const note = (): void => void idle.push(tale.at);
  tale.broadcast("a", { n: 1 });
  const heard = tale.at;
  tale.broadcast("a", { n: 1 });
  note();
  tale.broadcast("a", { n: 9, epoch: epoch(0) });
  note();
  tale.signal("a", "z");
  note();
  tale.left("a");
  note();
  tale.tell({ kind: "keep", by });
  note();
  tale.join("a");
  note();
  tale.back("a", epoch(2));
  note();
  expect(idle.map((position) => tale.room.hadEffect(position))).toEqual(idle.map(() => false));
  expect(tale.room.hadEffect(heard)).toBe(true);
  expect(tale.room.hadEffect({ ...tale.at, seq: tale.at.seq + 1 })).toBe(false);
  expect(tale.room.toCopy().idle).toEqual(idle);
  const revived = Room.revive(taleKey(), tale.room.toCopy(), taleRules);
  expect(idle.map((position) => revived.hadEffect(position))).toEqual(idle.map(() => false));
  expect(revived.hadEffect(heard)).toBe(true);
});

test("an entry that outlived the log's life is heard again only if it is one of the 64", () => {
  const tale = new Tale();
  tale.join("a");
  const joined = tale.at;
  tale.tell({ kind: "keep", by });
  const idle = tale.at;
  tale.wait(taleRules.logLife + 1);
  tale.tell({ kind: "keep", by });
  expect(tale.room.toCopy().idle).toEqual([tale.at]);
  expect(tale.room.hadEffect(idle)).toBe(false);
  expect(tale.room.hadEffect(joined)).toBe(true);
});

test("back counts as heard only when peers had seen the member away", () => {
  const tale = new Tale();
  tale.join("a");
  tale.back("a", epoch(2));
  expect(tale.room.effects()).toHaveLength(1);
  tale.away("a", epoch(2));
  tale.back("a", epoch(3));
  expect(tale.room.effects()).toHaveLength(3);
});

test("a place of an earlier log is known by its time, also after a later adoption within the new one", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c", "d", "e");
  const before = tale.at;
  const copy = tale.room.toCopy();
  tale.rebirth();
  tale.tell({ kind: "adopt", by, copy });
  tale.tell({ kind: "adopt", by, copy: tale.room.toCopy() });
  expect(tale.at.seq).toBeLessThan(before.seq);
  expect(tale.room.remembers(before)).toBe("log_restarted");
  expect(tale.room.remembers({ ...tale.at, seq: before.seq })).toBe("unknown_position");
});

test("an adoption replaces everything, and what came before it is in doubt", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const copy = tale.room.toCopy();
  tale.join("c");
  const doubtful = tale.at;
  expect(tale.tell({ kind: "adopt", by, copy }).type).toBe("adopted");
  expect(tale.room.size).toBe(2);
  expect(tale.room.at).toEqual(tale.at);
  expect(tale.room.remembers(tale.at)).toBe("complete");
  expect(tale.room.remembers(doubtful)).toBe("in_doubt");
  expect(tale.room.hadEffect(doubtful)).toBe(false);
  expect(tale.room.toCopy()).toEqual({
    ...copy,
    at: tale.at,
    effects: [tale.at],
    idle: [],
    adopted: { at: tale.at, reborn: false },
  });
});

test("the first adoption of an alarm wins, and a later alarm is heard again", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const one = tale.room.toCopy();
  tale.join("c");
  const two = tale.room.toCopy();
  expect(tale.tell({ kind: "adopt", by, copy: one }).type).toBe("adopted");
  const adopted = tale.at;
  expect(tale.tell({ kind: "adopt", by, copy: two }).type).toBe("none");
  expect(tale.room.size).toBe(2);
  expect(tale.room.remembers(adopted)).toBe("complete");
  const three = tale.room.toCopy();
  expect(tale.tell({ kind: "adopt", by, copy: three }).type).toBe("adopted");
});

test("an adoption lowers even the rules, for hosts that differed must agree afterwards", () => {
  const tale = new Tale();
  tale.join("a");
  const copy = tale.room.toCopy();
  tale.tell({ kind: "upgrade", rules: 2 });
  tale.tell({ kind: "adopt", by, copy });
  expect(tale.room.rules).toBe(1);
});

test("in a log born again the first adoption wins too, and places of the earlier life are told from new ones", () => {
  const tale = new Tale();
  for (let i = 0; i < 20; i += 1) tale.tell({ kind: "keep", by });
  tale.joinAll("a", "b");
  const old = tale.at;
  const one = tale.room.toCopy();
  tale.broadcast("a");
  const two = tale.room.toCopy();
  tale.rebirth();
  expect(tale.tell({ kind: "adopt", by, copy: one }).type).toBe("adopted");
  expect(tale.tell({ kind: "adopt", by, copy: two }).type).toBe("none");
  expect(tale.room.remembers(old)).toBe("log_restarted");
  expect(tale.room.remembers({ ...old, seq: 1 })).toBe("log_restarted");
  for (let i = 0; i < 40; i += 1) tale.tell({ kind: "keep", by });
  expect(tale.room.remembers(old)).toBe("log_restarted");
  expect(tale.room.remembers(tale.at)).toBe("complete");
});

test("the digest tells apart what differs anywhere", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.data("a", "k");
  tale.settings("a", { pin: { salt: "s", proof: "p" } });
  tale.leave("b");
  tale.moderate("a", { action: "ban", member: tale.said("b", { n: 1 }).from });
  tale.tell({ kind: "keep", by });
  const copy = tale.room.toCopy();
  const words = new Set<string>();
  const differing = [...variants(copy)];
  for (const variant of differing) words.add(Room.revive(taleKey(), variant as typeof copy, taleRules).digest());
  words.add(tale.room.digest());
  expect(differing.length).toBeGreaterThan(40);
  expect(words.size).toBe(differing.length + 1);
});

/** Every copy that differs from the value in one leaf. */
function* variants(value: unknown): Iterable<unknown> {
  if (value instanceof Uint8Array) yield value.map((byte) => byte + 1);
  else if (typeof value === "number") yield value + 1;
  else if (typeof value === "boolean") yield !value;
  else if (typeof value === "string") yield `${value}x`;
  else if (value === null) return;
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) for (const one of variants(value[i])) yield value.with(i, one);
  } else if (typeof value === "object") {
    for (const [name, part] of Object.entries(value)) for (const one of variants(part)) yield { ...value, [name]: one };
  }
}
