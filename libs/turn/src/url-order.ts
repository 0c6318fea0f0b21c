// Which of a zone's URLs a browser gets and in which order: one for each way through a firewall.
import type { IceUrl } from "./ice-url.ts";
import { readIceUrl } from "./ice-url.ts";

/** Best first: its class, and the ports in it that are preferred. */
const ways = [
  { scheme: "turn", transport: "udp", ports: [3478] },
  // The one that passes where only web traffic may leave.
  { scheme: "turns", transport: "tcp", ports: [443] },
  { scheme: "turn", transport: "tcp", ports: [443, 80] },
] as const;

/**
 * TURN URLs for one entry, at most `most` (1 or more): UDP, then TLS, then TCP, one of each. Browsers try every URL on every
 * network at once, and each try is an allocation that counts into the user's quota. What is no TURN URL is left out.
 */
export function orderUrls(urls: readonly string[], most: number): readonly string[] {
  const read = urls.flatMap((text) => {
    const outcome = readIceUrl(text);
    return outcome.ok ? [outcome.url] : [];
  });
  const picked = ways.flatMap(({ scheme, transport, ports }) => {
    const alike = read.filter((url) => url.scheme === scheme && url.transport === transport);
    const preferred = ports.map((port) => alike.find((url) => url.port === port)).find((url) => url !== undefined);
    const url = preferred ?? alike[0];
    return url === undefined ? [] : [url];
  });
  return trimmed(picked, Math.max(1, most)).map(({ text }) => text);
}

/** From the end, but never the last one that speaks TLS: whoever needs it has no other way. */
function trimmed(urls: readonly IceUrl[], most: number): readonly IceUrl[] {
  const kept = urls.slice(0, most);
  if (kept.some(({ scheme }) => scheme === "turns")) return kept;
  const secure = urls.find(({ scheme }) => scheme === "turns");
  return secure === undefined ? kept : [...kept.slice(0, -1), secure];
}
