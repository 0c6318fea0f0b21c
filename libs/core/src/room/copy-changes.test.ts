// Moving copies on by their differences.
import { expect, test } from "vitest";
import { changesBetween, withChanges } from "./copy-changes.ts";
import { body, Tale } from "./tale.ts";

test("only what changed is sent", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c");
  tale.data("a", "k");
  tale.data("b", "l", { value: body(1), owned: true });
  const before = tale.room.toCopy();
  tale.broadcast("c");
  tale.leave("b");
  const changes = changesBetween(before, tale.room.toCopy());
  expect(changes.members.map(({ id }) => id[0])).toEqual(["c"]);
  expect(changes.membersGone.map((id) => id[0])).toEqual(["b"]);
  expect(changes.data).toEqual([]);
  expect(changes.dataGone).toEqual(["l"]);
});

test("a new stay is a change even when all else looks the same", () => {
  const tale = new Tale();
  tale.joinAll("a", "b");
  const before = tale.room.toCopy();
  const members = before.members.map((member) => ({ ...member, joined: { ...member.joined, seq: 9 }, grace: 1 }));
  const after = { ...before, members };
  expect(withChanges(before, changesBetween(before, after))).toEqual(after);
});

test("a store gets the order back from what members and values are", () => {
  const tale = new Tale();
  tale.joinAll("a", "b", "c");
  tale.data("a", "k");
  tale.data("a", "l");
  const { members, data, ...rest } = tale.room.toCopy();
  const before = { ...rest, members: members.toReversed(), data: data.toReversed() };
  tale.data("a", "k");
  const after = tale.room.toCopy();
  expect(withChanges(before, changesBetween(before, after))).toEqual(after);
});

test("another profile is a change by itself, and so is each of its parts", () => {
  const tale = new Tale();
  tale.join("a", { profile: { name: "a", status: "here", picture: "p" } });
  const before = tale.room.toCopy();
  const parts = [
    { name: "b" },
    { status: "away" },
    { picture: "q" },
    { own: body(3) },
    { own: body(3, 1) },
    { own: body(4) },
  ];
  let last = before;
  for (const part of parts) {
    const members = last.members.map((member) => ({ ...member, profile: { ...member.profile, ...part } }));
    const after = { ...last, members };
    expect(withChanges(last, changesBetween(last, after))).toEqual(after);
    last = after;
  }
});
