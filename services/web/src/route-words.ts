// How a connection's path is told: in a word for the tile, in a sentence for whoever asks.
import type { Route } from "./sdk.ts";

/** The kinds of ICE candidates (RFC 8445, section 5.1.1). */
const kinds: ReadonlyMap<string, string> = new Map([
  ["host", "a direct address"],
  ["srflx", "an address seen by a STUN server"],
  ["prflx", "an address the other side saw"],
  ["relay", "a TURN relay"],
]);

/** As on the tile: `host · 3 ms`; with two kinds where they differ. */
export function routeChip(route: Route): string {
  const { local, remote, roundTrip } = route;
  const path = local === remote ? local : [local, remote].filter((kind) => kind !== undefined).join("–");
  return [path, roundTrip === undefined ? undefined : `${Math.round(roundTrip)} ms`].filter(Boolean).join(" · ");
}

export function routeSentence(route: Route): string {
  const { local, remote, roundTrip } = route;
  const ways = [
    local === undefined ? undefined : `You through ${kinds.get(local) ?? local}`,
    remote === undefined ? undefined : `they through ${kinds.get(remote) ?? remote}`,
    roundTrip === undefined ? undefined : `round trip ${Math.round(roundTrip)} milliseconds`,
  ];
  return ways.filter((way) => way !== undefined).join(", ");
}
