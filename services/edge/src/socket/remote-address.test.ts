// Addresses as text.
import fc from "fast-check";
import { expect, test } from "vitest";
import { addressOfBytes, addressOfText } from "./remote-address.ts";

test("every IPv6 address is written as a URL writes it", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16, max: 2 }), (bytes) => {
      const groups: string[] = [];
      for (let at = 0; at < 16; at += 2) groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
      expect(`[${addressOfBytes(bytes)}]`).toBe(new URL(`http://[${groups.join(":")}]`).hostname);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  [[127, 0, 0, 1], "127.0.0.1"],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3], "10.1.2.3"],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "::1"],
  [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "::"],
  [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "2001:db8:0:1:1:1:1:1"],
  [[], ""],
])("%j is %s", (bytes, written) => {
  expect(addressOfBytes(Uint8Array.from(bytes))).toBe(written);
});

test.each([
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["::FFFF:10.1.2.3", "10.1.2.3"],
  ["fe80::1%eth0", "fe80::1"],
  ["2001:db8::1", "2001:db8::1"],
  ["10.1.2.3", "10.1.2.3"],
  [undefined, ""],
])("Node's %s is %s", (address, written) => {
  expect(addressOfText(address)).toBe(written);
});
