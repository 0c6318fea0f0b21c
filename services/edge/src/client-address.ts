// Whose connection it is: the peer's address, or what trusted proxies in front of us say it was.
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";

/**
 * Each proxy appends the address it was called from, so with `trusted` proxies of our own the entry that far from the
 * right is the last one a client could not write itself (RFC 7239 section 5.2 on the older X-Forwarded-For).
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusted: number): string {
  if (trusted === 0 || forwardedFor === undefined) return peer;
  const told = forwardedFor.split(",").map((each) => each.trim());
  return told[told.length - trusted] || peer;
}

/** What bans and counters go by: not the address itself, and for IPv6 the network that one household has. */
export function addressMark(address: string): string {
  const subject = isIPv6(address) ? network64(address) : address;
  return createHash("sha256").update(subject).digest().subarray(0, 16).toString("base64url");
}

function network64(address: string): string {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  if (tail === undefined) return left.slice(0, 4).join(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
