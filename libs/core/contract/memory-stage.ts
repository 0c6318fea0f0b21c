// What the suites of the shared memory's ports have in common: losing it, and getting it back.
import { expect } from "vitest";
import { Unreachable } from "../src/ports/unreachable.ts";
import type { Ability, Stage } from "./stage.ts";
import { settled } from "./stage.ts";

export interface MemoryStage extends Stage {
  /** The memory goes out of reach, and comes back with all it held. */
  readonly outage: Ability<{ begin(): Promise<void>; end(): Promise<void> }>;
  /** Moves the memory's own time on. */
  readonly passage: Ability<{ pass(ms: number): Promise<void> }>;
}

/** Out of reach is not absent: whatever is asked rejects with the one error that says so. */
export async function expectUnreachable(stage: Stage, asked: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await settled(stage, Promise.allSettled(asked));
  for (const outcome of outcomes) {
    expect(outcome.status).toBe("rejected");
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Unreachable);
  }
}
