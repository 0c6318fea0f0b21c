// What every maker of a port under test brings along, so that suites neither sleep nor know the technology.
import type { TestContext } from "vitest";
import { test } from "vitest";

export interface Stage {
  /** Lets time pass until the condition holds: moves the injected clock, or waits. Rejects when it never does. */
  until(holds: () => boolean): Promise<void>;
  /** Lets what was said come round once, as far as it will: a step of the injected clock, or a round trip. */
  round(): Promise<void>;
  /** Leaves nothing running. */
  end(): Promise<void>;
}

/** Something only some implementations can be made to do. A case is skipped only with the reason why it cannot. */
export type Ability<T> = T | { readonly lacks: string };

/** A case of a suite, on a fresh stage that is always ended. */
export type Case<S extends Stage> = (title: string, play: (stage: S, context: TestContext) => Promise<void>) => void;

export function casesOn<S extends Stage>(make: () => Promise<S>): Case<S> {
  return (title, play) => {
    test(title, async (context) => {
      const stage = await make();
      try {
        await play(stage, context);
      } finally {
        await stage.end();
      }
    });
  };
}

/** The ability, or the end of the case with the reason for the record. */
export function need<T extends object>(ability: Ability<T>, context: TestContext): T {
  if ("lacks" in ability) return context.skip(ability.lacks);
  return ability;
}

/** Awaits a promise while letting time pass, which it may need. */
export async function settled<T>(stage: Stage, promise: Promise<T>): Promise<T> {
  let done = false;
  const note = (): void => {
    done = true;
  };
  promise.then(note, note);
  await stage.until(() => done);
  return promise;
}

/** Says something that may be lost, each time as another number from `from` on, until it was heard. The next number. */
export async function sayUntil(
  stage: Stage,
  say: (n: number) => void,
  heard: () => boolean,
  from = 1,
): Promise<number> {
  let n = from;
  for (; !heard(); n += 1) {
    if (n - from > 1000) throw new Error("a thousand in a row were lost");
    say(n);
    await stage.round();
  }
  return n;
}
