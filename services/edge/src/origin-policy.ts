// Which web pages may open sockets here: an allow-list, deny by default.

/**
 * Browsers send the page's origin with every WebSocket handshake (RFC 6455 section 4.1) and no script can change it, so
 * this keeps foreign pages from using a visitor's network position. Programs that are not browsers send none and pass:
 * they could claim any.
 */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #any: boolean;
  readonly #ownPage: boolean;

  /** `ownPage`: a page that this very server served (its origin's host is the request's) is allowed too. */
  constructor(allowed: readonly string[], ownPage: boolean) {
    this.#any = allowed.includes("*");
    this.#allowed = new Set(allowed.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
    this.#ownPage = ownPage;
  }

  /** Undefined: allowed. Otherwise what to tell whoever debugs the page. */
  refusal(origin: string | undefined, host: string | undefined): string | undefined {
    if (origin === undefined || this.#any || this.#allowed.has(origin.toLowerCase())) return undefined;
    if (this.#ownPage && host !== undefined && hostOf(origin) === host.toLowerCase()) return undefined;
    return (
      `Pages from ${origin} may not connect here.\n` +
      "If they should, add this origin to `origins` in the configuration (HELIOGRAPH_ORIGINS) and reload it.\n"
    );
  }
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    // An opaque origin ("null") or no URL at all: nobody's own page.
    return undefined;
  }
}
