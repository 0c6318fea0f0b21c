// What the configuration's settings mean to the parts of an edge.
import type { Config } from "@heliograph/config";
import type { KeyRing, Random, TokenKey } from "@heliograph/core";
import { parseRealm } from "@heliograph/protocol";
import type { HttpHandler } from "./socket/http.ts";
import type { Admission, EdgeOptions } from "./start.ts";

export function admissionOf(config: Config): Admission {
  const { origins, ownPage, limits } = config;
  return { origins, ownPage, connectionsPerAddress: limits.connectionsPerAddress };
}

/** `site` answers under the same listener whatever the edge does not. `sharedPort`: in place of the configured one. */
export function edgeOptionsOf(config: Config, site: HttpHandler | undefined, sharedPort?: number): EdgeOptions {
  const { listen, native, limits, trustForwarded, drain } = config;
  const realm = parseRealm(native.realm);
  if (!realm.ok) throw new Error(`the configuration let an illegal realm pass: ${native.realm}`);
  return {
    ...admissionOf(config),
    host: listen.host,
    port: sharedPort ?? listen.port,
    sharedPort: sharedPort !== undefined,
    tls: listen.tls === undefined ? undefined : { certFile: listen.tls.cert, keyFile: listen.tls.key },
    basePath: listen.basePath,
    socketPath: native.path,
    realm: realm.value,
    trustForwarded,
    bufferedBytes: limits.bufferedBytes,
    maxDepth: limits.depth,
    maxKeys: limits.keys,
    site,
    drain,
  };
}

/** What a process signs with when no key is configured; its name is no configured key's. */
export function startKey(random: Random): TokenKey {
  return { id: Buffer.from(random.bytes(12)).toString("base64url"), secret: random.bytes(32) };
}

/**
 * The configured keys, and behind them `own`, which lives as long as this process: sessions live through the day on
 * which the first key is configured. Keys that were taken out serve no longer, the last one included.
 */
export function tokenRingOf(config: Config, own: TokenKey): KeyRing {
  const [first, ...others] = config.tokens.keys.map(({ id, secret }) => ({ id, secret: secret.reveal() }));
  return first === undefined ? [own] : [first, ...others, own];
}
