// The headers of stored messages, as nats-server 2.15 writes them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerMark, readHeader, readStatus, readStoredFacts } from "./stored-headers.ts";

const utf8 = new TextEncoder();

function live(seq: number, time: string, previous: number): Uint8Array {
  return utf8.encode(
    `NATS/1.0\r\nNats-Stream: HG_0\r\nNats-Subject: hg.in.0.r.room\r\nNats-Sequence: ${seq}\r\nNats-Time-Stamp: ${time}\r\nNats-Last-Sequence: ${previous}\r\n\r\nNats-Sequence: 9`,
  );
}

describe("the headers of a live copy", () => {
  test("tell sequence, time and predecessor", () => {
    const bytes = live(17, "2026-11-21T13:10:12.289577509Z", 12);
    expect(readStoredFacts(bytes, bytes.length - 16)).toEqual({
      seq: 17,
      time: Date.parse("2026-11-21T13:10:12.289Z"),
      previous: 12,
    });
  });

  test("tell the time to the millisecond, however many digits the server leaves out", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_102_444_799 }),
        fc.integer({ min: 0, max: 999_999_999 }),
        (seconds, nanos) => {
          const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
          const digits = String(nanos).padStart(9, "0").replace(/0+$/, "");
          const text = digits === "" ? `${whole}Z` : `${whole}.${digits}Z`;
          const bytes = live(1, text, 0);
          expect(readStoredFacts(bytes, bytes.length - 16)?.time).toBe(seconds * 1000 + Math.floor(nanos / 1e6));
        },
      ),
    );
  });

  test("are read from a view into a larger chunk, and never beyond the headers", () => {
    const bytes = live(17, "2026-11-21T13:10:12Z", 12);
    const chunk = new Uint8Array(bytes.length + 40);
    chunk.set(bytes, 20);
    expect(readStoredFacts(chunk.subarray(20), bytes.length - 16)?.seq).toBe(17);
    expect(readStoredFacts(utf8.encode("NATS/1.0\r\n\r\nNats-Sequence: 9"), 12)).toBeUndefined();
  });

  test("are not taken from anything else, whatever the bytes", () => {
    expect(readStoredFacts(new Uint8Array(0), 0)).toBeUndefined();
    expect(readStoredFacts(live(0, "yesterday", 1), 100)).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (junk) => {
        const facts = readStoredFacts(junk, junk.length);
        expect(facts).toBeUndefined();
      }),
    );
  });
});

describe("other headers", () => {
  test("tell the status of an answer without a message", () => {
    const status = (text: string): number => readStatus(utf8.encode(text), text.length);
    expect(status("NATS/1.0 404 Message Not Found\r\n\r\n")).toBe(404);
    expect(status("NATS/1.0 204 EOB\r\nNats-Num-Pending: 0\r\n\r\n")).toBe(204);
    expect(status("NATS/1.0 503\r\n\r\n")).toBe(503);
    expect(status("NATS/1.0\r\nNats-Stream: HG_0\r\n\r\n")).toBe(0);
    expect(readStatus(new Uint8Array(0), 0)).toBe(0);
  });

  test("are found by name", () => {
    const bytes = utf8.encode("NATS/1.0 204 EOB\r\nNats-Num-Pending: 31\r\nNats-Last-Sequence: 3\r\n\r\n");
    expect(readHeader(bytes, bytes.length, headerMark("Nats-Num-Pending"))).toBe("31");
    expect(readHeader(bytes, bytes.length, headerMark("Nats-Subject"))).toBeUndefined();
  });
});
