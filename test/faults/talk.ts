// Members of one room who talk without pause, and the judgement of what they heard: once each, in one order.
import { OutcomeUnknown } from "@heliograph/client";
import { expect } from "vitest";
import type { TestMember } from "../kit/member.ts";
import { within } from "./within.ts";

/** Milliseconds between two lines of one member, and how many of its lines may wait for their answer. */
const pace = 25;
const outstanding = 4;

interface Speaker {
  readonly name: string;
  readonly member: TestMember;
  said: number;
  waiting: number;
  readonly answered: Set<number>;
  /** Lines that nobody can say anything about. */
  readonly failed: unknown[];
}

export class Talk {
  readonly #speakers: readonly Speaker[];
  readonly #interval: NodeJS.Timeout;
  readonly #heardBefore: readonly number[];
  /** How long each answer took, in milliseconds. */
  #waits: number[] = [];
  /** When an answer came last, and the longest time without any. */
  #lastAnswer = performance.now();
  #longest = 0;

  constructor(members: readonly TestMember[]) {
    this.#speakers = members.map((member, at) => {
      const name = String.fromCharCode(97 + at);
      return { name, member, said: 0, waiting: 0, answered: new Set(), failed: [] };
    });
    this.#heardBefore = members.map(({ lines }) => lines.length);
    this.#interval = setInterval(() => this.#speak(), pace);
  }

  /** Answered lines of everybody. */
  get answered(): number {
    return this.#speakers.reduce((sum, { answered }) => sum + answered.size, 0);
  }

  /** Answered lines of each. */
  answeredBy(): readonly number[] {
    return this.#speakers.map(({ answered }) => answered.size);
  }

  /** Milliseconds since an answer came last. */
  get silence(): number {
    return performance.now() - this.#lastAnswer;
  }

  /** The longest that nobody was answered. */
  get longestSilence(): number {
    return Math.max(this.#longest, this.silence);
  }

  /** What all but one answer in a hundred took at most, in milliseconds, since this was asked last. */
  slowest(): number {
    const waits = this.#waits.toSorted((a, b) => a - b);
    this.#waits = [];
    return waits[Math.floor(waits.length * 0.99)] ?? 0;
  }

  /** Everybody has been answered this many times more; gives the milliseconds that it took. */
  async goesOn(ms: number, lines = 3): Promise<number> {
    const before = this.#speakers.map(({ answered }) => answered.size);
    return within(ms, `everybody is answered ${lines} more times`, () =>
      this.#speakers.every(({ answered }, at) => answered.size >= (before[at] ?? 0) + lines),
    );
  }

  /** Says no more, and waits until everything that was said has its answer. */
  async hush(ms = 20_000): Promise<void> {
    clearInterval(this.#interval);
    await within(ms, "everything that was said is answered", () =>
      this.#speakers.every(({ waiting }) => waiting === 0),
    );
  }

  /**
   * Every answered line stands once in what every other member heard, in the order of its author, and all members
   * heard one order. `gaps`: lines may be missing where a gap told so.
   */
  async judge({ gaps = false }: { readonly gaps?: boolean } = {}): Promise<void> {
    await this.hush();
    // Where a gap tells of lost entries, nobody can say of those that were under way.
    const failed = this.#speakers.flatMap((speaker) => speaker.failed);
    expect(failed.filter((error) => !gaps || !(error instanceof OutcomeUnknown))).toStrictEqual([]);
    const heard = () => this.#speakers.map(({ member }, at) => member.lines.slice(this.#heardBefore[at]).map(String));
    if (!gaps) {
      const due = this.#speakers.map((speaker) => this.answered - speaker.answered.size);
      await within(10_000, "everybody has heard everything", () => {
        expect(heard().map(({ length }) => length)).toStrictEqual(due);
        return true;
      });
    }
    const told = heard();
    told.forEach((lines, listener) => {
      expect(new Set(lines).size).toBe(lines.length);
      for (const { name, said, member } of this.#speakers) {
        if (member === this.#speakers[listener]?.member) continue;
        const numbers = lines.filter((line) => line.startsWith(`${name} `)).map((line) => Number(line.slice(2)));
        if (gaps) expect(numbers).toStrictEqual(numbers.toSorted((a, b) => a - b));
        else expect(numbers).toStrictEqual(Array.from({ length: said }, (_, at) => at + 1));
      }
    });
    this.#judgeOrder(told);
  }

  /** Two members heard what both of them could hear in the same order. */
  #judgeOrder(told: readonly (readonly string[])[]): void {
    const [first, ...rest] = told;
    rest.forEach((lines, at) => {
      const theirs = new Set(lines);
      const common = (first ?? []).filter((line) => theirs.has(line));
      const ours = new Set(first);
      expect(lines.filter((line) => ours.has(line))).toStrictEqual(common);
      expect(common.length > 0 || this.#speakers.length < 3, `${at + 1} and the first have heard the same`).toBe(true);
    });
  }

  #speak(): void {
    for (const speaker of this.#speakers) {
      if (speaker.waiting >= outstanding) continue;
      speaker.said += 1;
      speaker.waiting += 1;
      const line = speaker.said;
      const began = performance.now();
      speaker.member
        .say(`${speaker.name} ${line}`)
        .then(
          () => {
            speaker.answered.add(line);
            const now = performance.now();
            this.#waits.push(now - began);
            this.#longest = Math.max(this.#longest, now - this.#lastAnswer);
            this.#lastAnswer = now;
          },
          (error: unknown) => speaker.failed.push(error),
        )
        .finally(() => {
          speaker.waiting -= 1;
        });
    }
  }
}
