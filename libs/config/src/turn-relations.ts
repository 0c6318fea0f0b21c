// What must hold between the settings of TURN, and which of them which program needs, or must not have.
import { isIPv6 } from "node:net";
import type { Config } from "./config.ts";
import type { Breach, Program } from "./relations.ts";

type Turn = Config["turn"];
type Provider = Turn["providers"][number];

export function turnBreaches({ providers, zones, tagKey, stun }: Turn): readonly Breach[] {
  const found: Breach[] = [];
  const demand = (holds: boolean, path: string, problem: string, remedy: string, beside: string[] = []): void => {
    // A list is taken over whole, so it takes part as a whole.
    const list = path.split(".").slice(0, 2).join(".");
    if (!holds) found.push({ paths: [path, list, ...beside], problem, remedy });
  };
  const zoneIds = zones.map(({ id }) => id);
  for (const [index, zone] of zones.entries()) {
    const path = `turn.zones.${index}`;
    demand(
      zoneIds.indexOf(zone.id) === index,
      `${path}.id`,
      "names an earlier zone too, so clients could not choose between them",
      "Give each zone its own id.",
    );
    for (const [at, url] of zone.urls.entries()) {
      const wrong = faultOf(url);
      if (wrong !== undefined) demand(false, `${path}.urls.${at}`, ...wrong);
    }
  }
  for (const [index, url] of (stun ?? []).entries()) {
    demand(!hasBadAddress(url), `turn.stun.${index}`, "has brackets around what is no IPv6 address", "Correct it.");
  }
  const ids = providers.map(({ id }) => id);
  for (const [index, provider] of providers.entries()) {
    const path = `turn.providers.${index}`;
    demand(
      ids.indexOf(provider.id) === index,
      `${path}.id`,
      "names an earlier provider too, so their logins would be mixed up",
      "Give each provider its own id.",
    );
    const isOwn = provider.type === "secret" || provider.type === "static";
    demand(
      !isOwn || zones.length > 0,
      path,
      `is of type ${provider.type}, and turn.zones is empty, so there is no server to use it at`,
      "Add turn.zones.",
      ["turn.zones"],
    );
    demand(
      provider.type !== "secret" || tagKey !== undefined,
      path,
      "is of type secret, and turn.tagKey is missing, so names of users would have to stand in logins",
      "Add turn.tagKey, 32 random bytes as `openssl rand -hex 32` prints them, the same on every node.",
      ["turn.tagKey"],
    );
    for (const [one, other] of pairsOf(provider)) {
      const [there, absent] = settingOf(provider, one) === undefined ? [other, one] : [one, other];
      demand(
        (settingOf(provider, one) === undefined) === (settingOf(provider, other) === undefined),
        `${path}.${there}`,
        `is given without ${absent}`,
        `Add ${absent}, or remove it.`,
      );
    }
    demand(
      provider.type !== "twilio" || provider.authToken === undefined || provider.keySid === undefined,
      `${path}.keySid`,
      "is given beside authToken, and a keeper logs in in one way",
      "Keep one of the two.",
    );
  }
  return found;
}

/**
 * An edge stands where strangers reach it: what opens an account is for keepers, who fetch for everybody, and for
 * `standalone`, which is both. Who can fetch nothing says so at the start and not when calls fail.
 */
export function turnShortages({ providers }: Turn, program: Program): readonly Breach[] {
  return providers.flatMap((provider, index): readonly Breach[] => {
    const path = `turn.providers.${index}`;
    if (program === "edge") {
      const given = keysOf(provider).filter((name) => settingOf(provider, name) !== undefined);
      const refused = given.map(
        (name): Breach => ({
          paths: [`${path}.${name}`, "turn.providers"],
          problem: "is given, and an edge asks no provider: keepers do, and edges stand where strangers reach them",
          remedy: "Give it to keepers alone, as with HELIOGRAPH_TURN_PROVIDERS_FILE.",
        }),
      );
      return provider.type === "secret" ? [...refused, ...withoutSecret(provider, path)] : refused;
    }
    if (provider.type === "secret") return program === "keeper" ? [] : withoutSecret(provider, path);
    return missingOf(provider).map((name) => ({
      paths: [path, "turn.providers"],
      problem: `has no ${name}, so nobody could fetch its logins`,
      remedy: `Add ${name}.`,
    }));
  });
}

function withoutSecret(provider: Extract<Provider, { type: "secret" }>, path: string): readonly Breach[] {
  if (provider.secrets.length > 0) return [];
  const problem = "has no secrets, so it could sign no login";
  return [{ paths: [path, "turn.providers"], problem, remedy: "Add secrets, the same as coturn's." }];
}

/** What opens an account, by its name in the settings. */
function keysOf(provider: Provider): readonly string[] {
  switch (provider.type) {
    case "static":
    case "secret":
      return [];
    case "spreed":
      return ["accessToken", "clientId"];
    case "turn-rest":
      return ["apiKey"];
    case "twilio":
      return ["authToken", "keySecret"];
    case "cloudflare":
      return ["keyApiToken"];
    default:
      return provider satisfies never;
  }
}

/** What is missing to fetch from it. */
function missingOf(provider: Provider): readonly string[] {
  const without = (...names: readonly string[]) => names.filter((name) => settingOf(provider, name) === undefined);
  switch (provider.type) {
    case "static":
    case "secret":
      return [];
    case "spreed":
      return [
        ...without("url"),
        ...(without("accessToken", "clientId").length === 2 ? ["accessToken or clientId"] : []),
      ];
    case "turn-rest":
      return without("url");
    case "twilio":
      return [
        ...without("accountSid"),
        ...(without("authToken", "keySid").length === 2 ? ["authToken or keySid"] : []),
      ];
    case "cloudflare":
      return without("keyId", "keyApiToken");
    default:
      return provider satisfies never;
  }
}

/** Settings that go together. */
function pairsOf({ type }: Provider): readonly (readonly [string, string])[] {
  return type === "twilio" ? [["keySid", "keySecret"]] : [];
}

function settingOf(provider: Provider, name: string): unknown {
  return Object.entries(provider).find(([each]) => each === name)?.[1];
}

/** Why no browser would use the address; undefined: they do. */
function faultOf(url: string): readonly [problem: string, remedy: string] | undefined {
  const { port } = partsOf(url);
  if (hasBadAddress(url)) return ["has brackets around what is no IPv6 address", "Correct it."];
  if (port === undefined || port >= 1_024 || port === 80 || port === 443) return undefined;
  return [
    `names port ${port}, where browsers try no TURN`,
    "Let the server listen on 3478, 443, 80, or on a port from 1024 on.",
  ];
}

function hasBadAddress(url: string): boolean {
  const { host } = partsOf(url);
  return host.startsWith("[") && !isIPv6(host.slice(1, -1));
}

/** Of an address that the schema let pass. `host` with its brackets. */
function partsOf(url: string): { readonly host: string; readonly port: number | undefined } {
  const [, host = "", port] = /^[a-z]+:(\[[^\]]*\]|[^:?]*)(?::(\d+))?/.exec(url) ?? [];
  return { host, port: port === undefined ? undefined : Number(port) };
}
