// From what a service answered to a set: one login, zones of checked URLs, and a count of what was left out.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { IceSet, TurnZone } from "../ice-set.ts";
import type { DropReason } from "../ice-url.ts";
import { isTurn, rawUrlsOf, readIceUrl, readIceUrls, urlsPerAnswer } from "../ice-url.ts";
import type { Login } from "../login.ts";
import { isLogin } from "../login.ts";
import type { FetchedSet, FetchFailed } from "../provider.ts";
import type { Secret } from "../secret.ts";

/** A zone as a service wrote it: nothing of it is believed yet. */
export interface AnsweredZone extends Omit<TurnZone, "urls" | "regions"> {
  readonly raw: readonly unknown[];
}

export interface Answered {
  readonly username: PlainValue | undefined;
  readonly password: PlainValue | undefined;
  /** Seconds from now; undefined: the answer has none that can be read. */
  readonly ttl: number | undefined;
  readonly zones: readonly AnsweredZone[];
  readonly geo?: string | undefined;
  readonly session?: string | undefined;
  readonly accountEndsAt?: number | undefined;
  /** URLs that were dropped before, as `syntax`. */
  readonly unopened?: number;
  /** What no client may read in a set. */
  readonly keys: readonly (Secret | undefined)[];
}

/** Seconds. A set that ends sooner would be fetched all the time. */
const leastTtl = 120;
/** A week: no service gives more that we know of, and what is counted from it stays in bounds. */
const mostTtl = 604_800;
const mostZones = 16;
/** A shorter one, as of a lab, could be part of any word. */
const leastKeyLength = 8;

export const onlyZone = "default";

export function setFrom(answered: Answered): FetchedSet | FetchFailed {
  const login = loginOf(answered.username, answered.password);
  if (login === undefined) return bad("no login that browsers take");
  if (answered.ttl === undefined) return bad("no ttl");
  const ttl = Math.floor(Math.min(answered.ttl, mostTtl));
  if (ttl < leastTtl) return bad(`a ttl below ${leastTtl} s`);

  const counts = new Map<DropReason, number>();
  const drop = (reason: DropReason, count: number) => counts.set(reason, (counts.get(reason) ?? 0) + count);
  if (answered.unopened !== undefined) drop("syntax", answered.unopened);
  const { zones, stun } = zonesOf(answered.zones, drop);
  const dropped = [...counts].filter(([, count]) => count > 0).map(([reason, count]) => ({ reason, count }));
  const told = dropped.length === 0 ? {} : { dropped };
  if (zones.length === 0) return { ...bad("no TURN URL that browsers take"), ...told };

  const { geo, session, accountEndsAt } = answered;
  const shown = { ...login, zones, stun, ...(geo === undefined ? {} : { geo }) };
  if (repeatsKey(shown, answered.keys)) return { ...bad("a key of ours in the answer"), ...told };
  const set = session === undefined ? shown : { ...shown, session };
  return { class: "ok", set, ttl, ...told, ...(accountEndsAt === undefined ? {} : { accountEndsAt }) };
}

export function bad(why: string): FetchFailed {
  return { class: "bad", why };
}

/** A number of seconds, or the digits of one; both are seen. */
export function readSeconds(raw: PlainValue | undefined): number | undefined {
  if (typeof raw === "string" && /^\d{1,12}$/.test(raw)) return Number(raw);
  return typeof raw === "number" && raw >= 0 ? raw : undefined;
}

export interface OpenedUrls {
  readonly login: Login | undefined;
  readonly raw: readonly unknown[];
  /** TURN URLs without that login: a browser that is given one throws, and the page gets no connection at all. */
  readonly unopened: number;
}

/** The URLs of entries as RTCPeerConnection takes them, of all those that the same login opens: `login`, or the first. */
export function openedUrls(entries: readonly PlainValue[], login?: Login): OpenedUrls {
  const raw: unknown[] = [];
  let opening = login;
  let unopened = 0;
  for (const entry of entries) {
    if (!isObject(entry)) continue;
    const own = loginOf(entry["username"], entry["credential"]);
    opening ??= own;
    const opened = own !== undefined && own.username === opening?.username && own.password === opening.password;
    // One URL under two names is one.
    for (const url of new Set(rawUrlsOf(entry))) {
      const read = readIceUrl(url);
      if (read.ok && isTurn(read.url) && !opened) unopened += 1;
      else raw.push(url);
    }
  }
  return { login: opening, raw, unopened };
}

export function isObject(value: PlainValue | undefined): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  return Array.isArray(value) ? value : [];
}

function loginOf(username: PlainValue | undefined, password: PlainValue | undefined): Login | undefined {
  if (typeof username !== "string" || typeof password !== "string") return undefined;
  const login = { username, password };
  return isLogin(login) ? login : undefined;
}

function zonesOf(
  answered: readonly AnsweredZone[],
  drop: (reason: DropReason, count: number) => void,
): Pick<IceSet, "zones" | "stun"> {
  const zones = new Map<string, TurnZone>();
  const stun = new Set<string>();
  let room = urlsPerAnswer;
  for (const { raw, ...zone } of answered) {
    if (zones.has(zone.id)) {
      drop("duplicate", raw.length);
      continue;
    }
    const read = readIceUrls(raw, zones.size < mostZones ? room : 0);
    room -= read.turn.length + read.stun.length;
    for (const { reason, count } of read.dropped) drop(reason, count);
    for (const url of read.stun) stun.add(url);
    if (read.turn.length > 0) zones.set(zone.id, { ...zone, urls: read.turn });
  }
  return { zones: [...zones.values()], stun: [...stun] };
}

function repeatsKey({ username, password, zones, stun, geo = "" }: IceSet, keys: Answered["keys"]): boolean {
  const texts = [username, password, ...stun, geo];
  for (const { id, label = "", labels = {}, urls } of zones) texts.push(id, label, ...Object.values(labels), ...urls);
  return keys.some((key) => {
    const text = key?.reveal() ?? "";
    return text.length >= leastKeyLength && texts.some((shown) => shown.includes(text));
  });
}
