// What the quick way writes of a head is what the codec writes, byte for byte, and what it cannot write it leaves alone.
import type { Entry } from "@heliograph/core";
import { parseMemberId, parseNodeId } from "@heliograph/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { entryCodec } from "./bundle.ts";
import { writeEntry } from "./entry-fields.ts";
import { mostHeadBytes, SpokenHeads } from "./spoken-heads.ts";

type Spoken = Extract<Entry, { kind: "signal" | "broadcast" }>;

function known<T>(outcome: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!outcome.ok) throw new Error("the generator made an illegal name");
  return outcome.value;
}

const node = known(parseNodeId("nodeEastAAAAAAAAAAAAAA"));
const codec = entryCodec();
const heads = new SpokenHeads(codec);

const name = (letters: fc.Arbitrary<string>) =>
  fc.string({ unit: letters, minLength: 1, maxLength: 64 }).map((text) => known(parseMemberId(text)));
const counts = fc.oneof(fc.nat(300), fc.nat(70_000), fc.constantFrom(1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 40));
const epochs = fc.record({ attempt: counts, bump: fc.nat(3), node: fc.constant(node) });
const body = fc.constantFrom("json", "msgpack").map((each) => ({ codec: each, bytes: new Uint8Array(3) }) as const);

function spoken(letters: fc.Arbitrary<string>): fc.Arbitrary<Spoken> {
  const said = { from: name(letters), epoch: epochs, n: counts, body };
  return fc.oneof(
    fc.record({ kind: fc.constant("signal" as const), to: name(letters), ...said }),
    fc.record({ kind: fc.constant("broadcast" as const), ...said }),
  );
}

const ascii = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));

test("the quick way writes the very bytes that the codec writes", () => {
  void fc.assert(
    fc.property(spoken(ascii), fc.nat(40), (entry, at) => {
      const page = new Uint8Array(at + mostHeadBytes);
      const end = heads.write(page, at, entry);
      if (entry.n > 65_535) expect(end).toBe(0);
      else expect(page.slice(at, end)).toStrictEqual(codec.encode(writeEntry(codec, entry).head).slice());
    }),
  );
});

test("an addressee that is not ASCII is left to the codec", () => {
  const to = known(parseMemberId("zoë"));
  const epoch = { attempt: 1, bump: 0, node };
  const entry = {
    kind: "signal",
    from: to,
    to,
    epoch,
    n: 1,
    body: { codec: "json", bytes: new Uint8Array(1) },
  } as const;
  expect(heads.write(new Uint8Array(mostHeadBytes), 0, entry)).toBe(0);
});

test("two members who share an epoch are told apart", () => {
  const epoch = { attempt: 1, bump: 0, node };
  const page = new Uint8Array(mostHeadBytes);
  for (const from of ["ann", "bob", "ann"].map((text) => known(parseMemberId(text)))) {
    const entry = { kind: "broadcast", from, epoch, n: 1, body: { codec: "json", bytes: new Uint8Array(1) } } as const;
    const end = heads.write(page, 0, entry);
    expect(page.slice(0, end)).toStrictEqual(codec.encode(writeEntry(codec, entry).head).slice());
  }
});
