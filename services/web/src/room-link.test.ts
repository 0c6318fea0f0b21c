import fc from "fast-check";
import { expect, test } from "vitest";
import { baseOf, roomFromPath, roomFromTyped, roomLink, roomPath, socketUrl } from "./room-link.ts";

test("a room's path leads back to the room", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 64, unit: "grapheme" }), (typed) => {
      const room = roomFromTyped(typed);
      if (room !== undefined) expect(roomFromPath(roomPath(room))).toBe(room);
    }),
    { seed: 3 },
  );
});

test("no path makes the page throw", () => {
  fc.assert(
    fc.property(fc.string(), (rest) => {
      roomFromPath(`/r/${rest}`);
    }),
    { seed: 4 },
  );
});

test("the front page is for no room", () => {
  expect(roomFromPath("/")).toBeUndefined();
  expect(roomFromPath("/r/")).toBeUndefined();
  expect(roomFromPath("/rooms/x")).toBeUndefined();
});

test("a broken escape in a link is no room rather than an exception", () => {
  expect(roomFromPath("/r/%E0%A4%A")).toBeUndefined();
});

test("what a person types becomes a name that reads well in a link", () => {
  expect(roomFromTyped("  Team  stand-up ")).toBe("Team-stand-up");
  expect(roomFromTyped("café")).toBe("café");
});

test("a pasted link is understood as the room it leads to", () => {
  expect(roomFromTyped("https://call.example/r/amber-harbor-k7m2")).toBe("amber-harbor-k7m2");
  expect(roomFromTyped("https://call.example/elsewhere")).toBeUndefined();
});

test("names the cluster or a link could not carry are refused", () => {
  for (const bad of ["", "   ", "a/b", "..", "tab\u0007", "x".repeat(65)]) expect(roomFromTyped(bad)).toBeUndefined();
});

test("the link to share is absolute and escaped", () => {
  expect(roomLink("https://call.example", "café 1")).toBe("https://call.example/r/caf%C3%A9%201");
});

test("the socket is on the page's own host, encrypted when the page is", () => {
  expect(socketUrl({ protocol: "http:", host: "localhost:8080" })).toBe("ws://localhost:8080/v1/socket");
  expect(socketUrl({ protocol: "https:", host: "call.example" })).toBe("wss://call.example/v1/socket");
});

test("below a base path rooms, links and the socket are all below it", () => {
  const base = baseOf("https://call.example/calls/assets/index-1a2b.js");
  expect(base).toBe("/calls/");
  expect(roomFromPath("/calls/r/tea", base)).toBe("tea");
  expect(roomFromPath("/r/tea", base)).toBeUndefined();
  expect(roomFromTyped("https://call.example/calls/r/tea", base)).toBe("tea");
  expect(roomLink("https://call.example", "tea", base)).toBe("https://call.example/calls/r/tea");
  expect(socketUrl({ protocol: "https:", host: "call.example" }, base)).toBe("wss://call.example/calls/v1/socket");
});

test("without one, built or not, the base is the root", () => {
  expect(baseOf("http://localhost:8080/assets/index-1a2b.js?x")).toBe("/");
  expect(baseOf("http://localhost:5173/src/main.ts")).toBe("/");
});
