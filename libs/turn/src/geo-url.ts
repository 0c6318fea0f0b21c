// The URL where a client asks which zone is near, taken from a service's answer only if the service may speak for it.

const longest = 1_024;

/**
 * The URL if it is https and on one of the hosts, which are those of the provider's own address and whatever the operator
 * named; else undefined. The client sends its TURN login there, so a stranger's host is none that we name. Plain http is
 * taken on a loopback literal alone, and like any other only if it is the provider's own.
 */
export function readGeoUrl(raw: unknown, hosts: readonly string[]): string | undefined {
  if (typeof raw !== "string" || raw.length > longest || !URL.canParse(raw)) return undefined;
  const { protocol, hostname, username, password, href } = new URL(raw);
  const local = hostname === "127.0.0.1" || hostname === "[::1]";
  if (protocol !== "https:" && !(protocol === "http:" && local)) return undefined;
  if (username !== "" || password !== "") return undefined;
  return hosts.some((host) => host.toLowerCase() === hostname) ? href : undefined;
}
