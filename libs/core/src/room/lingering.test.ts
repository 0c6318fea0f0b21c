import { expect, test } from "vitest";
import { member } from "./cast.ts";
import type { RoomCopy } from "./copy.ts";
import { digestOf } from "./digest.ts";
import type { JoinEntry, OpeningEntry } from "./entry.ts";
import { Room } from "./room.ts";
import { body, joinOf, Tale, taleKey, taleRules } from "./tale.ts";

const red = { salt: "red", proof: "proof of red" };
const blue = { salt: "blue", proof: "proof of blue" };
const opening: OpeningEntry = { pin: red, linger: 60_000 };

function taleOf(rules: number): Tale {
  const tale = new Tale();
  if (rules > 1) tale.tell({ kind: "upgrade", rules });
  return tale;
}

/** Ann opens the room, says a value, and leaves it. */
function leftBehind(): Tale {
  const tale = taleOf(2);
  tale.join("a", { opening });
  tale.data("a", "k", { value: body(3) });
  tale.leave("a");
  return tale;
}

const again = (who: string, more: Partial<JoinEntry> = {}): Partial<JoinEntry> => ({
  epoch: { ...joinOf(who).epoch, attempt: 2 },
  ...more,
});

test("of two joins with PINs at once the first in the log opens the room, the second meets its PIN", () => {
  const tale = taleOf(2);
  expect(tale.join("a", { opening })).toMatchObject({ type: "joined", member: { role: "moderator" } });
  expect(tale.join("b", { opening: { pin: blue } })).toEqual({ type: "refused", reason: "pin_required" });
  expect(tale.join("b", { opening: { pin: blue }, proof: blue.proof })).toMatchObject({ reason: "pin_wrong" });
  expect(tale.room.settings).toMatchObject({ pin: red, linger: 60_000 });
  expect(tale.join("b", { proof: red.proof, opening: { pin: blue, linger: 5 } })).toMatchObject({ type: "joined" });
  expect(tale.room.settings).toMatchObject({ pin: red, linger: 60_000 });
});

test("a PIN that nobody asked for is refused where the join insists, and passes where it does not", () => {
  const tale = taleOf(2);
  tale.join("a");
  expect(tale.join("b", { exactPin: true })).toEqual({ type: "refused", reason: "pin_not_needed" });
  expect(tale.join("b")).toMatchObject({ type: "joined" });
  expect(tale.join("c", { exactPin: true, exempt: true })).toMatchObject({ type: "joined" });
});

test("who opens a room without a PIN, and insists on the one it gave, does not get in either", () => {
  const tale = taleOf(2);
  expect(tale.join("a", { exactPin: true, opening: { linger: 60_000 } })).toMatchObject({ reason: "pin_not_needed" });
  expect(tale.join("a", { exactPin: true, opening })).toMatchObject({ type: "joined" });
});

test("a room that lingers is as its last member left it, to the millisecond of the log", () => {
  const early = leftBehind();
  early.wait(59_999);
  expect(early.room.lingers).toBe(true);
  expect(early.join("b")).toMatchObject({ reason: "pin_required" });
  expect(early.join("b", { proof: red.proof })).toMatchObject({ type: "joined", member: { role: "moderator" } });
  expect(early.room.settings).toMatchObject({ pin: red, linger: 60_000 });
  expect(early.room.datum("k")).toMatchObject({ version: 1 });
  expect(early.room.lingers).toBe(false);

  const late = leftBehind();
  late.wait(60_000);
  expect(late.join("b", { opening: { pin: blue } })).toMatchObject({ type: "joined" });
  expect(late.room.settings).toEqual({ ...freshSettings, pin: blue });
  expect(late.room.datum("k")).toBeUndefined();
});

test("knocking does not keep a room: its time counts from when its last member left", () => {
  const tale = leftBehind();
  tale.wait(40_000);
  tale.join("b");
  tale.wait(19_999);
  expect(tale.join("b", { proof: blue.proof })).toMatchObject({ reason: "pin_wrong" });
  tale.wait(1);
  expect(tale.join("b")).toMatchObject({ type: "joined" });
  expect(tale.room.settings).toEqual(freshSettings);
});

test("each leaving begins the time anew", () => {
  const tale = leftBehind();
  tale.wait(50_000);
  tale.join("a", again("a", { proof: red.proof }));
  tale.leave("a");
  tale.wait(50_000);
  expect(tale.join("b")).toMatchObject({ reason: "pin_required" });
});

test("bans linger with the room, and go with it", () => {
  const tale = taleOf(2);
  tale.join("a", { opening });
  tale.join("b", { proof: red.proof });
  tale.moderate("a", { action: "ban", member: member("b") });
  tale.leave("a");
  tale.wait(59_999);
  expect(tale.join("b", again("b", { proof: red.proof }))).toMatchObject({ reason: "banned" });
  tale.wait(1);
  expect(tale.join("b", again("b"))).toMatchObject({ type: "joined" });
});

test("members may settle how long their room lingers, by whole milliseconds up to an hour", () => {
  const tale = taleOf(2);
  tale.join("a");
  expect(tale.settings("a", { linger: 3_600_001 })).toMatchObject({ reason: "malformed", detail: "linger" });
  expect(tale.settings("a", { linger: 0.5 })).toMatchObject({ reason: "malformed" });
  expect(tale.join("b", { opening: { linger: -1 } })).toMatchObject({ reason: "malformed", detail: "linger" });
  tale.settings("a", { linger: 1_000, pin: red });
  tale.settings("a", { capacity: 3 });
  expect(tale.room.settings.linger).toBe(1_000);
  tale.settings("a", { linger: 0 });
  expect("linger" in tale.room.settings).toBe(false);
  expect(tale.leave("a")).toMatchObject({ emptied: true });
});

test("a standing room does not linger: it stays", () => {
  const tale = taleOf(2);
  tale.join("a", { opening });
  tale.settings("a", { type: "standing" });
  tale.leave("a");
  tale.wait(1_000_000);
  expect(tale.join("b", { opening: { pin: blue } })).toMatchObject({ reason: "pin_required" });
});

test("what a member's dialect says of it is kept up to 16 KiB, as bytes of the room's own", () => {
  const tale = taleOf(2);
  const own = body(16_384, 7);
  tale.join("a", { profile: { name: "Ann", own } });
  own.bytes.fill(0);
  expect(tale.room.member(member("a"))?.profile.own).toEqual(body(16_384, 7));
  expect(tale.tell({ kind: "profile", ...tale.said("a"), profile: { own: body(16_385) } })).toEqual({
    type: "refused",
    reason: "too_large",
    detail: "own",
  });
  expect(tale.join("b", { profile: { own: body(16_385) } })).toMatchObject({ reason: "too_large" });
});

test("states that differ in any of it have different digests", () => {
  const tale = taleOf(2);
  tale.join("a", { opening, profile: { own: body(3) } });
  const copy = tale.room.toCopy();
  const others = [
    { ...copy, settings: { ...copy.settings, linger: 60_001 } },
    { ...copy, emptied: 1 },
    { ...copy, emptied: 2 },
    { ...copy, members: copy.members.map((each) => ({ ...each, profile: {} })) },
    { ...copy, members: copy.members.map((each) => ({ ...each, profile: { own: body(3, 1) } })) },
    { ...copy, members: copy.members.map((each) => ({ ...each, profile: { own: { ...body(3), codec: "msgpack" } } })) },
  ] satisfies RoomCopy[];
  expect(new Set([copy, ...others].map((each) => digestOf(each))).size).toBe(7);
});

test("none of it has an effect under the first rules, which older builds apply", () => {
  const [plain, dressed] = [taleOf(1), taleOf(1)];
  plain.join("a");
  dressed.join("a", { opening, exactPin: true, profile: { name: "a", own: body(3) } });
  plain.settings("a", { capacity: 3 });
  dressed.settings("a", { capacity: 3, linger: -7 });
  plain.tell({ kind: "profile", ...plain.said("a"), profile: { name: "Ann" } });
  dressed.tell({ kind: "profile", ...dressed.said("a"), profile: { name: "Ann", own: body(20_000) } });
  expect(dressed.room.toCopy()).toEqual(plain.room.toCopy());
  expect(dressed.room.digest()).toBe(plain.room.digest());
  expect(dressed.leave("a")).toMatchObject({ emptied: true });
});

const freshSettings = Room.fresh(taleKey(), taleRules).settings;
