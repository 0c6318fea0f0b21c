import { expect, test } from "vitest";
import { lobby } from "../test-kit/story.ts";
import { Ring } from "./ring.ts";
import { member } from "./room/script.ts";
import type { Told } from "./told.ts";

const beginning = { seq: 0, index: 0, time: 0 };

function toldOf(bytes: Uint8Array, seq: number): Told {
  const position = { seq, index: 0, time: seq };
  return {
    position,
    bytes: bytes.length + 96,
    event: { type: "broadcast", room: lobby, from: member("a"), body: { codec: "json", bytes }, position },
    audience: "others",
    author: member("a"),
    n: seq,
    answer: "ack",
    detail: undefined,
  };
}

function bodyOf(told: Told | undefined): Uint8Array {
  if (told?.event?.type !== "broadcast") throw new Error("nothing was said");
  return told.event.body.bytes;
}

test("what is kept owns its bytes, and keeps nothing alive of what came with it", () => {
  const ring = new Ring(beginning, 1 << 20, 1_000);
  const chunk = new Uint8Array(65_536).fill(7);
  const own = new Uint8Array([1, 2, 3]);
  ring.push(toldOf(chunk.subarray(100, 400), 1));
  ring.push(toldOf(Buffer.from(chunk.buffer, 500, 10), 2));
  ring.push(toldOf(own, 3));
  chunk.fill(0);
  const [view, buffer, same] = [...ring.after(beginning)].map(bodyOf);
  expect(view).toEqual(new Uint8Array(300).fill(7));
  expect(buffer?.length).toBe(10);
  // They share a block that goes with the last of them, and is small where little is said.
  for (const bytes of [view, buffer]) expect(bytes?.buffer.byteLength).toBeLessThanOrEqual(512);
  expect(same).toBe(own);
});

test("a body that a door has copied into a small block is not copied again", () => {
  const ring = new Ring(beginning, 1 << 20, 1_000);
  const body = new Uint8Array(8_192).subarray(100, 400);
  ring.push(toldOf(body, 1));
  expect(bodyOf([...ring.after(beginning)][0])).toBe(body);
});

test("bodies that share a block stay apart, whatever their sizes", () => {
  const ring = new Ring(beginning, 1 << 24, 1_000);
  const sizes = Array.from({ length: 200 }, (_, i) => (i * 37) % 5_000);
  const chunk = new Uint8Array(16_384);
  for (const [i, size] of sizes.entries()) ring.push(toldOf(chunk.fill(i + 1).subarray(8, 8 + size), i + 1));
  const kept = [...ring.after(beginning)].map(bodyOf);
  expect(kept.map((bytes) => bytes.length)).toStrictEqual(sizes);
  for (const [i, bytes] of kept.entries()) expect(bytes.every((byte) => byte === i + 1)).toBe(true);
});
