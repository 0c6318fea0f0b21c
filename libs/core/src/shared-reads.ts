// Reads of one room's log that members share who resume together: one from the oldest place that any of them wants.
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Clock } from "./ports/clock.ts";
import type { Log, ReadAnswer } from "./ports/log.ts";
import { compareInTime } from "./room/positions.ts";

interface Wanted {
  readonly after: Position;
  readonly upTo: number;
  readonly resolve: (answer: ReadAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Deep reads are dear and slow appends down: after the death of a node a hundred members of one room ask at once. */
export class SharedReads {
  readonly #room: RoomKey;
  readonly #log: Pick<Log, "read">;
  readonly #clock: Pick<Clock, "endOfTurn">;
  #waiting: Wanted[] = [];
  /** One is under way, or about to begin. */
  #busy = false;

  constructor(room: RoomKey, log: Pick<Log, "read">, clock: Pick<Clock, "endOfTurn">) {
    this.#room = room;
    this.#log = log;
    this.#clock = clock;
  }

  /** As `Log.read` of the room. */
  read(after: Position, upTo: number): Promise<ReadAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ after, upTo, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    // Their `back` entries stand in one bundle, or in a few.
    this.#clock.endOfTurn(() => {
      const together = this.#waiting.sort((a, b) => compareInTime(a.after, b.after));
      this.#waiting = [];
      const [oldest] = together;
      if (oldest === undefined) return;
      const upTo = Math.max(...together.map((each) => each.upTo));
      this.#log.read(this.#room, oldest.after, upTo).then(
        (answer) => this.#serve(together, oldest.after, answer),
        (error: unknown) =>
          this.#over(() => {
            for (const { reject } of together) reject(error);
          }),
      );
    });
  }

  /** Whoever's place is not in what was read asks again with the rest: at least the oldest is answered each time. */
  #serve(together: readonly Wanted[], from: Position, answer: ReadAnswer): void {
    this.#over(() => {
      for (const wanted of together) {
        const theirs = compareInTime(wanted.after, from) === 0 ? answer : partOf(answer, wanted.after);
        if (theirs === undefined) this.#waiting.push(wanted);
        else wanted.resolve(theirs);
      }
    });
  }

  #over(settle: () => void): void {
    settle();
    this.#busy = false;
    this.#begin();
  }
}

/** What a read from this later place would have brought; undefined: the place is not in what was read. */
function partOf({ bundles }: ReadAnswer, after: Position): ReadAnswer | undefined {
  const at = bundles.findIndex(({ seq }) => seq === after.seq);
  const there = bundles[at];
  if (there === undefined || there.time !== after.time || after.index >= there.entries.length) return undefined;
  return { whole: true, bundles: bundles.slice(after.index < there.entries.length - 1 ? at : at + 1) };
}
