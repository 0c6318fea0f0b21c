// Asks clients to resume elsewhere, a few at a time, so that the other nodes are not run over.
import type { SessionId } from "@heliograph/protocol";
import type { Clock, Timer } from "./ports/clock.ts";
import type { Session } from "./session.ts";

export interface DrainPace {
  readonly perSecond: number;
  /** Milliseconds within which a client that is asked resumes elsewhere. */
  readonly retryIn: number;
}

export class Drain {
  readonly #clock: Clock;
  readonly #sessions: ReadonlyMap<SessionId, Session>;
  #next: Timer | undefined;

  /** `sessions`: those of the node, as they are at any time. */
  constructor(clock: Clock, sessions: ReadonlyMap<SessionId, Session>) {
    this.#clock = clock;
    this.#sessions = sessions;
  }

  /** From the first session on; what was asked at another pace is no more. */
  begin({ perSecond, retryIn }: DrainPace): void {
    // Timers are not worth setting for less than ten milliseconds: then several are asked at once.
    const together = Math.ceil(perSecond / 100);
    const row = this.#sessions.values();
    const ask = (): void => {
      this.#next = undefined;
      for (let asked = 0; asked < together; ) {
        const next = row.next();
        if (next.done === true) return;
        if (next.value.connection === undefined) continue;
        next.value.deliver({ type: "goaway", retryIn });
        asked += 1;
      }
      this.#next = this.#clock.after((together * 1_000) / perSecond, ask);
    };
    this.end();
    ask();
  }

  end(): void {
    this.#next?.cancel();
  }
}
