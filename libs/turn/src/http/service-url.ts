// Where a service of somebody else is asked: https, or this very machine.
import type { Outcome } from "@heliograph/protocol";
import { accepted, refused } from "@heliograph/protocol";

declare const brand: unique symbol;
/** May carry a key in its query: never logged. */
export type ServiceUrl = string & { readonly [brand]: "ServiceUrl" };

const longest = 2_048;

/** The only door by which a string becomes a ServiceUrl. What was wrong is told without repeating the address. */
export function parseServiceUrl(raw: unknown): Outcome<ServiceUrl> {
  if (typeof raw !== "string" || !URL.canParse(raw)) return refused("malformed", "not an absolute URL");
  if (raw.length > longest) return refused("too_large", `more than ${longest} characters`);
  const url = new URL(raw);
  const { protocol, hostname, username, password, hash } = url;
  if (protocol !== "https:" && !(protocol === "http:" && isLoopbackLiteral(hostname))) {
    return refused("malformed", "https only; http for a loopback address that is written as a number");
  }
  if (username !== "" || password !== "") return refused("malformed", "a login in the URL");
  if (hash !== "") return refused("malformed", "a fragment");
  return accepted(url.href as ServiceUrl);
}

/** `hostname` as URL gives it: other spellings of an IPv4 address have become four numbers there. */
export function isLoopbackLiteral(hostname: string): boolean {
  return /^127(?:\.\d{1,3}){3}$/.test(hostname) || hostname === "[::1]";
}

/** `path` below the address, `query` behind what its query already says. */
export function below(base: ServiceUrl, path: string, query: Readonly<Record<string, string>> = {}): ServiceUrl {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  return asking(url.href as ServiceUrl, query);
}

/** The address itself, with `query` behind what its query already says. */
export function asking(base: ServiceUrl, query: Readonly<Record<string, string>>): ServiceUrl {
  const url = new URL(base);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
  return url.href as ServiceUrl;
}
