// JSON keeps the codec contract, and refuses what only JSON can get wrong.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostileWriter } from "../contract/codec.contract.ts";
import { checkAgreement, codecContract, expectRefused, expectSame, read } from "../contract/codec.contract.ts";
import { keyText, wide } from "../contract/values.ts";
import { createJsonCodec } from "./json.ts";

const utf8 = new TextEncoder();
const bytesOf = (text: string): Uint8Array => utf8.encode(text);

const hostile: HostileWriter = {
  nested: (levels) => bytesOf("[".repeat(levels) + "]".repeat(levels)),
  object: (members) =>
    bytesOf(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`),
};

codecContract("json", createJsonCodec, hostile);

describe("JSON", { timeout: 60_000 }, () => {
  const codec = createJsonCodec(wide);

  test("is written as JSON.stringify writes it, and travels as text", () => {
    expect(new TextDecoder().decode(codec.encode({ a: [1, "\u00e9"], b: null }))).toBe('{"a":[1,"\u00e9"],"b":null}');
    expect(new TextDecoder().decode(codec.splice({}, "b", bytesOf("[1]")))).toBe('{"b":[1]}');
    expect(new TextDecoder().decode(codec.splice({ a: 1 }, 'q"', bytesOf("{}")))).toBe('{"a":1,"q\\"":{}}');
    expect(codec.binary).toBe(false);
  });

  test("what is not JSON is malformed", () => {
    const broken = [
      " ",
      "{",
      "}",
      "[1,]",
      "{,}",
      '{"a"}',
      '{"a":1,}',
      "{a:1}",
      "'a'",
      "01",
      "+1",
      ".5",
      "1.",
      "NaN",
      "Infinity",
      "undefined",
      "tru",
      '"a',
      '"\n"',
      '"\\x"',
      '"\\u12"',
      "1 2",
      "{}{}",
      "[1]]",
      "// c\n1",
      "\ufeff{}",
      "{}\ufeff",
      "\u00a01",
      '{"a":1}\0',
      "[}",
      '{"a":]',
    ];
    for (const text of broken) expectRefused(codec, bytesOf(text), "malformed");
  });

  test("broken UTF-8 is malformed, in text and in names", () => {
    for (const middle of [
      [0x80],
      [0xc3],
      [0xc0, 0xaf],
      [0xe2, 0x82],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xff],
    ]) {
      expectRefused(codec, Uint8Array.from([0x22, ...middle, 0x22]), "malformed");
      expectRefused(codec, Uint8Array.from([0x7b, 0x22, ...middle, 0x22, 0x3a, 0x31, 0x7d]), "malformed");
    }
  });

  test("half a surrogate pair is malformed, a whole one is read", () => {
    for (const text of ['"\\ud83d"', '"\\ude00\\ud83d"', '["a\\uDfffb"]', '{"\\ud800":1}']) {
      expectRefused(codec, bytesOf(text), "malformed");
    }
    expectSame(read(codec, bytesOf('"\\ud83d\\ude00"')), "\u{1f600}");
    expectSame(read(codec, bytesOf('"\\\\ud83d"')), "\\ud83d");
  });

  test("numbers that are not finite are malformed, large ones are rounded", () => {
    for (const text of ["1e999", "[-1e999]", '{"a":1e400}', `1${"0".repeat(400)}`]) {
      expectRefused(codec, bytesOf(text), "malformed");
    }
    expectSame(read(codec, bytesOf("1152921504606846977")), 2 ** 60);
    expectSame(read(codec, bytesOf("1e-999")), 0);
    expectSame(read(codec, bytesOf("-0")), -0);
  });

  test("a name written with escapes is the same name: for __proto__, for duplicates, and for slices", () => {
    expectRefused(codec, bytesOf('{"\\u005f_proto__":{"admin":true}}'), "malformed");
    expectRefused(codec, bytesOf('{"a":{"__pro\\u0074o__":1}}'), "malformed");
    expectRefused(codec, bytesOf('{"body":1,"\\u0062ody":2}'), "malformed");
    expectRefused(codec, bytesOf('{"b":{"a":1,"\\u0061":1}}'), "malformed");
    expectSame(codec.slice(bytesOf('{"\\u0062ody" : [1] }'), "body"), bytesOf("[1]"));
    expectSame(codec.slice(bytesOf('{"\\u0062od\\"y":0,"bo\\\\dy":0,"body":2}'), "body"), bytesOf("2"));
  });

  test("text that looks like structure is neither counted nor sliced", () => {
    const value = { a: '{"body":1,', b: ["}", "]", ',"body":2'], body: { body: "\\", c: '\\"' }, z: "," };
    const bytes = codec.encode(value);
    expectSame(createJsonCodec({ ...wide, maxKeys: 9, maxDepth: 2 }).decode(bytes), { ok: true, value });
    checkAgreement(codec, bytes, "body");
  });

  test("backslashes before a quote are paired off, in short and in long text", () => {
    for (let length = 0; length < 60; length++) {
      for (let run = 0; run < 6; run++) {
        for (const behind of ["", '"', '"},{"body":3', "\\", "x".repeat(30)]) {
          const value = { a: `${"x".repeat(length)}${"\\".repeat(run)}${behind}`, body: run };
          const bytes = codec.encode(value);
          expectSame(read(codec, bytes), value);
          expectSame(codec.slice(bytes, "body"), bytesOf(String(run)));
        }
      }
    }
  });

  test("whatever whitespace, escapes, duplicates and nesting a sender uses, a slice is what was read", () => {
    let accepted = 0;
    fc.assert(
      fc.property(hostileJson, keyText, (text, key) => {
        const bytes = bytesOf(text);
        checkAgreement(codec, bytes, key);
        if (codec.decode(bytes).ok) accepted++;
      }),
      { numRuns: 10_000 },
    );
    expect(accepted).toBeGreaterThan(3_000);
  });

  test("exactly the JSON without duplicates, __proto__, half pairs and infinities is accepted", () => {
    fc.assert(
      fc.property(hostileJson, (text) => {
        expect(codec.decode(bytesOf(text)).ok).toBe(!text.includes('"__proto__"') && uniqueNames(text));
      }),
      { numRuns: 5_000 },
    );
  });
});

/** Objects as hostile senders write them: every name may be escaped, repeated or nested, with whitespace anywhere. */
const hostileJson: fc.Arbitrary<string> = (() => {
  const space = fc.constantFrom("", "", "", " ", "\n\t ", "\r\n");
  const name = fc.constantFrom(
    '"body"',
    '"\\u0062ody"',
    '"bod\\u0079"',
    '"bo\\/dy"',
    '"type"',
    '"n"',
    '"\\"body"',
    '"\u00e9"',
    '"\\u00E9"',
    '""',
    '"}"',
    '"a,b:"',
    '"__proto__"',
  );
  const scalar = fc.constantFrom(
    "null",
    "true",
    "0",
    "-1.5e3",
    '"body"',
    '"{\\"body\\":1}"',
    '"\\\\"',
    '"]}"',
    '"\\ud83d\\ude00"',
    '"\u20ac"',
    `"${"x".repeat(40)}\\\\\\""`,
  );
  const { value } = fc.letrec<{ value: string; object: string; array: string; member: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, tie("object"), tie("array")),
    member: fc
      .tuple(space, name, space, space, tie("value"), space)
      .map(([a, key, b, c, inner, d]) => `${a}${key}${b}:${c}${inner}${d}`),
    object: fc
      .tuple(space, fc.array(tie("member"), { maxLength: 3 }))
      .map(([inner, members]) => `{${members.length === 0 ? inner : members.join()}}`),
    array: fc
      .tuple(space, fc.array(tie("value"), { maxLength: 3 }))
      .map(([inner, elements]) => `[${elements.length === 0 ? inner : elements.join(`${inner},`)}]`),
  }));
  const members = fc.array(fc.tuple(space, name, value), { maxLength: 4 });
  return fc
    .tuple(space, members, space)
    .map(
      ([before, entries, after]) =>
        `${before}{${entries.map(([inner, key, member]) => `${inner}${key}${inner}:${inner}${member}`).join()}}${after}`,
    );
})();

/** Whether no object has a name twice, by a reader of our own that knows nothing but strings and brackets. */
function uniqueNames(text: string): boolean {
  const open: Set<string>[] = [];
  for (const token of text.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[[\]{}]/g)) {
    if (token[0] === "{" || token[0] === "[") open.push(new Set());
    else if (token[0] === "}" || token[0] === "]") open.pop();
    else if (token[2] === ":") {
      const key = String(JSON.parse(token[1] ?? '""'));
      const names = open.at(-1);
      if (names?.has(key)) return false;
      names?.add(key);
    }
  }
  return true;
}
