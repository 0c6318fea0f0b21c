import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesOfAddress, readXorAddress, writeXorAddress } from "./stun-address.ts";

const transaction = Uint8Array.from({ length: 12 }, (_, i) => i * 17);

function there(address: string): string | undefined {
  return readXorAddress(writeXorAddress({ address, port: 9 }, transaction), transaction)?.address;
}

describe("addresses in STUN messages", () => {
  test.for([
    ["192.0.2.1", "192.0.2.1"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::1", "fe80::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["64:ff9b::10.0.0.1", "64:ff9b::a00:1"],
    ["::ffff:10.0.0.1", "::ffff:a00:1"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["2001:db8::", "2001:db8::"],
  ] as const)("%s comes back as %s", ([written, read]) => {
    expect(there(written)).toBe(read);
  });

  test("of either family come back byte by byte, with the port", () => {
    const octets = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(octets, fc.nat({ max: 65_535 }), (bytes, port) => {
        const address =
          bytes.length === 4
            ? bytes.join(".")
            : Array.from({ length: 8 }, (_, i) =>
                (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
              ).join(":");
        const read = readXorAddress(writeXorAddress({ address, port }, transaction), transaction);
        expect(read?.port).toBe(port);
        expect(bytesOfAddress(read?.address ?? "")).toEqual(bytes);
      }),
    );
  });

  test.for(["", "localhost", "1.2.3", "::1%eth0", "[::1]", "256.1.1.1"])("%j is none", (text) => {
    expect(bytesOfAddress(text)).toBeUndefined();
  });

  test("are told from other bytes without throwing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (value) => {
        readXorAddress(value, transaction);
      }),
    );
  });
});
