// Whose connection it is: the peer's address, or what trusted proxies in front of us say it was.
import { createHash } from "node:crypto";
import { isIP, isIPv6 } from "node:net";

/**
 * Each proxy appends the address it was called from, so with `trusted` proxies of our own the entry that far from the
 * right is the last one a client could not write itself (RFC 7239 section 5.2 on the older X-Forwarded-For). What is
 * no address there (`unknown`, or nothing) leaves the peer's.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: number): string {
  if (trusted === 0 || forwardedFor === undefined) return peer;
  return bare(forwardedFor.split(",").at(-trusted)?.trim() ?? "") ?? peer;
}

/** What bans and counters go by: not the address itself, and for IPv6 the network that one household has. */
export function addressMark(address: string): string {
  const subject = isIPv6(address) ? network64(address) : address;
  return createHash("sha256").update(subject).digest().subarray(0, 16).toString("base64url");
}

/** Some proxies add the client's port, which would make a stranger of every connection. */
function bare(entry: string): string | undefined {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(entry);
  const address = bracketed?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry;
  return isIP(address) === 0 ? undefined : address;
}

/** The first 64 bits in one way of writing, or the IPv4 address that an IPv6 socket speaks of (RFC 4291, 2.5.5.2). */
function network64(address: string): string {
  // The parser of URLs knows every way to write one, but no zones.
  const [groups = ""] = address.split("%");
  const written = new URL(`http://[${groups}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(written);
  if (mapped !== null) {
    const [high, low] = [Number.parseInt(mapped[1] ?? "", 16), Number.parseInt(mapped[2] ?? "", 16)];
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
  }
  const [head = "", tail] = written.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left.slice(0, 4).join(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
