// Moderators: what they may do, and who becomes one.
import { expect, test } from "vitest";
import { member, session } from "./cast.ts";
import { Room } from "./room.ts";
import { epoch, Tale, taleKey, taleRules } from "./tale.ts";

const refused = (reason: string): object => ({ type: "refused", reason });
const [ann, bob, cid] = [member("a"), member("b"), member("c")];

function roles(tale: Tale): string {
  return [...tale.room.members()].map(({ id, role }) => `${id[0]}:${role}`).join(" ");
}

test("when the last moderator has gone, whoever has been there longest moderates, the present first", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c", "d");
  tale.away("b");
  expect(tale.leave("a")).toMatchObject({ type: "left", successor: { id: cid } });
  expect(roles(tale)).toBe("b:participant c:moderator d:participant");
  tale.role("c", "d", "moderator");
  const left = tale.leave("c");
  expect("successor" in left).toBe(false);
});

test("only the away are left: the longest of them moderates", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c");
  tale.away("b");
  tale.away("c");
  tale.leave("a");
  expect(roles(tale)).toBe("b:moderator c:participant");
});

test("the last moderator steps down only when alone or when another is there", () => {
  const tale = new Tale();
  tale.join("a");
  expect(tale.role("a", "a", "participant").type).toBe("moderated");
  const other = new Tale();
  other.joinAll("a", "b");
  expect(other.role("a", "a", "viewer")).toMatchObject(refused("forbidden"));
  expect(other.role("a", "a", "moderator").type).toBe("moderated");
  other.role("a", "b", "moderator");
  expect(other.role("a", "a", "viewer").type).toBe("moderated");
  expect(roles(other)).toBe("a:viewer b:moderator");
});

test("nobody removes or bans itself", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  expect(tale.moderate("a", { action: "remove", member: ann })).toMatchObject(refused("forbidden"));
  expect(tale.moderate("a", { action: "ban", member: ann })).toMatchObject(refused("forbidden"));
});

test("removed members may come back with a new epoch, banned ones not, nor anybody with their marks", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  tale.join("c", { marks: ["address", "user"] });
  const removed = tale.moderate("a", { action: "remove", member: bob });
  expect(removed).toMatchObject({ type: "moderated", target: { id: bob }, farewell: { removed: [], emptied: false } });
  expect(tale.join("b", { epoch: epoch(2) }).type).toBe("joined");
  expect(tale.moderate("a", { action: "ban", member: cid })).toMatchObject({ type: "moderated", target: { id: cid } });
  expect(tale.join("c", { epoch: epoch(2) })).toEqual(refused("banned"));
  expect(tale.join("d", { marks: ["other", "user"] })).toEqual(refused("banned"));
  expect(tale.room.banned(session("c"), [])).toBe(true);
  expect(tale.room.banned(session("d"), ["address"])).toBe(true);
  expect(tale.room.banned(session("d"), ["c"])).toBe(false);
});

test("unbanning takes the marks with it", () => {
  const tale = new Tale();
  tale.joinAll("a");
  tale.join("c", { marks: ["address"] });
  tale.moderate("a", { action: "ban", member: cid });
  // Banning again someone who is out keeps what is known.
  tale.moderate("a", { action: "ban", member: cid });
  expect(tale.room.banned(session("d"), ["address"])).toBe(true);
  expect(tale.moderate("a", { action: "unban", member: cid }).type).toBe("moderated");
  expect(tale.room.banned(session("d"), ["address"])).toBe(false);
  expect(tale.room.toCopy().bans).toEqual([]);
  expect(tale.join("c", { epoch: epoch(2) }).type).toBe("joined");
});

test("someone who is out can be banned, and after 1,000 bans the oldest ends", () => {
  const tale = new Tale();
  tale.join("a");
  tale.moderate("a", { action: "ban", member: bob });
  expect(tale.join("b")).toEqual(refused("banned"));
  const copy = tale.room.toCopy();
  const bans = [...copy.bans, ...Array.from({ length: 999 }, (_, i) => `${i}\n${i}`)];
  tale.room = Room.revive(taleKey(), { ...copy, bans }, taleRules);
  tale.moderate("a", { action: "ban", member: cid });
  expect(tale.room.toCopy().bans).toHaveLength(1000);
  expect(tale.join("b").type).toBe("joined");
});

test("muting asks and changes nothing; its target must be there", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const before = tale.room.toCopy();
  expect(tale.moderate("a", { action: "mute", member: bob, media: "all" })).toMatchObject({ type: "moderated" });
  expect(tale.room.toCopy().members[1]).toEqual(before.members[1]);
  expect(tale.moderate("a", { action: "mute", member: cid, media: "all" })).toEqual(refused("unknown_peer"));
});
