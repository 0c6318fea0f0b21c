// Names of services are resolved to addresses of the public Internet, or not at all.
import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { BlockList, isIPv6 } from "node:net";

/** All addresses of a name; rejects when there are none. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** What the error of a refused name carries. */
export const notPublic = "ERR_NOT_PUBLIC";

/** Special-purpose blocks that no public service lives in (RFC 6890 and its registries). */
const ipv4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

const ipv6: readonly (readonly [string, number])[] = [
  ["::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  // Tunnels that wrap an IPv4 address where nobody looks for one.
  ["2001::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

const closed = new BlockList();
for (const [net, prefix] of ipv4) {
  closed.addSubnet(net, prefix, "ipv4");
  // A translator's prefix (RFC 6052) is how networks with IPv6 alone reach public addresses, and private ones.
  closed.addSubnet(`64:ff9b::${net}`, 96 + prefix, "ipv6");
  closed.addSubnet(`::ffff:${net}`, 96 + prefix, "ipv6");
}
for (const [net, prefix] of ipv6) closed.addSubnet(net, prefix, "ipv6");

export function isPublic(address: string): boolean {
  // A zone index names a link, and what is on a link is not public.
  if (address.includes("%")) return false;
  return !closed.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/**
 * For `net.connect`, which connects to what this answers and asks no second time: a name that points inwards later, or
 * only for this question, gains nothing. One private address among public ones refuses the name. Addresses written as
 * numbers are never looked up: whoever configured one meant it.
 */
export function publicLookup(resolve: Resolve = (hostname) => lookup(hostname, { all: true })): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        if (first === undefined || !addresses.every(({ address }) => isPublic(address))) {
          callback(Object.assign(new Error("not a public address"), { code: notPublic }), []);
        } else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error("not resolved"), []),
    );
  };
}
