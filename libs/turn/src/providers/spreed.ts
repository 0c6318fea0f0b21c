// The remote TURN service of Spreed WebRTC: zones with labels, a geo call, and a conversation that goes on.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Random } from "@heliograph/core";
import { readGeoUrl } from "../geo-url.ts";
import type { Exchange } from "../http/exchange.ts";
import type { ServiceUrl } from "../http/service-url.ts";
import { below } from "../http/service-url.ts";
import type { IceSet } from "../ice-set.ts";
import { rawUrlsOf } from "../ice-url.ts";
import type { FetchingProvider, FetchOutcome } from "../provider.ts";
import type { Secret } from "../secret.ts";
import type { AnsweredZone } from "./answered-set.ts";
import { bad, isObject, listOf, onlyZone, readSeconds, setFrom } from "./answered-set.ts";

export interface SpreedOptions {
  readonly id: string;
  /** The service's address, before `/api/v1`. */
  readonly url: ServiceUrl;
  /** At least one of the two. */
  readonly accessToken?: Secret;
  readonly clientId?: Secret;
  /** Hosts beside the service's own that clients may be sent to with the geo call. */
  readonly geoHosts?: readonly string[];
}

/** It travels in a header, which has a size. */
const longestSession = 2_048;
const longestLabel = 128;
const mostLabels = 32;

export class SpreedProvider implements FetchingProvider {
  readonly id: string;
  readonly expiry = "hard";
  readonly #options: SpreedOptions;
  readonly #exchange: Exchange;
  readonly #random: Pick<Random, "bytes">;

  constructor(options: SpreedOptions, exchange: Exchange, random: Pick<Random, "bytes">) {
    this.id = options.id;
    this.#options = options;
    this.#exchange = exchange;
    this.#random = random;
  }

  async fetch(previous: IceSet | undefined): Promise<FetchOutcome> {
    const { url, accessToken, clientId, geoHosts = [] } = this.#options;
    const nonce = Buffer.from(this.#random.bytes(32)).toString("hex");
    const bearer = `${accessToken?.reveal() ?? ""}:${previous?.session ?? ""}`;
    const answer = await this.#exchange.ask({
      method: "POST",
      url: below(url, "/api/v1/turn/credentials"),
      headers: {
        authorization: `Bearer ${Buffer.from(bearer).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ nonce, client_id: clientId?.reveal() ?? "" }).toString(),
    });
    if (answer.class !== "answered") return answer;
    const { success, nonce: repeated, turn, session, expires } = answer.value;
    if (success !== true) return bad("success is not true");
    // Somebody else's answer, or one from a cache: its login may be anybody's.
    if (repeated !== nonce) return bad("another nonce");
    if (!isObject(turn)) return bad("no turn");
    const geo = readGeoUrl(turn["geo_uri"], [new URL(url).hostname, ...geoHosts]);
    return setFrom({
      username: turn["username"],
      password: turn["password"],
      ttl: readSeconds(turn["ttl"]),
      ...zonesOf(turn),
      geo: geo !== undefined && clientId !== undefined && geo.includes(clientId.reveal()) ? undefined : geo,
      session: typeof session === "string" && session.length <= longestSession ? session : undefined,
      accountEndsAt: readDate(expires),
      keys: [accessToken],
    });
  }
}

/** Services without zones send the URLs beside the login. */
function zonesOf(turn: PlainObject): { readonly zones: readonly AnsweredZone[]; readonly unopened: number } {
  const servers = listOf(turn["servers"]);
  if (servers.length === 0) {
    return { zones: [{ id: onlyZone, priority: 0, raw: rawUrlsOf(turn) }], unopened: 0 };
  }
  const zones: AnsweredZone[] = [];
  let unopened = 0;
  for (const server of servers) {
    if (!isObject(server)) continue;
    const zone = zoneOf(server);
    if (zone === undefined) unopened += rawUrlsOf(server).length;
    else zones.push(zone);
  }
  return { zones, unopened };
}

/** Undefined: nobody could wish for it. */
function zoneOf(server: PlainObject): AnsweredZone | undefined {
  const { id, prio, label, i18n } = server;
  if (!isName(id, 64)) return undefined;
  const labels = labelsOf(i18n);
  return {
    id,
    priority: Number.isSafeInteger(prio) ? Number(prio) : 0,
    ...(label === "hidden" ? { hidden: true } : isName(label, longestLabel) ? { label } : {}),
    ...(labels === undefined ? {} : { labels }),
    raw: rawUrlsOf(server),
  };
}

function labelsOf(i18n: PlainValue | undefined): Readonly<Record<string, string>> | undefined {
  if (!isObject(i18n)) return undefined;
  const labels: [string, string][] = [];
  for (const [language, label] of Object.entries(i18n)) {
    if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language) || !isName(label, longestLabel)) continue;
    if (labels.length < mostLabels) labels.push([language, label]);
  }
  return labels.length === 0 ? undefined : Object.fromEntries(labels);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point.
const controls = /[\u0000-\u001f\u007f]/;

function isName(value: PlainValue | undefined, longest: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= longest && !controls.test(value);
}

/** RFC 3339, as milliseconds since 1970. A service in Go says the year 1 where it knows none. */
function readDate(raw: PlainValue | undefined): number | undefined {
  if (typeof raw !== "string") return undefined;
  if (!/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(raw)) return undefined;
  const at = Date.parse(raw.toUpperCase());
  return at > 0 ? at : undefined;
}
