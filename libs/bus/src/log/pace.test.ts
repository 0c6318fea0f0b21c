import { describe, expect, test } from "vitest";
import { Pace, PacedQueue } from "./pace.ts";

/** Each task takes as long as it is told to; turns end when the test says so. */
class Trial {
  now = 0;
  readonly done: string[] = [];
  #ending: (() => void)[] = [];
  readonly pace: Pace;

  constructor(mostBytes?: number) {
    this.pace = new Pace({ now: () => this.now, endOfTurn: (call) => this.#ending.push(call) }, mostBytes);
  }

  task(name: string, ms: number): () => void {
    return () => {
      this.done.push(name);
      this.now += ms;
    };
  }

  turn(): void {
    for (const call of this.#ending.splice(0)) call();
  }
}

describe("what the log tells", () => {
  test("is dealt with at once while it takes little", () => {
    const trial = new Trial();
    const queue = new PacedQueue(trial.pace);
    for (const name of ["a", "b", "c"]) queue.run(trial.task(name, 1));
    expect(trial.done).toStrictEqual(["a", "b", "c"]);
  });

  test("waits for the next turn when a turn has had enough, in order, whatever comes behind it", () => {
    const trial = new Trial();
    const queue = new PacedQueue(trial.pace);
    for (const name of ["a", "b", "c", "d"]) queue.run(trial.task(name, 5));
    expect(trial.done).toStrictEqual(["a", "b"]);
    trial.turn();
    queue.run(trial.task("e", 1));
    expect(trial.done).toStrictEqual(["a", "b", "c", "d"]);
    trial.turn();
    expect(trial.done).toStrictEqual(["a", "b", "c", "d", "e"]);
  });

  test("of one busy room keeps no other waiting for all of it", () => {
    const trial = new Trial();
    const [busy, other] = [new PacedQueue(trial.pace), new PacedQueue(trial.pace)];
    for (let i = 0; i < 6; i += 1) busy.run(trial.task(`busy ${i}`, 20));
    other.run(trial.task("other", 0));
    trial.turn();
    trial.turn();
    expect(trial.done).toStrictEqual(["busy 0", "busy 1", "other", "busy 2"]);
  });

  test("of a follow that has ended is not told", () => {
    const trial = new Trial();
    const [one, other] = [new PacedQueue(trial.pace), new PacedQueue(trial.pace)];
    one.run(trial.task("one", 20));
    one.run(trial.task("more of one", 1));
    other.run(trial.task("other", 1));
    one.end();
    trial.turn();
    expect(trial.done).toStrictEqual(["one", "other"]);
  });

  test("waits no longer when the clock is set back", () => {
    const trial = new Trial();
    const queue = new PacedQueue(trial.pace);
    trial.now = 1_000;
    queue.run(trial.task("a", 0));
    trial.now = 0;
    queue.run(trial.task("b", 0));
    expect(trial.done).toStrictEqual(["a", "b"]);
  });

  test("is left out where too many bytes wait, of all rooms together, until some of them are dealt with", () => {
    const trial = new Trial(100);
    const [one, other, gone] = [new PacedQueue(trial.pace), new PacedQueue(trial.pace), new PacedQueue(trial.pace)];
    expect(one.run(trial.task("a", 20), 1_000)).toBe(true);
    expect(one.run(trial.task("b", 20), 50)).toBe(true);
    expect(gone.run(trial.task("c", 1), 40)).toBe(true);
    expect(other.run(trial.task("too much", 1), 11)).toBe(false);
    // What holds nothing always finds a place.
    expect(other.run(trial.task("d", 1))).toBe(true);
    gone.end();
    expect(other.run(trial.task("e", 1), 40)).toBe(true);
    trial.turn();
    expect(other.run(trial.task("f", 1), 60)).toBe(true);
    trial.turn();
    trial.turn();
    expect(trial.done).toStrictEqual(["a", "b", "d", "e", "f"]);
  });
});
