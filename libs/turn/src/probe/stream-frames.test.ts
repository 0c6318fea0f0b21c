import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StreamFrames } from "./stream-frames.ts";
import { writeStun } from "./stun-message.ts";

const message = writeStun({ kind: "request", method: 1, transaction: new Uint8Array(12), attributes: [] });
const channelData = Uint8Array.of(0x40, 0, 0, 5, 1, 2, 3, 4, 5);
const padding = new Uint8Array(3);

describe("a stream of a TURN server", () => {
  test("is cut into the same frames wherever its pieces end", () => {
    const stream = Uint8Array.from([...message, ...channelData, ...padding, ...message]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length })), (cuts) => {
        const frames = new StreamFrames();
        const ends = [...new Set([...cuts, stream.length])].sort((a, b) => a - b);
        const got = ends.flatMap((end, i) => frames.push(stream.slice(ends[i - 1] ?? 0, end)) ?? []);
        expect(got).toEqual([message, channelData, message]);
      }),
    );
  });

  test("is given up when it is neither STUN nor channel data, or longer than an answer is", () => {
    expect(new StreamFrames().push(new TextEncoder().encode("HTTP/1.1 400 Bad Request"))).toBeUndefined();
    expect(new StreamFrames().push(Uint8Array.of(1, 1, 0xff, 0xfc))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (anything) => void new StreamFrames().push(anything)));
  });
});
