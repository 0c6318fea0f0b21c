// Reads against replicas that lag and streams that forget: by whose word a read ends, and what many at once become.
import { Unreachable } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import type { StreamFacts } from "../stream/api.ts";
import type { Run, StoredMessage } from "../stream/direct-gets.ts";
import { Reads } from "./reads.ts";
import { worthSweeping } from "./sweep.ts";

const room = "hg.in.0.r.room";

function message(seq: number, subject = room): StoredMessage {
  return { subject, seq, time: 1000 + seq, payload: Uint8Array.of(seq % 256) };
}

/** A stream with one leader, and a replica that has only seen so far. */
class FakeStream {
  messages: StoredMessage[] = [];
  /** What the replica that answers has stored; the leader has all. */
  seen = Number.POSITIVE_INFINITY;
  firstSeq = 1;
  asked: { readonly subject: string; readonly seq: number }[] = [];
  leaderAsked = 0;

  readonly gets = {
    run: async (_: number, subject: string, seq: number, batch: number): Promise<Run> => {
      this.asked.push({ subject, seq });
      const all = this.messages.filter(
        (each) => each.seq >= seq && each.seq <= this.seen && (subject.endsWith(">") || each.subject === subject),
      );
      return { messages: all.slice(0, batch), more: all.length > batch };
    },
    firstOf: async () => this.messages[0],
  };

  readonly api = {
    info: async (): Promise<StreamFacts> => {
      this.leaderAsked += 1;
      const [first, last] = [this.messages[0], this.messages.at(-1)];
      return {
        config: {},
        firstSeq: this.firstSeq,
        firstTime: first?.time,
        lastSeq: last?.seq ?? 0,
        lastTime: last?.time,
        now: undefined,
      };
    },
    message: async (_: number, seq: number) => this.messages.find((each) => each.seq === seq),
  };
}

function stage(stream: FakeStream) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const read = ({ seq, time }: StoredMessage) => ({ seq, time, entries: [{ kind: "upgrade" as const, rules: seq }] });
  const reads = new Reads(0, { gets: stream.gets, api: stream.api, clock, read });
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    const note = (): void => {
      done = true;
    };
    promise.then(note, note);
    if (!(await clock.runUntil(() => done))) throw new Error("it never ended");
    return promise;
  };
  return { clock, reads, settled };
}

const place = (seq: number) => ({ seq, index: 0, time: 1000 + seq });

describe("a read", () => {
  test("does not believe a replica that has not seen its end", async () => {
    const stream = new FakeStream();
    stream.messages = [1, 2, 3, 4].map((seq) => message(seq));
    stream.seen = 2;
    const { clock, reads, settled } = stage(stream);
    const reading = reads.between(room, place(1), 4);
    await clock.advance(100);
    expect(stream.asked.length).toBeGreaterThan(1);
    stream.seen = 4;
    const answer = await settled(reading);
    expect(answer.whole).toBe(true);
    expect(answer.bundles.map(({ seq }) => seq)).toEqual([2, 3, 4]);
    expect(reads.size).toBe(0);
  });

  test("gives up on replicas that never catch up, by the leader's word", async () => {
    const stream = new FakeStream();
    stream.messages = [1, 2, 3].map((seq) => message(seq));
    stream.seen = 1;
    const { reads, settled } = stage(stream);
    await expect(settled(reads.between(room, place(1), 3))).rejects.toBeInstanceOf(Unreachable);
    expect(stream.leaderAsked).toBeGreaterThan(0);
  });

  test("of more than was ever stored is of an unknown position", async () => {
    const stream = new FakeStream();
    stream.messages = [message(1)];
    const { reads, settled } = stage(stream);
    expect(await settled(reads.between(room, place(1), 9))).toEqual({
      whole: false,
      why: "unknown_position",
      bundles: [],
    });
  });

  test("whose end has gone tells what is left, without it", async () => {
    const stream = new FakeStream();
    stream.messages = [message(1), message(2), message(4, "hg.in.0.r.other")];
    const { reads, settled } = stage(stream);
    const answer = await settled(reads.between(room, place(1), 3));
    expect(answer).toMatchObject({ whole: true, bundles: [{ seq: 2 }] });
  });

  test("from a place that has aged out, of another room, of another life or of none says which", async () => {
    const stream = new FakeStream();
    stream.messages = [message(5, "hg.in.0.r.other"), message(6), message(7)];
    stream.firstSeq = 5;
    const { reads, settled } = stage(stream);
    const why = async (position: { seq: number; index: number; time: number }) => {
      const answer = await settled(reads.between(room, position, 7));
      return answer.whole ? "whole" : `${answer.why} ${answer.bundles.map(({ seq }) => seq).join(" ")}`;
    };
    expect(await why(place(3))).toBe("too_old 6 7");
    expect(await why(place(5))).toBe("unknown_position ");
    expect(await why({ seq: 6, index: 0, time: 3 })).toBe("log_restarted 6 7");
    expect(await why({ seq: 900, index: 0, time: 3 })).toBe("log_restarted 6 7");
    expect(await why({ seq: 900, index: 0, time: 9000 })).toBe("unknown_position ");
    expect(await why({ seq: 3, index: 0, time: 9000 })).toBe("log_restarted 6 7");
    expect(await why(place(6))).toBe("whole");
    expect(await why(place(7))).toBe("whole");
  });

  test("that is asked twice at once is made once", async () => {
    const stream = new FakeStream();
    stream.messages = [1, 2].map((seq) => message(seq));
    const { reads, settled } = stage(stream);
    const [one, other] = [reads.between(room, place(1), 2), reads.between(room, place(1), 2)];
    expect(other).toBe(one);
    await settled(one);
    expect(stream.asked).toHaveLength(1);
  });
});

describe("many reads at once", () => {
  const rooms = 100;
  const subject = (i: number): string => `hg.in.0.r.room-${i}`;
  const filled = (): FakeStream => {
    const stream = new FakeStream();
    stream.messages = Array.from({ length: 20_000 }, (_, i) => message(i + 1, subject(i % rooms)));
    return stream;
  };

  test("go once through the stream, in order, and each gets its own", async () => {
    const stream = filled();
    const { reads, settled } = stage(stream);
    const answers = await settled(
      Promise.all(
        Array.from({ length: rooms }, (_, i) => reads.between(subject(i), place(i + 1), 20_000 - rooms + i + 1)),
      ),
    );
    for (const [i, { whole, bundles }] of answers.entries()) {
      expect(whole).toBe(true);
      expect(bundles).toHaveLength(199);
      expect(bundles.every(({ seq }) => (seq - 1) % rooms === i)).toBe(true);
    }
    expect(stream.asked.every((each) => each.subject === "hg.in.0.>")).toBe(true);
    expect(stream.asked.length).toBeLessThan(6);
    expect(reads.size).toBe(0);
  });

  test("whose end the sweep's replica has not seen are read by themselves", async () => {
    const stream = filled();
    stream.seen = 19_990;
    const { clock, reads, settled } = stage(stream);
    const reading = Promise.all(
      Array.from({ length: rooms }, (_, i) => reads.between(subject(i), place(i + 1), 20_000 - rooms + i + 1)),
    );
    await clock.advance(40);
    stream.seen = 20_000;
    expect((await settled(reading)).every(({ whole, bundles }) => whole && bundles.length === 199)).toBe(true);
  });

  test("end with the failure of their sweep, and nothing is left under way", async () => {
    const stream = filled();
    stream.gets.run = () => Promise.reject(new Unreachable("gone"));
    const { reads, settled } = stage(stream);
    const outcomes = await settled(
      Promise.allSettled(Array.from({ length: rooms }, (_, i) => reads.between(subject(i), place(i + 1), 20_000))),
    );
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(reads.size).toBe(0);
  });

  test("share a sweep only where that is less work than each by itself", () => {
    const near = Array.from({ length: 40 }, (_, i) => ({ start: 99_000 + i, upTo: 100_000 }));
    const far = { start: 1, upTo: 100_000 };
    expect(worthSweeping(near.slice(0, 10))).toHaveLength(0);
    expect(worthSweeping(near)).toHaveLength(40);
    expect(worthSweeping([far, ...near])).toHaveLength(40);
    expect(worthSweeping(Array.from({ length: 30 }, () => far))).toHaveLength(30);
    const beyond = { start: 9, upTo: 3 };
    expect(worthSweeping([...near, beyond])).not.toContain(beyond);
  });
});
