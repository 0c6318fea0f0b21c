// A follower that keeps what it heard, and what was said in it.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Follow, Follower, Log, Stored } from "../src/ports/log.ts";
import { said, wordOf } from "./fixtures.ts";
import type { Stage } from "./stage.ts";
import { settled } from "./stage.ts";

/** A follower that keeps what it heard, and fails the case when it is told anything it must not be. */
export class Hearer implements Follower {
  readonly heard: Stored[] = [];
  why: "lost" | "reborn" | undefined;

  stored(bundle: Stored): void {
    if (this.why !== undefined) throw new Error("told after it was broken");
    this.heard.push(bundle);
  }

  broken(why: "lost" | "reborn"): void {
    if (this.why !== undefined) throw new Error("broken twice");
    this.why = why;
  }

  has(seq: number): boolean {
    return this.heard.some((bundle) => bundle.seq === seq);
  }

  get words(): string[] {
    return wordsOf(this.heard);
  }
}

export function wordsOf(bundles: readonly Stored[]): string[] {
  return bundles.flatMap((bundle) => bundle.entries.map(wordOf));
}

/** An append that outlived its acknowledgement may stand twice: what was said, by its first mention. */
export function once(words: readonly string[]): string[] {
  return [...new Set(words)];
}

export function placesOf(bundles: readonly Stored[]): string[] {
  return bundles.map(({ seq, time, entries }) => `${seq} ${time} ${entries.map(wordOf).join(" ")}`);
}

export function range(from: number, to: number, by = 1): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => wordOf(said(from + i, by)));
}

/** Follows from the room's first bundle, or from a position, once the follow is proved. */
export async function follow(stage: Stage, log: Log, room: RoomKey, after?: Position) {
  const hearer = new Hearer();
  const follow = log.follow(room, hearer);
  await settled(stage, follow.proved);
  follow.start(after);
  return { hearer, follow, has: (seq: number) => heardOf(stage, follow, hearer, seq) };
}

/** As a digest of another host would: says that `seq` is stored, and waits until it was told. */
export async function heardOf(stage: Stage, follow: Follow, hearer: Hearer, seq: number): Promise<void> {
  follow.mention(seq);
  await stage.until(() => hearer.has(seq) || hearer.why !== undefined);
}
