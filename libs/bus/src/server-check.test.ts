import { defaultSettings } from "@heliograph/core";
import { expect, test } from "vitest";
import { checkServer } from "./server-check.ts";

const server = { version: "2.12.0", maxPayload: 1_048_576, jetStream: true };

test("the usual server of a version that will do passes, and is not asked before it is known", () => {
  expect(() => checkServer(server, { largestFrame: 65_536 })).not.toThrow();
  expect(() => checkServer(undefined, { largestFrame: 65_536 })).not.toThrow();
  expect(() => checkServer({ ...server, version: "3.0.1-beta.2" }, { largestFrame: 65_536 })).not.toThrow();
});

test.each(["2.9.10", "2.11.99", "1.99.0"])("version %s is refused, in words that say what to take", (version) => {
  expect(() => checkServer({ ...server, version }, { largestFrame: 65_536 })).toThrow(/2\.12 or newer/);
});

test("a server without JetStream is refused", () => {
  expect(() => checkServer({ ...server, jetStream: false }, { largestFrame: 65_536 })).toThrow(/JetStream/);
});

test("what is sent must fit: a bundle of many small entries as well as the largest frame", () => {
  const least = defaultSettings.bundleBytes + 65_536;
  expect(() => checkServer({ ...server, maxPayload: least }, { largestFrame: 65_536 })).not.toThrow();
  expect(() => checkServer({ ...server, maxPayload: least - 1 }, { largestFrame: 65_536 })).toThrow(
    `bundles of 262144 bytes: set max_payload to at least ${least} `,
  );
  expect(() => checkServer(server, { largestFrame: 1 << 20 })).toThrow(
    /frames of 1048576 bytes: set max_payload to at least 1114112 .* or lower the largest frame/,
  );
});
