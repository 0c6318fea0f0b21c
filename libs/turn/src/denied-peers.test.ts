import { describe, expect, test } from "vitest";
import { deniedPeers, isDeniedPeer } from "./denied-peers.ts";
import { bytesOfAddress } from "./probe/stun-address.ts";

function bitsOf(address: string): string {
  return [...(bytesOfAddress(address) ?? [])].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

describe("the peers that a relay refuses", () => {
  test.for(deniedPeers)("are whole prefixes: $from to $to", ({ from, to }) => {
    const [low, high] = [bitsOf(from), bitsOf(to)];
    const same = [...low].findIndex((bit, i) => bit !== high[i]);
    expect(low.slice(same)).toMatch(/^0+$/);
    expect(high.slice(same)).toMatch(/^1+$/);
  });

  test("never begin at ::, by which coturn 4.6.1 would refuse everybody", () => {
    // But 0.0.0.0 in the mapped range, which is another address.
    for (const { from } of deniedPeers) expect(bytesOfAddress(from)).not.toEqual(new Uint8Array(16));
  });

  test.for([
    "0.0.0.0",
    "10.255.255.255",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.0.1",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "::ffff:127.0.0.1",
    "::ffff:8.8.4.4",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::",
    "fd00::1",
    "fe80::1",
  ])("hold %s", (address) => {
    expect(isDeniedPeer(address)).toBe(true);
  });

  test.for(["8.8.4.4", "9.255.255.255", "11.0.0.0", "172.32.0.0", "192.167.255.255", "2606:4700::1111", "no address"])(
    "do not hold %s",
    (address) => {
      expect(isDeniedPeer(address)).toBe(false);
    },
  );
});
