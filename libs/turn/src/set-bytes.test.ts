// A set comes back as it was written; what is no set is refused, and what a newer version adds is passed over.
import fc from "fast-check";
import { expect, test } from "vitest";
import { eu, iceSet, us } from "../contract/fixtures.ts";
import type { SharedSet } from "./set-bytes.ts";
import { readSet, writeSet } from "./set-bytes.ts";

const utf8 = new TextEncoder();
const full: SharedSet = {
  set: iceSet({
    zones: [eu, { ...us, hidden: true }],
    stun: ["stun:stun.example.org"],
    geo: "https://turn.example.org/geo",
    session: "opaque",
  }),
  accountEndsAt: 1_900_000_000_000,
};

/** The JSON of the full set with other members. */
function changed(members: object): Uint8Array {
  return utf8.encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(writeSet(full))), ...members }));
}

test("a set comes back as it was written, whatever is absent", () => {
  expect(readSet(writeSet(full))).toEqual(full);
  const bare: SharedSet = {
    set: { username: "u", password: "p", zones: [{ id: "default", priority: 0, urls: ["turn:a.example"] }], stun: [] },
  };
  expect(readSet(writeSet(bare))).toEqual(bare);
});

test("any login and any names come back", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, fc.option(text, { nil: undefined }), (username, password, label, session) => {
      const set = iceSet({
        username,
        password,
        zones: [{ ...eu, id: label, label }],
        ...(session === undefined ? {} : { session }),
      });
      expect(readSet(writeSet({ set }))?.set).toEqual(set);
    }),
  );
});

test("members of a newer version are passed over", () => {
  const newer = { later: { deep: [1, 2, 3] }, zones: [{ ...eu, weight: 3 }, us], session: "opaque" };
  const expected = { ...full, set: { ...full.set, zones: [eu, us] } };
  expect(readSet(changed(newer))).toEqual(expected);
});

test("optional members of another kind, URLs that are none and zones without any are passed over too", () => {
  const odd = {
    geo: 7,
    session: "",
    accountEndsAt: "tomorrow",
    stun: ["stun:a.example", "stun:a.example?transport=udp", 5],
    zones: [
      { ...eu, label: 5, labels: { de: 4, en: "Europe" }, hidden: "yes", regions: ["r", 1] },
      { ...us, urls: ["http://us.example"] },
      "zone",
    ],
  };
  const { label: _, hidden: __, ...zone } = { ...eu, hidden: true };
  expect(readSet(changed(odd))).toEqual({
    set: {
      username: full.set.username,
      password: full.set.password,
      zones: [{ ...zone, labels: { en: "Europe" }, regions: ["r"] }],
      stun: ["stun:a.example"],
    },
  });
});

test.each([
  ["no username", { username: undefined }],
  ["an empty password", { password: "" }],
  ["a username of 510 bytes", { username: "x".repeat(510) }],
  ["no zones", { zones: [] }],
  ["zones of another kind", { zones: { eu } }],
  ["zones without a URL", { zones: [{ ...eu, urls: [] }] }],
  ["a zone without a priority", { zones: [{ ...eu, priority: "1" }] }],
])("%s: no set", (_, members) => {
  expect(readSet(changed(members))).toBeUndefined();
});

test("no bytes make it throw", () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => utf8.encode(text)),
  );
  fc.assert(fc.property(junk, (bytes) => void readSet(bytes)));
  expect(readSet(utf8.encode("[]"))).toBeUndefined();
  expect(readSet(utf8.encode(`{"a":${"[".repeat(20)}${"]".repeat(20)}}`))).toBeUndefined();
  expect(readSet(new Uint8Array(300_000))).toBeUndefined();
});
