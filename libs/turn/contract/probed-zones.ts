// Zone health as a test tells it, without the probes and the shared memory that production has it from.
import { inARow, type ZoneHealth } from "../src/zone-health.ts";

export class ProbedZones implements ZoneHealth {
  readonly #fails = new Map<string, number>();

  /** One round of probes of a zone. `up`: an allocation succeeded, by any transport. */
  note(provider: string, zone: string, up: boolean): void {
    const name = nameOf(provider, zone);
    if (up) this.#fails.delete(name);
    else this.#fails.set(name, (this.#fails.get(name) ?? 0) + 1);
  }

  failing(provider: string, zone: string): boolean {
    return (this.#fails.get(nameOf(provider, zone)) ?? 0) >= inARow;
  }
}

/** Where nothing is probed, nothing is known against any zone. */
export const unprobed: ZoneHealth = { failing: () => false };

function nameOf(provider: string, zone: string): string {
  return `${provider}\n${zone}`;
}
