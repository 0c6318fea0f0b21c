// What the suite of a Log plays on: three nodes' logs on one stream, and what can be done to them.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Log } from "../src/ports/log.ts";
import type { Entry } from "../src/room/entry.ts";
import type { Ability, Stage } from "./stage.ts";
import { settled } from "./stage.ts";

export interface LogUnderTest extends Stage {
  /** The logs of three nodes on one stream. */
  readonly logs: readonly [Log, Log, Log];
  /** Cuts and mends the link of a node's log. */
  readonly links: Ability<{ cut(node: number): Promise<void>; mend(node: number): Promise<void> }>;
  /** Live copies come by themselves: not where the links are made to lose some. */
  readonly copies: Ability<{ readonly sure: true }>;
  /** Where rooms are spread over several streams: whether these two share one. */
  readonly together?: (one: RoomKey, other: RoomKey) => boolean;
  /** The stream loses everything and begins again under the same name, later. */
  readonly rebirth: Ability<() => Promise<void>>;
  /** Everything stored so far ages out. */
  readonly ageOut: Ability<() => Promise<void>>;
}

export async function say(stage: Stage, log: Log, room: RoomKey, ...entries: readonly Entry[]): Promise<Position> {
  return settled(stage, log.append(room, entries));
}

/** Asks until it is answered: any replica may be out of reach or behind for a while. */
export async function persist<T>(
  stage: Stage,
  ask: () => Promise<T>,
  enough: (answer: T) => boolean = () => true,
): Promise<T> {
  for (;;) {
    const outcome = await settled(
      stage,
      ask().then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    );
    if (outcome !== undefined && enough(outcome.answer)) return outcome.answer;
  }
}
