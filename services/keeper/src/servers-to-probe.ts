// Which TURN servers are tried, and with which login.
import type { Config } from "@heliograph/config";
import type { Clock } from "@heliograph/core";
import { type HeldSet, type ProbedServers, SecretSource } from "@heliograph/turn";

/** As they are now; undefined: none. */
export type ServersToProbe = () => ProbedServers | undefined;

/** Probes have a quota of their own by it: the operator of coturn finds it in the logs. */
const probeTag = "probe";

/** Of a provider whose logins are made by whoever has its secrets; undefined: it is none, or nobody gave us any. */
export function ownServers(
  provider: Config["turn"]["providers"][number],
  { zones, tagKey, ttl }: Config["turn"],
  clock: Pick<Clock, "now">,
): ServersToProbe | undefined {
  if (provider.type === "static") {
    const login = { username: provider.username, password: provider.password.reveal() };
    return () => ({ zones, login, permissions: true });
  }
  if (provider.type !== "secret" || provider.secrets.length === 0 || tagKey === undefined) return undefined;
  const source = new SecretSource(provider.id, { secrets: provider.secrets, tagKey, ttl: ttl / 1_000, zones }, clock);
  return () => {
    const login = source.loginTagged(probeTag);
    return login === undefined ? undefined : { zones, login, permissions: true };
  };
}

/** Every byte costs money: one server of each zone, an allocation and nothing else. */
export function boughtServers(held: HeldSet | undefined): ProbedServers | undefined {
  if (held === undefined) return undefined;
  const { username, password, zones } = held.set;
  return {
    zones: zones.map(({ id, urls }) => ({ id, urls: urls.slice(0, 1) })),
    login: { username, password },
    permissions: false,
  };
}
