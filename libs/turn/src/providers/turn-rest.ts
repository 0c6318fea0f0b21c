// A service that speaks the TURN REST draft (draft-uberti-behave-turn-rest-00).
import type { Clock } from "@heliograph/core";
import type { Exchange } from "../http/exchange.ts";
import type { ServiceUrl } from "../http/service-url.ts";
import { asking } from "../http/service-url.ts";
import { rawUrlsOf } from "../ice-url.ts";
import type { FetchingProvider, FetchOutcome } from "../provider.ts";
import type { Secret } from "../secret.ts";
import { bad, onlyZone, readSeconds, setFrom } from "./answered-set.ts";

export interface TurnRestOptions {
  readonly id: string;
  /** It may have a query already, which stays. */
  readonly url: ServiceUrl;
  /** Asked for as `username`; absent: nothing is. */
  readonly username?: string;
  readonly apiKey?: Secret;
  /** What the service calls the key in the query. Default `key`; Janus' services say `api`. */
  readonly keyName?: string;
}

/** Seconds, where neither the answer nor the username tells an end. */
const untold = 3_600;

export class TurnRestProvider implements FetchingProvider {
  readonly id: string;
  readonly expiry = "hard";
  readonly #options: TurnRestOptions;
  readonly #exchange: Exchange;
  readonly #clock: Pick<Clock, "now">;

  constructor(options: TurnRestOptions, exchange: Exchange, clock: Pick<Clock, "now">) {
    this.id = options.id;
    this.#options = options;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  async fetch(): Promise<FetchOutcome> {
    const { url, username, apiKey, keyName = "key" } = this.#options;
    const answer = await this.#exchange.ask({
      method: "GET",
      url: asking(url, {
        service: "turn",
        ...(username === undefined ? {} : { username }),
        ...(apiKey === undefined ? {} : { [keyName]: apiKey.reveal() }),
      }),
      headers: {},
    });
    if (answer.class !== "answered") return answer;
    const { username: name, password, ttl: told } = answer.value;
    const ttl = told === undefined || told === null ? undefined : readSeconds(told);
    if (ttl === undefined && told !== undefined && told !== null) return bad("a ttl that is no number");
    return setFrom({
      username: name,
      password,
      ttl: this.#soonest(ttl, name),
      zones: [{ id: onlyZone, priority: 0, raw: rawUrlsOf(answer.value) }],
      keys: [apiKey],
    });
  }

  /** coturn itself goes by the second in the username, whatever the service says. */
  #soonest(ttl: number | undefined, username: unknown): number {
    const second = typeof username === "string" ? /^(\d{10})(?::|$)/.exec(username)?.[1] : undefined;
    if (second === undefined) return ttl ?? untold;
    const left = Math.max(0, Number(second) - this.#clock.now() / 1_000);
    return Math.min(ttl ?? left, left);
  }
}
