// Twilio's Network Traversal Service.
import type { Exchange } from "../http/exchange.ts";
import type { ServiceUrl } from "../http/service-url.ts";
import { below } from "../http/service-url.ts";
import type { FetchingProvider, FetchOutcome } from "../provider.ts";
import type { Secret } from "../secret.ts";
import { bad, isObject, listOf, onlyZone, openedUrls, readSeconds, setFrom } from "./answered-set.ts";

export interface TwilioOptions {
  readonly id: string;
  /** `twilioUrl`, or a twin of it. */
  readonly url: ServiceUrl;
  readonly accountSid: string;
  /** An API key, which can be revoked alone; absent: the account itself. */
  readonly keySid?: string;
  /** The API key's secret, or the account's auth token. */
  readonly secret: Secret;
  /** Seconds; the service gives at most 86 400. */
  readonly ttl: number;
}

export const twilioUrl = "https://api.twilio.com";

export class TwilioProvider implements FetchingProvider {
  readonly id: string;
  readonly expiry = "hard";
  readonly #options: TwilioOptions;
  readonly #exchange: Exchange;

  constructor(options: TwilioOptions, exchange: Exchange) {
    this.id = options.id;
    this.#options = options;
    this.#exchange = exchange;
  }

  async fetch(): Promise<FetchOutcome> {
    const { url, accountSid, keySid, secret, ttl } = this.#options;
    const login = `${keySid ?? accountSid}:${secret.reveal()}`;
    const answer = await this.#exchange.ask({
      method: "POST",
      url: below(url, `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Tokens.json`),
      headers: {
        authorization: `Basic ${Buffer.from(login).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ Ttl: String(ttl) }).toString(),
    });
    if (answer.class !== "answered") return answer;
    const { username, password, ttl: given, ice_servers: entries } = answer.value;
    if (typeof username !== "string" || typeof password !== "string") return bad("no login");
    const { raw, unopened } = openedUrls(listOf(entries).filter(isObject), { username, password });
    return setFrom({
      username,
      password,
      ttl: readSeconds(given),
      zones: [{ id: onlyZone, priority: 0, raw }],
      unopened,
      keys: [secret],
    });
  }
}
