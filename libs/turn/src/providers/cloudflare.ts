// Cloudflare's Realtime TURN.

import { createJsonCodec } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import type { Exchange } from "../http/exchange.ts";
import type { ServiceUrl } from "../http/service-url.ts";
import { below } from "../http/service-url.ts";
import type { FetchingProvider, FetchOutcome } from "../provider.ts";
import type { Secret } from "../secret.ts";
import { isObject, listOf, onlyZone, openedUrls, setFrom } from "./answered-set.ts";

export interface CloudflareOptions {
  readonly id: string;
  /** `cloudflareUrl`, or a twin of it. */
  readonly url: ServiceUrl;
  readonly keyId: string;
  readonly keyApiToken: Secret;
  /** Seconds; the service gives at most 172 800. */
  readonly ttl: number;
}

export const cloudflareUrl = "https://rtc.live.cloudflare.com";

const json = createJsonCodec({ maxBytes: 1_024, maxDepth: 2, maxKeys: 8 });

export class CloudflareProvider implements FetchingProvider {
  readonly id: string;
  /** Relays are cut soon after the end (the vendor's documentation). */
  readonly expiry = "hard";
  readonly #options: CloudflareOptions;
  readonly #exchange: Exchange;
  readonly #clock: Pick<Clock, "now">;

  constructor(options: CloudflareOptions, exchange: Exchange, clock: Pick<Clock, "now">) {
    this.id = options.id;
    this.#options = options;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  async fetch(): Promise<FetchOutcome> {
    const { url, keyId, keyApiToken, ttl } = this.#options;
    const answer = await this.#exchange.ask({
      method: "POST",
      url: below(url, `/v1/turn/keys/${encodeURIComponent(keyId)}/credentials/generate-ice-servers`),
      headers: { authorization: `Bearer ${keyApiToken.reveal()}`, "content-type": "application/json" },
      body: json.encode({ ttl }),
    });
    if (answer.class !== "answered") return answer;
    // One object instead of a list is what the older form of the question was answered with.
    const { iceServers } = answer.value;
    const { login, raw, unopened } = openedUrls(isObject(iceServers) ? [iceServers] : listOf(iceServers));
    // The answer tells no lifetime: what was asked for, from before the question left.
    const elapsed = Math.max(0, this.#clock.now() - answer.askedAt) / 1_000;
    return setFrom({
      username: login?.username,
      password: login?.password,
      ttl: ttl - elapsed,
      zones: [{ id: onlyZone, priority: 0, raw }],
      unopened,
      keys: [keyApiToken],
    });
  }
}
