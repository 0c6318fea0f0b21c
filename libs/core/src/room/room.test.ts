// The rules of the room machine, one by one.
import { expect, test } from "vitest";
import { member, session } from "./cast.ts";
import type { Effect } from "./effect.ts";
import { pinVerifier } from "./pin.ts";
import { body, epoch, joinOf, Tale, taleRules } from "./tale.ts";

const refused = (reason: string): object => ({ type: "refused", reason });
const [ann, bob, cid] = [member("a"), member("b"), member("c")];

function roles(tale: Tale): string {
  return [...tale.room.members()].map(({ id, role }) => `${id[0]}:${role}`).join(" ");
}

function memberOf(effect: Effect): string | undefined {
  return "member" in effect ? effect.member.id : undefined;
}

test("a fresh room has nobody, no entry and the settings of an ad-hoc room", () => {
  const { room } = new Tale();
  expect(room.at).toEqual({ seq: 0, index: 0, time: 0 });
  expect([room.size, room.dataCount, room.dataBytes, room.rules]).toEqual([0, 0, 0, 1]);
  expect(room.settingsView()).toEqual({ capacity: 0, pin: false, locked: false, type: "adhoc", presence: "full" });
});

test("the first to join moderates, unless a token says otherwise; the rest take part", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.join("c", { role: "viewer" });
  expect(roles(tale)).toBe("a:moderator b:participant c:viewer");
  const other = new Tale();
  other.join("a", { role: "viewer" });
  expect(roles(other)).toBe("a:viewer");
});

test("members stand in the order of their joins, in small rooms and in large ones, whoever leaves", () => {
  const tale = new Tale();
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  tale.joinAll(...letters);
  expect([...tale.room.members()].map(({ id }) => id[0])).toEqual(letters);
  for (const letter of [..."bdfhjlnprtvxzBDFHJLNPRTVXZacegikmoqs"]) {
    expect(tale.leave(letter).type).toBe("left");
    expect(tale.room.member(member(letter))).toBeUndefined();
  }
  expect([...tale.room.members()].map(({ id }) => id[0])).toEqual([..."uwyACEGIKMOQSUWY"]);
  expect(tale.room.member(member("Y"))?.id).toBe(member("Y"));
});

test("a join by a higher epoch takes the stay over, by the same is answered again, by a lower is superseded", () => {
  const tale = new Tale();
  tale.join("a", { epoch: epoch(2) });
  tale.away("a", epoch(2));
  expect(tale.join("a", { epoch: epoch(1) })).toEqual(refused("superseded"));
  const back = tale.join("a", { epoch: epoch(3), profile: { name: "other" }, grace: 1 });
  expect(back).toMatchObject({ type: "back", was: epoch(2), fromAway: true });
  expect(tale.room.member(ann)).toMatchObject({ profile: { name: "a" }, grace: 30_000, state: "present" });
  expect(tale.join("a", { epoch: epoch(3) }).type).toBe("answered_again");
  expect(tale.join("a", { epoch: epoch(3, 1) })).toMatchObject({ type: "back", fromAway: false });
});

test("nobody becomes a member under another session's name", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.join("a", { session: session("b"), epoch: epoch(9) })).toMatchObject(refused("forbidden"));
  expect(tale.back("a", epoch(9), "b")).toEqual(refused("expired"));
  expect(tale.room.member(ann)?.epoch).toEqual(epoch(1));
});

test("a join that stands in the log twice does not bring back who has left in between", () => {
  const tale = new Tale();
  tale.joinAll("b", "a");
  tale.leave("a");
  expect(tale.join("a")).toEqual(refused("superseded"));
  expect(tale.join("a", { epoch: epoch(1, 1) }).type).toBe("joined");
});

test("a stay after a stay goes on counting, so that what was said in the first is not said again", () => {
  const tale = new Tale();
  tale.joinAll("b", "a");
  tale.broadcast("a");
  tale.leave("a");
  tale.join("a", { epoch: epoch(2) });
  expect(tale.room.member(ann)?.mark.n).toBe(2);
  expect(tale.broadcast("a", { n: 1, epoch: epoch(2) }).type).toBe("repeated");
  expect(tale.broadcast("a", { n: 3, epoch: epoch(2) }).type).toBe("broadcast");
});

test("who left is forgotten after the life of the log", () => {
  const tale = new Tale();
  tale.joinAll("b", "a");
  tale.leave("a");
  tale.wait(taleRules.logLife);
  expect(tale.join("a")).toEqual(refused("superseded"));
  tale.wait(1);
  expect(tale.join("a").type).toBe("joined");
});

test("joins are refused for a ban, a lock, the PIN and full seats, in this order; the exempt only for a ban", () => {
  const tale = new Tale();
  const pin = pinVerifier("1234", new Uint8Array(16));
  tale.joinAll("a", "b");
  tale.moderate("a", { action: "ban", member: bob });
  tale.settings("a", { locked: true, pin, capacity: 1 });
  expect(tale.join("b", { epoch: epoch(2) })).toEqual(refused("banned"));
  expect(tale.join("c")).toEqual(refused("locked"));
  tale.settings("a", { locked: false });
  expect(tale.join("c")).toEqual(refused("pin_required"));
  expect(tale.join("c", { proof: "0".repeat(64) })).toEqual(refused("pin_wrong"));
  expect(tale.join("c", { proof: pin.proof })).toEqual(refused("full"));
  tale.settings("a", { capacity: 2 });
  expect(tale.join("c", { proof: pin.proof }).type).toBe("joined");
  tale.settings("a", { locked: true });
  expect(tale.join("d", { exempt: true }).type).toBe("joined");
  expect(tale.join("b", { epoch: epoch(3), exempt: true })).toEqual(refused("banned"));
});

test("the away keep their seats, and a smaller capacity throws nobody out", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.settings("a", { capacity: 1 });
  expect(tale.room.size).toBe(2);
  tale.away("b");
  expect(tale.join("c")).toEqual(refused("full"));
});

test("whoever is in takes over even when the room is locked, full and wants a PIN", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.settings("a", { locked: true, capacity: 1, pin: { salt: "s", proof: "p" } });
  expect(tale.join("b", { epoch: epoch(2) }).type).toBe("back");
});

test("only the connection that speaks for a member is heard", () => {
  const tale = new Tale();
  tale.join("a", { epoch: epoch(5) });
  expect(tale.broadcast("a", { epoch: epoch(4), n: 1 })).toEqual(refused("superseded"));
  expect(tale.broadcast("a", { epoch: epoch(6), n: 1 })).toEqual(refused("superseded"));
  expect(tale.broadcast("a", { epoch: epoch(5, 0, "n"), n: 1 })).toEqual(refused("superseded"));
  expect(tale.broadcast("a", { epoch: epoch(5), n: 1 }).type).toBe("broadcast");
});

test("who is no member is told so, or that a newer connection has spoken since", () => {
  const tale = new Tale();
  tale.join("b");
  tale.join("a", { epoch: epoch(2) });
  tale.leave("a");
  expect(tale.broadcast("c")).toEqual(refused("not_a_member"));
  expect(tale.broadcast("a", { epoch: epoch(2), n: 5 })).toEqual(refused("not_a_member"));
  expect(tale.broadcast("a", { epoch: epoch(3), n: 5 })).toEqual(refused("not_a_member"));
  expect(tale.broadcast("a", { epoch: epoch(1), n: 5 })).toEqual(refused("superseded"));
});

test("what an away member said before it was lost counts", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.away("a");
  expect(tale.signal("a", "b").type).toBe("signal");
  expect(tale.room.member(ann)?.state).toBe("away");
});

test("a counter counts once; a skipped one is refused with retry, a very old one as unknown, a strange one as malformed", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.broadcast("a", { n: 3 }).type).toBe("broadcast");
  expect(tale.broadcast("a", { n: 3 })).toEqual({ type: "repeated" });
  expect(tale.broadcast("a", { n: 2 })).toEqual(refused("retry"));
  tale.broadcast("a", { n: 100 });
  expect(tale.broadcast("a", { n: 36 })).toEqual(refused("retry"));
  expect(tale.broadcast("a", { n: 35 })).toEqual(refused("unknown"));
  for (const n of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(tale.broadcast("a", { n })).toMatchObject(refused("malformed"));
  }
});

test("a refused command does not raise the mark", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.signal("a", "b")).toEqual(refused("unknown_peer"));
  expect(tale.room.member(ann)?.mark.n).toBe(0);
  tale.join("b");
  expect(tale.tell({ kind: "signal", ...tale.said("a", { n: 1 }), to: bob, body: body(1) }).type).toBe("signal");
});

test("viewers signal and have a profile; participants broadcast and share too; moderators do everything", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.join("v", { role: "viewer" });
  expect(tale.signal("v", "a").type).toBe("signal");
  expect(tale.tell({ kind: "profile", ...tale.said("v"), profile: { name: "Vi" } }).type).toBe("profile");
  expect(tale.broadcast("v")).toMatchObject(refused("forbidden"));
  expect(tale.data("v", "k")).toMatchObject(refused("forbidden"));
  expect(tale.settings("b", { locked: true })).toMatchObject(refused("forbidden"));
  expect(tale.role("b", "v", "moderator")).toMatchObject(refused("forbidden"));
  expect(tale.broadcast("b").type).toBe("broadcast");
  expect(tale.data("b", "k").type).toBe("data");
  expect(tale.settings("a", { locked: true }).type).toBe("settings");
});

test("the role is judged before the addressee, the counter before the role", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  expect(tale.moderate("b", { action: "remove", member: cid })).toMatchObject(refused("forbidden"));
  tale.broadcast("b", { n: 50 });
  expect(tale.tell({ kind: "settings", ...tale.said("b", { n: 50 }), change: {} }).type).toBe("repeated");
});

test("away and left need exactly the epoch that speaks", () => {
  const tale = new Tale();
  tale.joinAll("b", "a");
  expect(tale.away("a", epoch(1, 1)).type).toBe("none");
  expect(tale.away("a").type).toBe("away");
  expect(tale.away("a").type).toBe("none");
  tale.wait(30_000);
  tale.back("a", epoch(2));
  tale.away("a", epoch(2));
  tale.wait(30_000);
  expect(tale.left("a", epoch(1)).type).toBe("none");
  expect(tale.left("a", epoch(2))).toMatchObject({ type: "left", why: "lost" });
});

test("the time of the log decides when a stay is over, and it is over once", () => {
  const tale = new Tale();
  tale.joinAll("b", "a");
  expect(tale.left("a").type).toBe("none");
  tale.wait(50_000);
  tale.away("a");
  tale.wait(29_999);
  expect(tale.left("a").type).toBe("none");
  tale.wait(1);
  expect(tale.left("a").type).toBe("left");
  expect(tale.left("a").type).toBe("none");
});

test("back takes a stay over with a higher epoch, and tells the rest why not", () => {
  const tale = new Tale();
  tale.join("a", { epoch: epoch(2) });
  expect(tale.back("a", epoch(1))).toEqual(refused("superseded"));
  expect(tale.back("a", epoch(2)).type).toBe("answered_again");
  expect(tale.back("a", epoch(2, 1))).toMatchObject({ type: "back", was: epoch(2), fromAway: false });
  expect(tale.back("b", epoch(9))).toEqual(refused("expired"));
});

test("versions begin at 1, never repeat, and conflicts are told", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.data("a", "k", { value: body(1), ifVersion: 0 })).toMatchObject({ change: { key: "k", version: 1 } });
  expect(tale.data("a", "k", { value: body(1), ifVersion: 0 })).toMatchObject(refused("conflict"));
  expect(tale.data("a", "k", { value: body(1), ifVersion: 1 })).toMatchObject({ change: { version: 2 } });
  expect(tale.data("a", "k", {})).toEqual({ type: "data", change: { key: "k", version: 3 } });
  expect(tale.room.datum("k")).toBeUndefined();
  expect(tale.data("a", "k", { value: body(1), ifVersion: 2 })).toMatchObject(refused("conflict"));
  expect(tale.data("a", "k")).toMatchObject({ change: { version: 4 } });
});

test("an owned value is its owner's and the moderators', and goes with its owner", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c");
  tale.data("b", "k", { value: body(1), owned: true });
  tale.data("b", "l");
  expect(tale.data("c", "k")).toMatchObject(refused("forbidden"));
  expect(tale.data("c", "k", {})).toMatchObject(refused("forbidden"));
  expect(tale.data("c", "l").type).toBe("data");
  expect(tale.leave("b")).toMatchObject({ removed: [{ key: "k", version: 4 }], emptied: false });
  expect(tale.room.dataCount).toBe(1);
  tale.data("c", "m", { value: body(1), owned: true });
  expect(tale.data("a", "m")).toMatchObject({ type: "data", change: { key: "m" } });
  expect(tale.room.datum("m")?.owner).toBeUndefined();
});

test("values have bounds: 64 KiB each, 256 keys, 1 MiB together", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.data("a", "k", { value: body(65_537) })).toMatchObject(refused("too_large"));
  for (let i = 0; i < 16; i += 1) expect(tale.data("a", `k${i}`, { value: body(65_536) }).type).toBe("data");
  expect(tale.room.dataBytes).toBe(1_048_576);
  expect(tale.data("a", "one more", { value: body(1) })).toMatchObject(refused("too_large"));
  expect(tale.data("a", "k0", { value: body(65_535) }).type).toBe("data");
  for (let i = 1; i < 16; i += 1) tale.data("a", `k${i}`, {});
  for (let i = 1; i < 256; i += 1) expect(tale.data("a", `k${i}`, { value: body(1) }).type).toBe("data");
  expect(tale.data("a", "k256")).toMatchObject(refused("too_large"));
  expect(tale.data("a", "k1").type).toBe("data");
});

test("values are copied from the entry, whose bytes may be the wire's", () => {
  const tale = new Tale();
  tale.join("a");
  const value = body(1, 7);
  tale.data("a", "k", { value });
  value.bytes[0] = 9;
  expect(tale.room.datum("k")?.value.bytes[0]).toBe(7);
});

test("an ad-hoc room ends with its last member, a standing one keeps everything but what was owned", () => {
  for (const type of ["adhoc", "standing"] as const) {
    const tale = new Tale();
    tale.joinAll("a");
    tale.settings("a", { type, pin: { salt: "s", proof: "p" }, capacity: 7 });
    tale.data("a", "k");
    tale.data("a", "own", { value: body(1), owned: true });
    tale.moderate("a", { action: "ban", member: bob });
    expect(tale.leave("a")).toMatchObject({ emptied: type === "adhoc", removed: [{ key: "own" }] });
    const copy = tale.room.toCopy();
    expect(copy.departed).toHaveLength(1);
    expect(copy.settings.capacity).toBe(type === "adhoc" ? 0 : 7);
    expect(copy.data.map(({ key }) => key)).toEqual(type === "adhoc" ? [] : ["k"]);
    expect(copy.bans).toHaveLength(type === "adhoc" ? 0 : 1);
    expect(copy.versions).toBe(3);
  }
});

test("absent settings stay, null removes the PIN, strange ones are refused whole", () => {
  const tale = new Tale();
  tale.join("a");
  const pin = { salt: "s", proof: "p" };
  tale.settings("a", { capacity: 4, pin });
  tale.settings("a", { locked: true });
  expect(tale.room.settings).toMatchObject({ capacity: 4, pin, locked: true });
  tale.settings("a", { pin: null });
  expect(tale.room.settingsView().pin).toBe(false);
  expect(tale.settings("a", { capacity: -1, locked: false })).toMatchObject(refused("malformed"));
  expect(tale.settings("a", { capacity: 1.5 })).toMatchObject(refused("malformed"));
  expect(tale.room.settings.locked).toBe(true);
});

test("members see one another by the presence mode, and never the PIN", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.data("a", "k");
  tale.settings("a", { pin: { salt: "s", proof: "p" } });
  const ids = (reader = bob): string[] => tale.room.view(reader).members.map(({ id }) => id);
  expect(ids()).toEqual([ann, bob]);
  expect(tale.room.view(bob)).toMatchObject({ count: 2, settings: { pin: true }, data: [{ key: "k", version: 1 }] });
  tale.settings("a", { presence: "count" });
  expect(ids()).toEqual([bob]);
  expect(tale.room.view(bob).count).toBe(2);
  tale.settings("a", { presence: "none" });
  expect(tale.room.view(bob).count).toBe(1);
  expect(tale.room.view(cid)).toMatchObject({ members: [], count: 0 });
});

test("kinds and words of newer versions are skipped or refused, and throw nothing", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const strange = (entry: unknown): never => entry as never;
  expect(tale.tell(strange({ kind: "dance" }))).toEqual({ type: "unknown_kind" });
  expect(tale.moderate("a", strange({ action: "hug", member: bob }))).toMatchObject(refused("unknown_type"));
  expect(tale.role("a", "b", strange("owner"))).toMatchObject(refused("malformed"));
  expect(tale.settings("a", strange({ type: "eternal" }))).toMatchObject(refused("malformed"));
  tale.join("c", { role: strange("owner") });
  expect(roles(tale)).toBe("a:moderator b:participant c:participant");
});

test("an upgrade raises the rules and never lowers them", () => {
  const tale = new Tale();
  expect(tale.tell({ kind: "upgrade", rules: 3 }).type).toBe("upgraded");
  expect(tale.tell({ kind: "upgrade", rules: 2 }).type).toBe("none");
  expect(tale.room.rules).toBe(3);
});

test("judging changes nothing, and knows the repeated from the refused", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.broadcast("a");
  const before = tale.room.digest();
  expect(tale.room.judge(joinOf("c"))).toBeUndefined();
  expect(tale.room.judge(joinOf("a", { epoch: epoch(0) }))).toEqual({ reason: "superseded" });
  expect(tale.room.judge({ kind: "broadcast", ...tale.said("a", { n: 1 }), body: body(1) })).toBe("repeated");
  expect(tale.room.judge({ kind: "settings", ...tale.said("b"), change: {} })).toMatchObject({ reason: "forbidden" });
  expect(tale.room.digest()).toBe(before);
});

test("an effect shows the member it is about", () => {
  const tale = new Tale();
  expect(memberOf(tale.join("a"))).toBe(ann);
  expect(memberOf(tale.away("a"))).toBe(ann);
  expect(memberOf(tale.back("a", epoch(2)))).toBe(ann);
});
