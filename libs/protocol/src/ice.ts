// Which STUN and TURN servers a client wishes for, and in which zones they stand.

/**
 * `auto`: the geo answer if the provider has a geo call, else the zone of the node's region, else by priority. `geo`: the geo
 * answer, else by priority. `priority`: the zone with the smallest number. `{zone}`: that zone if it is there, else by priority.
 */
export type IceWish = "auto" | "geo" | "priority" | { readonly zone: string };

/** What ends with a credential: nothing; the right to new allocations; running relays too. */
export type IceExpiry = "never" | "admission" | "hard";

/** A selectable group of TURN URLs, normally a region; the login of the grant opens it. */
export interface IceZone {
  readonly id: string;
  /** The smallest is preferred. */
  readonly priority: number;
  readonly label?: string;
  /** The label by language (BCP 47). */
  readonly labels?: Readonly<Record<string, string>>;
  readonly urls: readonly string[];
}
