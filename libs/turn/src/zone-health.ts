// What probes say of zones, as far as it decides where clients are sent.

/** Promise: answers at once from memory. */
export interface ZoneHealth {
  /** Whether the zone of that provider has failed too often to send anybody there who did not ask for it. */
  failing(provider: string, zone: string): boolean;
}

/** Failures in a row from which on a zone is avoided. */
export const inARow = 3;

/** Counts how often each zone has failed in a row. Holds as many zones as the operator's probes name. */
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
