// Since when each secret has stood in its place, as far as this process has seen.
import type { Clock } from "@heliograph/core";

interface Seen {
  readonly text: string;
  readonly since: number;
}

/** Its state is in private fields alone, so that printing it prints no secret. */
export class SecretAges {
  readonly #clock: Pick<Clock, "now">;
  #seen: readonly Seen[] = [];

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** In their order, the one that signs first. */
  see(secrets: readonly { reveal(): string }[]): void {
    const before = this.#seen;
    this.#seen = secrets.map((secret, slot) => {
      const text = secret.reveal();
      const known = before[slot];
      return known?.text === text ? known : { text, since: this.#clock.now() };
    });
  }

  get seconds(): readonly number[] {
    return this.#seen.map(({ since }) => Math.max(0, this.#clock.now() - since) / 1_000);
  }
}
