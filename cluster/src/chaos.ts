// Kills something every few seconds and brings it back before it kills again, saying what it does.
import type { PartKind } from "./part.ts";

/** What chaos needs of a cluster, in this process or another. */
export interface Victims {
  list(): Promise<readonly { readonly name: string; readonly kind: PartKind; readonly running: boolean }[]>;
  kill(name: string): Promise<void>;
  start(name: string): Promise<void>;
}

export interface ChaosOptions {
  /** Milliseconds from the return of one to the death of the next. */
  readonly every: number;
  /** Milliseconds until what was killed is started again. */
  readonly away: number;
  readonly kinds: readonly PartKind[];
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export class Chaos {
  readonly #victims: Victims;
  readonly #options: ChaosOptions;
  #timer: NodeJS.Timeout | undefined;
  #over = false;
  #work: Promise<void> = Promise.resolve();

  constructor(victims: Victims, options: ChaosOptions) {
    this.#victims = victims;
    this.#options = options;
    this.#next();
  }

  /** Kills nothing more; resolves when what it killed last is back. */
  async end(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #next(): void {
    const { every, say } = this.#options;
    this.#timer = setTimeout(() => {
      this.#work = this.#strike()
        .catch((error: unknown) => say(`this went wrong: ${error instanceof Error ? error.message : error}`))
        .then(() => {
          if (!this.#over) this.#next();
        });
    }, every);
  }

  async #strike(): Promise<void> {
    const { kinds, random, say, away } = this.#options;
    const running = (await this.#victims.list()).filter((part) => part.running && kinds.includes(part.kind));
    const victim = running[Math.floor(random() * running.length)];
    if (victim === undefined) {
      say(`nothing to kill: no ${kinds.join(", ")} runs`);
      return;
    }
    say(`SIGKILL ${victim.name}`);
    await this.#victims.kill(victim.name);
    await this.#pause(away);
    const begun = performance.now();
    await this.#victims.start(victim.name);
    say(`${victim.name} is back, started in ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
