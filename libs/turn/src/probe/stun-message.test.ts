import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readXorAddress } from "./stun-address.ts";
import { attributeOf, errorOf, readStun, writeStun } from "./stun-message.ts";
import { attributes, methods } from "./stun-numbers.ts";

// The samples of RFC 5769, sections 2.1 to 2.4.
const shortTerm = Buffer.from("VOkJxbRl1RmTxUk/WvJxBt");
const request = bytes(
  "000100582112a442b7e7a701bc34d686fa87dfae80220010 5354554e207465737420636c69656e74 002400046e0001ff",
  "80290008932ff9b151263b36 000600096576746a3a68367659202020",
  "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 80280004e57a3bcf",
);
const answerV4 = bytes(
  "0101003c2112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220 002000080001a147e112a643",
  "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 80280004c07d4c96",
);
const answerV6 = bytes(
  "010100482112a442b7e7a701bc34d686fa87dfae 8022000b7465737420766563746f7220",
  "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9 00080014 a382954e4be67bf11784c97c8292c275bfe3ed41 80280004c8fb0b4c",
);
const longTerm = bytes(
  "000100602112a44278ad3433c6ad72c029da412e 00060012e3839ee38388e383aae38383e382afe382b90000",
  "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f726700",
  "00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666",
);

function bytes(...hex: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.join("").replaceAll(" ", ""), "hex"));
}

function nameOf(text: Uint8Array | undefined): string {
  return new TextDecoder().decode(text);
}

describe("STUN messages", () => {
  test("of RFC 5769 are read, and their signatures hold", () => {
    for (const sample of [request, answerV4, answerV6]) {
      const read = readStun(sample);
      expect(read?.isSignedBy(shortTerm)).toBe(true);
      expect(read?.isSignedBy(Buffer.from("another"))).toBe(false);
      expect(read?.method).toBe(methods.binding);
    }
    expect(readStun(request)?.kind).toBe("request");
    const v4 = readStun(answerV4);
    expect(v4?.kind).toBe("success");
    expect(v4 && readXorAddress(attributeOf(v4, attributes.xorMappedAddress), v4.transaction)).toEqual({
      address: "192.0.2.1",
      port: 32_853,
    });
    const v6 = readStun(answerV6);
    expect(v6 && readXorAddress(attributeOf(v6, attributes.xorMappedAddress), v6.transaction)).toEqual({
      address: "2001:db8:1234:5678:11:2233:4455:6677",
      port: 32_853,
    });
  });

  test("with a long-term login of RFC 5769 hold under the key of its name, realm and password", () => {
    const read = readStun(longTerm);
    const username = read && nameOf(attributeOf(read, attributes.username));
    expect(username).toBe("マトリックス");
    const key = createHash("md5").update(`${username}:example.org:TheMatrIX`).digest();
    expect(read?.isSignedBy(key)).toBe(true);
  });

  test("that are written are read as they were", () => {
    const attribute = fc.record({
      type: fc.integer({ min: 0x0020, max: 0x7fff }),
      value: fc.uint8Array({ maxLength: 40 }),
    });
    const message = fc.record({
      kind: fc.constantFrom("request", "indication", "success", "error"),
      method: fc.integer({ min: 0, max: 0xfff }),
      transaction: fc.uint8Array({ minLength: 12, maxLength: 12 }),
      attributes: fc.array(attribute, { maxLength: 6 }),
    });
    fc.assert(
      fc.property(message, fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 })), (written, key) => {
        const read = readStun(writeStun(written, key ?? undefined));
        expect(read).toMatchObject(written);
        expect(read?.isSignedBy(key ?? new Uint8Array(1))).toBe(key !== null);
      }),
    );
  });

  test("are refused when a bit of them is another one: their fingerprint does not fit", () => {
    fc.assert(
      fc.property(fc.nat({ max: answerV4.length * 8 - 1 }), (bit) => {
        const wrong = Uint8Array.from(answerV4);
        wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const read = readStun(wrong);
        // The type of the fingerprint itself is what says that there is one.
        expect(read === undefined || !read.isSignedBy(shortTerm) || bit >> 3 >= answerV4.length - 8).toBe(true);
      }),
    );
  });

  test("are told from any other bytes without throwing", () => {
    const header = fc.uint8Array({ maxLength: 80 }).map((rest) => {
      const whole = new Uint8Array(20 + rest.length);
      whole.set([1, 1, rest.length >> 8, rest.length & 0xff, 0x21, 0x12, 0xa4, 0x42]);
      whole.set(rest, 20);
      return whole;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), header), (anything) => {
        const read = readStun(anything);
        if (read === undefined) return;
        read.isSignedBy(shortTerm);
        errorOf(read);
        for (const { type, value } of read.attributes) {
          readXorAddress(value, read.transaction);
          attributeOf(read, type);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.for([
    ["an attribute", "00150020", "01020304"],
    ["a signature", "00080014", "01020304"],
    ["a fingerprint", "80280004", ""],
  ] as const)("are refused where %s runs past their end", ([, head, rest]) => {
    const length = (head.length + rest.length) / 2;
    const whole = bytes("0101", length.toString(16).padStart(4, "0"), "2112a442", "00".repeat(12), head, rest);
    expect(readStun(whole)).toBeUndefined();
  });

  test("give nothing of what stands behind the signature, which anybody may have added", () => {
    const at = answerV4.length - 8;
    const added = new Uint8Array(at + 8);
    added.set(answerV4.subarray(0, at));
    added.set([0x00, 0x15, 0x00, 0x04, 1, 2, 3, 4], at);
    const read = readStun(added);
    expect(read?.isSignedBy(shortTerm)).toBe(true);
    expect(read && attributeOf(read, attributes.nonce)).toBeUndefined();
  });

  test("hold an error as a code and words without control characters", () => {
    const value = Uint8Array.of(0, 0, 4, 38, ...Buffer.from("Stale\u001b[2J nonce"));
    const error = { type: attributes.errorCode, value };
    const read = readStun(
      writeStun({ kind: "error", method: methods.allocate, transaction: new Uint8Array(12), attributes: [error] }),
    );
    expect(read && errorOf(read)).toEqual({ code: 438, reason: "Stale[2J nonce" });
  });
});
