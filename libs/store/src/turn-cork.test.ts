import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { TurnCork } from "./turn-cork.ts";

/** A turn that ends when the test says so, and a stream whose chunks are what would have been writes. */
function stage() {
  let ending: (() => void)[] = [];
  const cork = new TurnCork({ endOfTurn: (call) => void ending.push(call) });
  const writes: number[] = [];
  const stream = new PassThrough({
    writev: (chunks, done) => {
      writes.push(chunks.length);
      done();
    },
    write: (_chunk, _encoding, done) => {
      writes.push(1);
      done();
    },
  });
  const endTurn = (): void => {
    const calls = ending;
    ending = [];
    for (const call of calls) call();
  };
  return { cork, stream, writes, endTurn };
}

test("what is asked within one turn leaves in one write at its end", () => {
  const { cork, stream, writes, endTurn } = stage();
  for (const question of ["a", "b", "c"]) {
    cork.hold(stream);
    stream.write(question);
  }
  expect(writes).toStrictEqual([]);
  endTurn();
  expect(writes).toStrictEqual([3]);
});

test("each turn has a write of its own, and nothing stays held", () => {
  const { cork, stream, writes, endTurn } = stage();
  for (let turn = 0; turn < 3; turn += 1) {
    cork.hold(stream);
    stream.write("question");
    endTurn();
  }
  expect(writes).toStrictEqual([1, 1, 1]);
  expect(stream.writableCorked).toBe(0);
});

test("a socket that is gone meanwhile, or not there yet, is no trouble", () => {
  const { cork, stream, endTurn } = stage();
  cork.hold(undefined);
  cork.hold(stream);
  stream.destroy();
  expect(endTurn).not.toThrow();
});
