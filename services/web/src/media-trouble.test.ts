import { expect, test } from "vitest";
import { closedDoor, troubleWith } from "./media-trouble.ts";

const failure = (name: string) => new DOMException("x", name);

test("denied, missing and busy devices are told apart, each with a way out", () => {
  expect(troubleWith(["video"], failure("NotAllowedError"))).toMatchObject({ title: "Your camera is blocked" });
  expect(troubleWith(["audio"], failure("NotFoundError"))).toMatchObject({ title: "No microphone found" });
  expect(troubleWith(["audio", "video"], failure("NotReadableError"))?.says).toMatch(/Another program.*them/u);
});

test("closing the browser's screen picker is no trouble", () => {
  expect(troubleWith(["screen"], failure("NotAllowedError"))).toBeUndefined();
});

test("an unheard-of failure still ends in words", () => {
  expect(troubleWith(["video"], "what?")?.says.length).toBeGreaterThan(10);
});

test("plain HTTP from another host is explained, localhost is fine", () => {
  expect(closedDoor({ isSecureContext: false, hasDevices: false })).toMatch(/https/u);
  expect(closedDoor({ isSecureContext: true, hasDevices: true })).toBeUndefined();
  expect(closedDoor({ isSecureContext: true, hasDevices: false })).toMatch(/no access/u);
});
