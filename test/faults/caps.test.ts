// Names, keys and values as long, as many and as strange as they may be, all the way into Redis and NATS, and beyond that.
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { copyOf, edgesOf } from "./room.ts";
import { within } from "./within.ts";

/** 256 bytes of UTF-8, with whatever separates keys, tags, subjects, wildcards and patterns. */
const strange = `{r:default:tea}*>.$?[^a]\\"'%00 =2e é ☃ 🛰 ${"ü".repeat(112)}`.normalize();
const keyCharacters = 128;

fault("arguments at the caps", { timeout: 90_000 }, async (house, measured) => {
  const [east, west] = await edgesOf(house, 2);
  const name = fitted(strange, 256);
  const ann = await house.member([east], name);
  const body = "x".repeat(59_000);
  // Until the room has no room for more: what was refused stands nowhere.
  const keys: string[] = [];
  for (let at = 0; at < 64; at += 1) {
    const key = `${at}:{x}:${strange}`.slice(0, keyCharacters);
    const refused = await ann.room.setData(key, body).catch((error: unknown) => error);
    if (refused === undefined) keys.push(key);
    else expect(refused).toMatchObject({ name: "Refusal", reason: "too_large" });
  }
  expect(keys.length).toBeGreaterThan(3);
  expect(keys.length).toBeLessThan(64);
  await ann.room.setProfile({ name: fitted(strange, 256), status: "s".repeat(200) });
  const stands = async (): Promise<boolean> => {
    const copy = await copyOf(house, name);
    return copy?.data.length === keys.length && copy.members[0]?.profile.status?.length === 200;
  };
  measured(
    `a copy with ${keys.length} values of 59 KB stands after`,
    await within(10_000, "the copy is whole", stands),
  );
  await ann.room.deleteData(keys[0] ?? "");
  await within(
    10_000,
    "the copy has moved on",
    async () => (await copyOf(house, name))?.data.length === keys.length - 1,
  );
  await house.ground.loseMemory();
  await within(
    10_000,
    "the copy is written again",
    async () => (await copyOf(house, name))?.data.length === keys.length - 1,
  );
  // Its state is larger than a message may be: the other node gets it all the same.
  const bob = await house.member([west], name, { speaks: "msgpack" });
  expect([...bob.room.data.keys()].toSorted()).toStrictEqual(keys.slice(1).toSorted());
  expect(bob.room.data.get(keys[2] ?? "")?.value).toBe(body);

  const eve = await Guest.welcomed(east);
  expect(await eve.join(`${name}x`)).toMatchObject({ type: "refused", reason: "too_large" });
  eve.leaves();
  await expect(ann.room.setData("y".repeat(5_000), 1)).rejects.toMatchObject({ name: "Refusal" });
  await expect(ann.room.setProfile({ name: "n".repeat(70_000) })).rejects.toMatchObject({ name: "Refusal" });
  await ann.say("still here");
  await within(5_000, "bob hears it", () => bob.lines.includes("still here"));
  expect(house.seen("link")).toStrictEqual([]);
  expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
});

/** As much of the text as fits into so many bytes of UTF-8, whole characters only, and filled up. */
function fitted(text: string, bytes: number): string {
  let fits = "";
  for (const character of text) {
    if (Buffer.byteLength(fits + character) > bytes) break;
    fits += character;
  }
  return fits + "a".repeat(bytes - Buffer.byteLength(fits));
}
