// Tries every case in every codec, a few at a time, and tells how each ended.
import type { CodecName } from "@heliograph/codec";
import type { WireLimits } from "@heliograph/protocol/schema";
import type { Case } from "./case.ts";
import { Fault, NotApplicable } from "./fault.ts";
import { Patience } from "./patience.ts";
import type { Seat } from "./seat.ts";
import { Trial } from "./trial.ts";
import { codecNames } from "./wire.ts";

export interface Result {
  readonly of: Case;
  readonly codec: CodecName;
  readonly outcome: "passed" | "failed" | "n/a";
  /** What was seen, or why the case could not be tried. */
  readonly seen: string | undefined;
}

export interface RunOptions {
  /** Milliseconds that a case may take. */
  readonly deadline: number;
  /** Cases under way at once. */
  readonly concurrency: number;
}

interface Turn {
  readonly of: Case;
  readonly codec: CodecName;
}

/** `report` hears of the results in the order of the cases. */
export async function runCases(
  url: string,
  cases: readonly Case[],
  limits: WireLimits,
  options: RunOptions,
  report: (result: Result) => void,
): Promise<readonly Result[]> {
  const turns: Turn[] = cases.flatMap((of) => (of.codecs ?? codecNames).map((codec) => ({ of, codec })));
  const results: (Result | undefined)[] = turns.map(() => undefined);
  let begun = 0;
  let reported = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      const at = begun;
      const turn = turns[at];
      if (turn === undefined) return;
      begun += 1;
      results[at] = await tryOne(url, turn, limits, options.deadline);
      for (let ready = results[reported]; ready !== undefined; ready = results[reported]) {
        reported += 1;
        report(ready);
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  return results.filter((result) => result !== undefined);
}

async function tryOne(url: string, { of, codec }: Turn, limits: WireLimits, usual: number): Promise<Result> {
  const why = of.unless?.(limits);
  if (why !== undefined) return { of, codec, outcome: "n/a", seen: why };
  const trial = new Trial(url, codec, new Patience(of.deadline?.(limits) ?? usual));
  try {
    if (of.hostile) await besideABystander(trial, of);
    else await of.run(trial);
    await trial.settled();
    return { of, codec, outcome: "passed", seen: undefined };
  } catch (error) {
    if (error instanceof NotApplicable) return { of, codec, outcome: "n/a", seen: error.message };
    const seen = error instanceof Fault ? error.message : `the kit itself failed: ${String(error)}`;
    return { of, codec, outcome: "failed", seen };
  } finally {
    trial.end();
  }
}

/** Someone in another room, who must not notice: not closed, answered, and told nothing that is not its own. */
async function besideABystander(trial: Trial, of: Case): Promise<void> {
  const bystander = await trial.seat(trial.room(), "the bystander");
  await works(bystander, "before");
  await of.run(trial);
  await works(bystander, "after");
}

async function works(bystander: Seat, value: string): Promise<void> {
  await bystander.done({ type: "data", key: "at", value }, { type: "data", key: "at", value });
  await bystander.client.quiet();
}
