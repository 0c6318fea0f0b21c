// The zones of a set as grants speak of them: checked, sorted, each with the URLs that a browser gets, and none too large.

import { createJsonCodec } from "@heliograph/codec";
import type { IceGrant, IceZone } from "@heliograph/protocol";
import type { TurnZone } from "./ice-set.ts";
import { orderUrls } from "./url-order.ts";
import type { Choosable } from "./zone-choice.ts";
import { sortedByPriority } from "./zone-choice.ts";

export interface OfferedZone extends Choosable {
  readonly hidden: boolean;
  /** Never empty. */
  readonly urls: readonly string[];
  /** What a client reads of it. */
  readonly offer: IceZone;
  /** Of the offer in JSON. */
  readonly bytes: number;
}

/** Of a whole grant in JSON, which is the longest of the codecs. */
const mostBytes = 8 * 1_024;
const longestId = 128;

// Nothing is decoded here, so no limit is ever met.
const json = createJsonCodec({ maxBytes: 0, maxDepth: 0, maxKeys: 0 });

/** By priority. A zone without an URL that browsers take is none. */
export function offeredZones(zones: readonly TurnZone[], maxUrls: number): readonly OfferedZone[] {
  return sortedByPriority(zones).flatMap(({ id, priority, label, labels, hidden, regions, urls: all }) => {
    const urls = orderUrls(all, maxUrls);
    if (urls.length === 0 || id === "" || id.length > longestId) return [];
    const offer: IceZone = {
      id,
      priority,
      ...(label === undefined ? {} : { label }),
      ...(labels === undefined ? {} : { labels }),
      urls,
    };
    const bytes = json.encode({ ...offer }).length;
    return [
      { id, priority, hidden: hidden === true, urls, offer, bytes, ...(regions === undefined ? {} : { regions }) },
    ];
  });
}

/**
 * The grant with the zones that a client may choose from, if there are two or more. A hidden one is among them only when it
 * is the grant's own. What would make the grant larger than 8 KiB is left out from the end.
 */
export function withZones(grant: IceGrant, zones: readonly OfferedZone[]): IceGrant {
  const shown = zones.filter(({ id, hidden }) => !hidden || id === grant.zone);
  if (shown.length < 2) return grant;
  let bytes = json.encode({
    ...grant,
    iceServers: grant.iceServers.map((server) => ({ ...server })),
    zones: [],
  }).length;
  const offers: IceZone[] = [];
  for (const { offer, bytes: more } of shown) {
    bytes += more + (offers.length === 0 ? 0 : 1);
    if (bytes > mostBytes) break;
    offers.push(offer);
  }
  return offers.length < 2 ? grant : { ...grant, zones: offers };
}
