// Names that people choose can forge no key, and what one script touches falls into one slot.
import { parseNodeId, parsePictureId, parseRealm, parseRoomName, parseSessionId, roomKey } from "@heliograph/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyPrefix, keys } from "./keys.ts";
import { slotOf } from "./slot.ts";

function must<T>(outcome: { ok: true; value: T } | { ok: false }): T {
  if (!outcome.ok) throw new Error("a name was refused");
  return outcome.value;
}

const [realm, other] = ["realm", "realm-2"].map((name) => must(parseRealm(name)));
const session = must(parseSessionId("session---------------"));
const picture = must(parsePictureId("picture-------------"));
const node = must(parseNodeId("node------------------"));
if (realm === undefined || other === undefined) throw new Error("two realms were named");

const name = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom("{", "}", ":", "%", "a", "answers", "turn", "set", "counts", "messages", "hg"),
    minLength: 1,
    maxLength: 6,
  }),
);

test("no two things share a key, whatever they are called", () => {
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 6 }), (names) => {
      const all = names.flatMap((each) => [
        keys.user(realm, each),
        keys.user(other, each),
        keys.counter(each),
        keys.code(realm, each),
        keys.answers(realm, each),
        keys.messages(realm, each),
        ...Object.values(keys.ice(each)),
      ]);
      all.push(keys.codeCounts(realm), keys.nodes(), keys.rooms(node), keys.session(realm, session));
      all.push(keys.picture(picture), keys.life(0), keys.life(1));
      for (const room of names.map(parseRoomName)) if (room.ok) all.push(keys.room(roomKey(realm, room.value)));
      expect(new Set(all).size).toBe(all.length);
      for (const key of all) expect(key).toMatch(/^hg:(nodes|\{[^{}]+\}[^{}]*)$/);
      for (const key of all) expect(key.startsWith(keyPrefix)).toBe(true);
    }),
  );
});

test("an offer, an answer and what hangs on them stand in one slot", () => {
  fc.assert(
    fc.property(name, name, (offer, answer) => {
      const of = [
        keys.code(realm, offer),
        keys.code(realm, answer),
        keys.answers(realm, offer),
        keys.messages(realm, offer),
        keys.codeCounts(realm),
      ];
      expect(new Set(of.map(slotOf)).size).toBe(1);
    }),
  );
});

test("all of one provider of TURN stands in one slot", () => {
  fc.assert(
    fc.property(name, (provider) => {
      expect(new Set(Object.values(keys.ice(provider)).map(slotOf)).size).toBe(1);
    }),
  );
});

test("slots are those of the Cluster specification", () => {
  // As `CLUSTER KEYSLOT` answers them.
  expect(slotOf("123456789")).toBe(12_739);
  expect(slotOf("foo")).toBe(12_182);
  expect(slotOf("{foo}.bar")).toBe(12_182);
  expect(slotOf("foo{}{bar}")).toBe(8_363);
  expect(slotOf("hg:{life:0}")).toBe(slotOf("life:0"));
});
