// Which web pages may open sockets here: an allow-list, deny by default.
import { isLoopback } from "@heliograph/config";

/**
 * Whether a page that this very server served (its origin's host is the request's) is allowed too. `loopback`: only
 * where its host is a name of this machine, since whoever owns any other name can make it lead here (DNS rebinding).
 */
export type OwnPage = boolean | "loopback";

/**
 * Browsers send the page's origin with every WebSocket handshake (RFC 6455 section 4.1) and no script can change it, so
 * this keeps foreign pages from using a visitor's network position. Programs that are not browsers send none and pass:
 * they could claim any.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #any: boolean;
  readonly #ownPage: OwnPage;

  constructor(allowed: readonly string[], ownPage: OwnPage) {
    this.#any = allowed.includes("*");
    this.#allowed = new Set(allowed.map(written));
    this.#ownPage = ownPage;
  }

  /** Undefined: allowed. Otherwise what to tell whoever debugs the page. */
  refusal(origin: string | undefined, host: string | undefined): string | undefined {
    if (origin === undefined || this.#any || this.#allowed.has(written(origin))) return undefined;
    if (host !== undefined && this.#isOwn(origin, host)) return undefined;
    return (
      `Pages from ${shown(origin)} may not connect here.\n` +
      "If they should, add this origin to `origins` in the configuration (HELIOGRAPH_ORIGINS) and reload it.\n"
    );
  }

  #isOwn(origin: string, host: string): boolean {
    if (this.#ownPage === false || !isPageOf(origin, host)) return false;
    return this.#ownPage === true || isLoopback(parsed(origin)?.hostname.replace(/^\[|\]$/g, "") ?? "");
  }
}

/** As browsers write an origin: in lower case, without the scheme's own port or a slash (RFC 6454 section 6.2). */
function written(origin: string): string {
  const url = parsed(origin);
  // Schemes of extensions and apps have no origin of their own in the URL standard.
  return url === undefined || url.origin === "null" ? origin.toLowerCase().replace(/\/$/, "") : url.origin;
}

/** The host header may name the port of the page's scheme, which its origin leaves out. */
function isPageOf(origin: string, host: string): boolean {
  const page = parsed(origin);
  if (page === undefined || !/^https?:$/.test(page.protocol)) return false;
  // A host header is a host and a port, no more: `user@host` or a path would be read as something else.
  return /^[\w.:[\]-]+$/.test(host) && parsed(`${page.protocol}//${host}`)?.host === page.host;
}

function parsed(text: string): URL | undefined {
  // An opaque origin ("null") or no URL at all: nobody's own page.
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The answer is text for people: nothing of a hostile header but a plain origin goes into it. */
function shown(origin: string): string {
  return /^[\x21-\x7e]{1,256}$/.test(origin) ? origin : "this origin";
}
