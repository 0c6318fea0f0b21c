// STUN servers: the list for whoever gets no TURN, and what of a list goes into a grant.
import type { TurnZone } from "./ice-set.ts";
import type { IceUrl } from "./ice-url.ts";
import { readIceUrl } from "./ice-url.ts";
import { sortedByPriority } from "./zone-choice.ts";

/** Each more is asked on every network at once, and tells nothing new. */
export const mostStun = 2;

/** It learns the addresses of whoever asks it, so it serves only where there is no server of our own. */
const publicServer = "stun:stun.l.google.com:19302";

/** Where the operator named no list: the hosts of the own zones, which answer STUN too; without zones a public server. */
export function defaultStun(zones: readonly TurnZone[]): readonly string[] {
  const own = sortedByPriority(zones).flatMap(({ urls }) => {
    const read = urls.flatMap((text) => readUrl(text));
    const udp = read.find(({ scheme, transport }) => scheme === "turn" && transport === "udp");
    const url = udp ?? read[0];
    return url === undefined ? [] : [`stun:${url.host}${udp === undefined ? "" : `:${udp.port}`}`];
  });
  return own.length === 0 ? [publicServer] : [...new Set(own)].slice(0, mostStun);
}

/** At most `room` of the list, beginning with those on the hosts of these TURN URLs: the client talks to them anyway. */
export function stunBeside(list: readonly string[], turn: readonly string[], room: number): readonly string[] {
  if (list.length === 0 || room < 1) return [];
  const hosts = new Set(turn.flatMap((text) => readUrl(text)).map(({ host }) => host));
  const near = list.filter((text) => readUrl(text).some(({ host }) => hosts.has(host)));
  return [...new Set([...near, ...list])].slice(0, Math.min(room, mostStun));
}

function readUrl(text: string): readonly IceUrl[] {
  const outcome = readIceUrl(text);
  return outcome.ok ? [outcome.url] : [];
}
