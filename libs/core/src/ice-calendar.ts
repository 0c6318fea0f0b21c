// When sessions are due for new ICE servers: by the second, with one timer for all of them.
import type { HeldIce } from "./held-ice.ts";
import type { Clock, Timer } from "./ports/clock.ts";
import type { Session } from "./session.ts";

/** Sessions that are served together, and the milliseconds before the next: 20,000 a second, and no turn of the loop is long. */
const together = 200;
const pause = 10;

export class IceCalendar {
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #serve: (session: Session, dueAt: number) => void;
  /** By second since 1970. A session that goes is taken out: nothing holds on to it until then. */
  readonly #seconds = new Map<number, Set<Session>>();
  #timer: Timer | undefined;
  /** The second that the timer waits for. */
  #next = Number.POSITIVE_INFINITY;
  #size = 0;

  /** `serve` is told at what time the session was due; it is in the calendar no more then. */
  constructor(clock: Pick<Clock, "now" | "after">, serve: (session: Session, dueAt: number) => void) {
    this.#clock = clock;
    this.#serve = serve;
  }

  get size(): number {
    return this.#size;
  }

  /** In place of whatever it was due for; not before `at` milliseconds since 1970, and less than a second after. */
  put(session: Session, held: HeldIce, at: number): void {
    this.take(session, held);
    const second = Math.ceil(at / 1_000);
    held.due = second;
    this.#size += 1;
    const due = this.#seconds.get(second);
    if (due === undefined) this.#seconds.set(second, new Set([session]));
    else due.add(session);
    if (second < this.#next) this.#wait(second);
  }

  take(session: Session, held: HeldIce): void {
    if (held.due === 0) return;
    const due = this.#seconds.get(held.due);
    due?.delete(session);
    if (due?.size === 0) this.#seconds.delete(held.due);
    held.due = 0;
    this.#size -= 1;
    if (this.#size === 0) this.end();
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#next = Number.POSITIVE_INFINITY;
  }

  #wait(second: number, atLeast = 0): void {
    this.#timer?.cancel();
    this.#next = second;
    this.#timer = this.#clock.after(Math.max(atLeast, second * 1_000 - this.#clock.now()), this.#tick);
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    let served = 0;
    let second = this.#next;
    while (second * 1_000 <= this.#clock.now() && served < together) {
      const due = this.#seconds.get(second);
      for (const session of due ?? []) {
        const { ice } = session;
        if (ice !== undefined) this.take(session, ice);
        this.#serve(session, second * 1_000);
        served += 1;
        if (served === together) break;
      }
      if (!this.#seconds.has(second)) second = this.#earliest();
    }
    // Whoever was served may have been put in again, sooner than all others.
    if (this.#size > 0) this.#wait(this.#earliest(), served === together ? pause : 0);
    else this.end();
  };

  /** There are hundreds of seconds that someone is due in, and it is asked once for each that passes. */
  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const second of this.#seconds.keys()) if (second < earliest) earliest = second;
    return earliest;
  }
}
