// STUN and TURN URLs (RFC 7064, RFC 7065): read strictly, repaired where services are known to err, dropped by rule.
import { isIPv4, isIPv6 } from "node:net";

/** `port`: browsers ignore it. `transport`: none that browsers speak. `limit`: more than one answer may name. */
export type DropReason = "port" | "syntax" | "transport" | "duplicate" | "limit";

export interface IceUrl {
  readonly scheme: "stun" | "stuns" | "turn" | "turns";
  /** A name, an IPv4 address, or an IPv6 address in brackets; as written. */
  readonly host: string;
  /** As written, or the scheme's default: 3478, and 5349 for `stuns` and `turns`. */
  readonly port: number;
  /** As written, or the scheme's default: `udp` for `stun` and `turn`, `tcp` for the others. */
  readonly transport: "udp" | "tcp";
  /** The URL with its repairs: what a browser gets. */
  readonly text: string;
}

export type IceUrlRead =
  | { readonly ok: true; readonly url: IceUrl }
  | { readonly ok: false; readonly reason: DropReason };

export interface Dropped {
  readonly reason: DropReason;
  /** At least 1. */
  readonly count: number;
}

export interface IceUrls {
  /** `turn:` and `turns:` URLs in the order of the answer. */
  readonly turn: readonly string[];
  /** `stun:` and `stuns:` URLs in the order of the answer. */
  readonly stun: readonly string[];
  /** One for each reason that occurred. */
  readonly dropped: readonly Dropped[];
}

/** URLs that one answer of a service may name (spec 1.6). */
export const urlsPerAnswer = 64;

/** Reads what a service or an operator wrote as URLs: keeps what browsers take, and counts the rest by reason. */
export function readIceUrls(raw: readonly unknown[], limit = urlsPerAnswer): IceUrls {
  const turn: string[] = [];
  const stun: string[] = [];
  const seen = new Set<string>();
  const counts = new Map<DropReason, number>();
  const drop = (reason: DropReason) => counts.set(reason, (counts.get(reason) ?? 0) + 1);

  for (const item of raw) {
    const read = readIceUrl(item);
    if (!read.ok) {
      drop(read.reason);
      continue;
    }
    const { url } = read;
    const name = identity(url);
    if (seen.has(name)) {
      drop("duplicate");
    } else if (seen.size >= limit) {
      drop("limit");
    } else {
      seen.add(name);
      (isTurn(url) ? turn : stun).push(url.text);
    }
  }
  return { turn, stun, dropped: [...counts].map(([reason, count]) => ({ reason, count })) };
}

// Not an URL parser's work: these have no authority part, and `new URL` accepts what browsers then throw on.
const shape = /^(stuns?|turns?):(\[[0-9a-f:.]{2,45}\]|[0-9a-z._-]{1,254})(?::([0-9]{1,5}))?(?:\?([^?]*))?$/i;
const query = /^(?:transport|proto)=([a-z]+)$/i;

export function readIceUrl(raw: unknown): IceUrlRead {
  if (typeof raw !== "string") return dropped("syntax");
  const parts = shape.exec(raw.trim());
  if (parts === null) return dropped("syntax");
  const [, written = "", host = "", portText, queryText] = parts;

  const scheme = schemeOf(written.toLowerCase());
  if (scheme === undefined || !isHost(host)) return dropped("syntax");
  const turn = scheme === "turn" || scheme === "turns";
  const secure = scheme === "stuns" || scheme === "turns";

  let port = secure ? 5349 : 3478;
  if (portText !== undefined) {
    port = Number(portText);
    if (port < 1 || port > 65_535 || portText.startsWith("0")) return dropped("syntax");
  }

  let transport: "udp" | "tcp" = secure ? "tcp" : "udp";
  if (queryText !== undefined) {
    const named = query.exec(queryText)?.[1]?.toLowerCase();
    // Chromium throws on a STUN URL with any query, and the page is left without a connection.
    if (named === undefined || !turn) return dropped("syntax");
    // `turns` over UDP would be DTLS.
    if ((named !== "udp" && named !== "tcp") || (named === "udp" && secure)) return dropped("transport");
    transport = named;
  }

  if (turn ? isIgnoredTurnPort(port) : port === dns) return dropped("port");

  const text = `${scheme}:${host}${portText === undefined ? "" : `:${port}`}${queryText === undefined ? "" : `?transport=${transport}`}`;
  return { ok: true, url: { scheme, host, port, transport, text } };
}

export function isTurn({ scheme }: IceUrl): boolean {
  return scheme === "turn" || scheme === "turns";
}

/**
 * The URLs of an entry, under any of the names that services and drafts gave them: `urls`, `url`, `uris`, `urns`; each a
 * string or an array. Nothing is checked yet.
 */
export function rawUrlsOf(entry: object): readonly unknown[] {
  const found: unknown[] = [];
  for (const name of ["urls", "url", "uris", "urns"]) {
    const value: unknown = Reflect.get(entry, name);
    if (Array.isArray(value)) for (const item of value) found.push(item);
    else if (value !== undefined && value !== null) found.push(value);
  }
  return found;
}

/** Two spellings of one server and transport are one URL. */
function identity({ scheme, host, port, transport }: IceUrl): string {
  return `${scheme} ${host.toLowerCase()} ${port} ${transport}`;
}

const dns = 53;

/**
 * Browsers block port 53, and whoever then waits for all candidates waits 40 s (Cloudflare's documentation); Chromium
 * ignores TURN on a port below 1024 other than 80 and 443, without any error.
 */
function isIgnoredTurnPort(port: number): boolean {
  return port < 1024 && port !== 80 && port !== 443;
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) return isIPv6(host.slice(1, -1));
  const labels = (host.endsWith(".") ? host.slice(0, -1) : host).split(".");
  // A name whose last label is a number is an address to whoever resolves it.
  if (/^[0-9]+$/.test(labels.at(-1) ?? "")) return isIPv4(host);
  return labels.every((label) => label.length > 0 && label.length <= 63);
}

function schemeOf(text: string): IceUrl["scheme"] | undefined {
  return text === "stun" || text === "stuns" || text === "turn" || text === "turns" ? text : undefined;
}

function dropped(reason: DropReason): IceUrlRead {
  return { ok: false, reason };
}
