import { describe, expect, test } from "vitest";
import { eu, us } from "../contract/fixtures.ts";
import { defaultStun, stunBeside } from "./stun-list.ts";

describe("STUN where the operator named no list", () => {
  test("is asked of our own TURN servers, two at most, by priority", () => {
    expect(defaultStun([us, eu])).toEqual(["stun:eu.turn.example.org:3478", "stun:us.turn.example.org:3478"]);
    expect(defaultStun([us, eu, { ...eu, id: "third", priority: 30, urls: ["turn:third.example"] }])).toHaveLength(2);
    expect(defaultStun([eu, { ...eu, id: "same" }])).toEqual(["stun:eu.turn.example.org:3478"]);
  });

  test("goes to the port that speaks UDP, or to the usual one where none is named", () => {
    const at = (...urls: readonly string[]) => defaultStun([{ id: "z", priority: 1, urls }]);
    expect(at("turns:[2001:db8::1]:443", "turn:[2001:db8::1]:5000?transport=udp")).toEqual(["stun:[2001:db8::1]:5000"]);
    expect(at("turns:h.example:443?transport=tcp")).toEqual(["stun:h.example"]);
  });

  test("is asked of a public server only where there is none of our own", () => {
    expect(defaultStun([])).toEqual(["stun:stun.l.google.com:19302"]);
    expect(defaultStun([eu]).join()).not.toContain("google");
  });
});

describe("STUN beside TURN", () => {
  const list = ["stun:a.example", "stun:us.turn.example.org:3478", "stun:c.example"];

  test("takes what room there is, the host of the zone first, two at most", () => {
    expect(stunBeside(list, us.urls, 1)).toEqual(["stun:us.turn.example.org:3478"]);
    expect(stunBeside(list, us.urls, 5)).toEqual(["stun:us.turn.example.org:3478", "stun:a.example"]);
    expect(stunBeside(list, [], 4)).toEqual(["stun:a.example", "stun:us.turn.example.org:3478"]);
  });

  test("is left out where there is no room, or no list", () => {
    expect(stunBeside(list, us.urls, 0)).toEqual([]);
    expect(stunBeside(list, us.urls, -1)).toEqual([]);
    expect(stunBeside([], us.urls, 4)).toEqual([]);
  });
});
