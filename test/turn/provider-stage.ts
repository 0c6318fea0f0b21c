// A provider over real HTTP to a service of ours on loopback, with a clock that stands still and keys that print nothing.

import { inspect } from "node:util";
import { SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { Exchange, FetchedSet, FetchingProvider, FetchOutcome, Secret, ServiceUrl } from "@heliograph/turn";
import {
  CloudflareProvider,
  HttpExchange,
  parseServiceUrl,
  SpreedProvider,
  TurnRestProvider,
  TwilioProvider,
} from "@heliograph/turn";
import { TurnService } from "../kit/turn-service.ts";

/** As the configuration's own: whatever prints it prints that something is there. */
export class Hidden implements Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toJSON(): string {
    return "[redacted]";
  }

  [inspect.custom](): string {
    return "[redacted]";
  }
}

/** Letters that occur nowhere by chance. */
export const keys = {
  apiKey: "rest-key-4Zq8/with+signs=",
  accessToken: "spreed-token-7Kw1",
  clientId: "spreed-client-5Rt9",
  authToken: "twilio-token-2Hb6",
  keyApiToken: "cloudflare-token-9Xn3",
} as const;

export const accountSid = `AC${"a1".repeat(16)}`;
export const keyId = "turn-key-0c4e";

export interface Stage {
  readonly service: TurnService;
  readonly clock: VirtualClock;
  readonly exchange: Exchange;
  readonly url: ServiceUrl;
}

export async function stage(): Promise<Stage> {
  const service = await TurnService.start();
  const clock = new VirtualClock({
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    now: 1_790_000_000_000,
  });
  return { service, clock, exchange: new HttpExchange({ clock }), url: serviceUrl(service.url) };
}

export function serviceUrl(text: string): ServiceUrl {
  const url = parseServiceUrl(text);
  if (!url.ok) throw new Error(url.detail);
  return url.value;
}

export const makers = {
  "turn-rest": ({ url, exchange, clock }: Stage) =>
    new TurnRestProvider({ id: "rest", url, apiKey: new Hidden(keys.apiKey), username: "edge" }, exchange, clock),
  spreed: ({ url, exchange }: Stage, seed = 1) =>
    new SpreedProvider(
      { id: "spreed", url, accessToken: new Hidden(keys.accessToken), clientId: new Hidden(keys.clientId) },
      exchange,
      new SeededRandom(seed),
    ),
  twilio: ({ url, exchange }: Stage) =>
    new TwilioProvider({ id: "twilio", url, accountSid, secret: new Hidden(keys.authToken), ttl: 14_400 }, exchange),
  cloudflare: ({ url, exchange, clock }: Stage) =>
    new CloudflareProvider(
      { id: "cloudflare", url, keyId, keyApiToken: new Hidden(keys.keyApiToken), ttl: 43_200 },
      exchange,
      clock,
    ),
} as const satisfies Record<string, (stage: Stage) => FetchingProvider>;

export function good(outcome: FetchOutcome): FetchedSet {
  if (outcome.class !== "ok") throw new Error(`${outcome.class}: ${outcome.why}`);
  return outcome;
}

/** Everything that somebody could print of it, and how keys look on the way. */
export function shown(...values: readonly unknown[]): string {
  return values
    .map((value) => {
      return `${inspect(value, { depth: 20, showHidden: true, getters: true })} ${JSON.stringify(value)} ${String(value)}`;
    })
    .join("\n");
}

/** A text as it is, and as headers, bodies and queries write it. */
export function disguises(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const inside = [0, 1, 2].map((skip) => bytes.subarray(skip).toString("base64").slice(2, -3));
  return [text, encodeURIComponent(text), bytes.toString("hex"), bytes.toString("base64url"), ...inside];
}
