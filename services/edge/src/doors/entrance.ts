// Whom any door lets in: by the page that asks, and by how many connections its address holds already.
import { addressMark, clientAddress } from "../client-address.ts";
import type { ConnectionCount } from "../connection-count.ts";
import type { OriginPolicy } from "../origin-policy.ts";
import type { UpgradeAnswer, UpgradeRequest } from "../socket/listener.ts";

export interface EntranceParts {
  readonly origins: OriginPolicy;
  readonly count: ConnectionCount;
  /** Proxies of our own in front of us. */
  readonly trustForwarded: number;
}

/** `address` is a mark: the address itself goes no further. */
type Admitted = { readonly accept: true; readonly address: string };

export class Entrance {
  readonly trustForwarded: number;
  readonly #count: ConnectionCount;
  #origins: OriginPolicy;

  constructor({ origins, count, trustForwarded }: EntranceParts) {
    this.#origins = origins;
    this.#count = count;
    this.trustForwarded = trustForwarded;
  }

  get origins(): OriginPolicy {
    return this.#origins;
  }

  /** The configuration was read again; sockets that are open stay. */
  setOrigins(origins: OriginPolicy): void {
    this.#origins = origins;
  }

  admit(request: UpgradeRequest): Admitted | Extract<UpgradeAnswer<never>, { accept: false }> {
    const foreign = this.#origins.refusal(request.origin, request.header("host"));
    if (foreign !== undefined) return { accept: false, status: 403, body: foreign };
    const trusted = this.trustForwarded;
    const forwarded = trusted === 0 ? undefined : request.header("x-forwarded-for");
    const address = addressMark(clientAddress(request.remoteAddress, forwarded, trusted));
    if (!this.#count.full(address)) return { accept: true, address };
    return {
      accept: false,
      status: 429,
      body: "This address holds as many connections as it may. Close some first.\n",
    };
  }

  entered(address: string): void {
    this.#count.add(address);
  }

  left(address: string): void {
    this.#count.remove(address);
  }
}
