import { expect, test } from "vitest";
import { roomFromTyped } from "./room-link.ts";
import { newRoomName, pageRandom } from "./room-names.ts";

test("a new room's name is two words and a tail, and is a legal name", () => {
  const name = newRoomName(pageRandom);
  expect(name).toMatch(/^[a-z]+-[a-z]+-[a-z2-9]{4}$/u);
  expect(roomFromTyped(name)).toBe(name);
});

test("the first and the last word of each list can be drawn", () => {
  expect(newRoomName(() => 0)).toBe("amber-bay-aaaa");
  expect(newRoomName((below) => below - 1)).toBe("wide-valley-9999");
});
