// A provider of the configuration as what asks its service for logins.
import type { Config } from "@heliograph/config";
import type { Clock, Random } from "@heliograph/core";
import {
  CloudflareProvider,
  cloudflareUrl,
  type Exchange,
  type FetchingProvider,
  parseServiceUrl,
  type ServiceUrl,
  SpreedProvider,
  TurnRestProvider,
  TwilioProvider,
  twilioUrl,
} from "@heliograph/turn";

export interface AskingPorts {
  readonly exchange: Exchange;
  readonly clock: Pick<Clock, "now">;
  readonly random: Pick<Random, "bytes">;
}

/** Undefined: it makes its logins itself. */
export function fetchingProviderOf(
  provider: Config["turn"]["providers"][number],
  { exchange, clock, random }: AskingPorts,
): FetchingProvider | undefined {
  const { id } = provider;
  switch (provider.type) {
    case "static":
    case "secret":
      return undefined;
    case "spreed": {
      const { url, accessToken, clientId, geoHosts } = provider;
      const keys = {
        ...(accessToken === undefined ? {} : { accessToken }),
        ...(clientId === undefined ? {} : { clientId }),
      };
      return new SpreedProvider({ id, url: urlOf(url, id), geoHosts, ...keys }, exchange, random);
    }
    case "turn-rest": {
      const { url, apiKey, keyName, username } = provider;
      const asked = {
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(username === undefined ? {} : { username }),
      };
      return new TurnRestProvider({ id, url: urlOf(url, id), keyName, ...asked }, exchange, clock);
    }
    case "twilio": {
      const { accountSid, authToken, keySid, keySecret, ttl } = provider;
      const secret = keySecret ?? authToken;
      if (accountSid === undefined || secret === undefined) return missing(id);
      const login = { accountSid, secret, ...(keySid === undefined ? {} : { keySid }) };
      return new TwilioProvider({ id, url: urlOf(twilioUrl, id), ...login, ttl: ttl / 1_000 }, exchange);
    }
    case "cloudflare": {
      const { keyId, keyApiToken, ttl } = provider;
      if (keyId === undefined || keyApiToken === undefined) return missing(id);
      const key = { keyId, keyApiToken };
      return new CloudflareProvider({ id, url: urlOf(cloudflareUrl, id), ...key, ttl: ttl / 1_000 }, exchange, clock);
    }
    default:
      return provider satisfies never;
  }
}

function urlOf(raw: string | undefined, id: string): ServiceUrl {
  const url = parseServiceUrl(raw);
  return url.ok ? url.value : missing(id);
}

function missing(id: string): never {
  throw new Error(`the configuration let the TURN provider ${id} pass without what it takes to ask its service`);
}
