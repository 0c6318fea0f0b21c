// Where a relay must never send to: addresses that are not the public Internet's (RFC 6890), as coturn's deny list.
import { bytesOfAddress } from "./probe/stun-address.ts";

export interface AddressRange {
  readonly from: string;
  /** Included. */
  readonly to: string;
}

/**
 * Whole prefixes only: releases before mid-2026 compare IPv6 byte by byte. None may begin at `::`, which 4.6.1 takes for
 * "no lower bound" and refuses every IPv4 peer by; `::` and `::1` are refused without a rule.
 */
export const deniedPeers: readonly AddressRange[] = [
  { from: "0.0.0.0", to: "0.255.255.255" },
  { from: "10.0.0.0", to: "10.255.255.255" },
  { from: "100.64.0.0", to: "100.127.255.255" },
  { from: "127.0.0.0", to: "127.255.255.255" },
  { from: "169.254.0.0", to: "169.254.255.255" },
  { from: "172.16.0.0", to: "172.31.255.255" },
  { from: "192.0.0.0", to: "192.0.0.255" },
  { from: "192.0.2.0", to: "192.0.2.255" },
  { from: "192.88.99.0", to: "192.88.99.255" },
  { from: "192.168.0.0", to: "192.168.255.255" },
  { from: "198.18.0.0", to: "198.19.255.255" },
  { from: "198.51.100.0", to: "198.51.100.255" },
  { from: "203.0.113.0", to: "203.0.113.255" },
  { from: "224.0.0.0", to: "255.255.255.255" },
  // Without it a mapped address walks past every IPv4 rule above (CVE-2026-27624, fixed in 4.9.0).
  { from: "::ffff:0.0.0.0", to: "::ffff:255.255.255.255" },
  // Through NAT64, Teredo and 6to4 an IPv6 address leads to an IPv4 one.
  { from: "64:ff9b::", to: "64:ff9b::ffff:ffff" },
  { from: "64:ff9b:1::", to: "64:ff9b:1:ffff:ffff:ffff:ffff:ffff" },
  { from: "100::", to: "100::ffff:ffff:ffff:ffff" },
  { from: "2001::", to: "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff" },
  { from: "2001:db8::", to: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
  { from: "2002::", to: "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
  { from: "fc00::", to: "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
  { from: "fe80::", to: "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
];

/** Whether a rule covers the address; false for what is no address. */
export function isDeniedPeer(address: string): boolean {
  const bytes = bytesOfAddress(address);
  if (bytes === undefined) return false;
  return deniedPeers.some(({ from, to }) => {
    const low = bytesOfAddress(from);
    const high = bytesOfAddress(to);
    if (low?.length !== bytes.length || high === undefined) return false;
    return Buffer.compare(low, bytes) <= 0 && Buffer.compare(bytes, high) <= 0;
  });
}
