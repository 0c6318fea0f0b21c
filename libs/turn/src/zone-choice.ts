// In which zone a session's TURN servers stand, by its wish.
import type { IceWish } from "@heliograph/protocol";

export interface Choosable {
  readonly id: string;
  readonly priority: number;
  readonly regions?: readonly string[];
}

/** What decides beside the wish. */
export interface Place {
  /** Of the node that grants. */
  readonly region?: string | undefined;
  /** Whether the provider answers where a client is: the client then asks, and takes that zone out of those in the grant. */
  readonly geo: boolean;
  failing(zone: string): boolean;
}

/** Undefined only when there is no zone. Every zone of the list has URLs that can be used. */
export function chooseZone<Zone extends Choosable>(
  zones: readonly Zone[],
  wish: IceWish,
  place: Place,
): Zone | undefined {
  if (typeof wish === "object") return zones.find(({ id }) => id === wish.zone) ?? byPriority(zones, place);
  switch (wish) {
    case "priority":
    // The answer is the client's to fetch, since the point is the client's address; until it has one, as by priority.
    case "geo":
      return byPriority(zones, place);
    case "auto":
      return place.geo ? byPriority(zones, place) : (byRegion(zones, place) ?? byPriority(zones, place));
    default:
      return wish satisfies never;
  }
}

/** Smallest first; equal ones in the order of the list. */
export function sortedByPriority<Zone extends Choosable>(zones: readonly Zone[]): readonly Zone[] {
  return [...zones].sort((a, b) => a.priority - b.priority);
}

function byPriority<Zone extends Choosable>(zones: readonly Zone[], place: Place): Zone | undefined {
  return sortedByPriority(spared(zones, place))[0];
}

function byRegion<Zone extends Choosable>(zones: readonly Zone[], place: Place): Zone | undefined {
  const { region } = place;
  if (region === undefined) return undefined;
  return sortedByPriority(spared(zones, place)).find(({ regions }) => regions?.includes(region) === true);
}

/** Without those that fail. Where every one does, all of them: it is likelier that the probe is at fault. */
function spared<Zone extends Choosable>(zones: readonly Zone[], place: Place): readonly Zone[] {
  const healthy = zones.filter(({ id }) => !place.failing(id));
  return healthy.length === 0 ? zones : healthy;
}
