// What probes say of zones, as far as it decides where clients are sent.

/** Promise: answers at once from memory. */
export interface ZoneHealth {
  /** Whether the zone of that provider has failed too often to send anybody there who did not ask for it. */
  failing(provider: string, zone: string): boolean;
}

/** Failures in a row from which on a zone is avoided. */
export const inARow = 3;
