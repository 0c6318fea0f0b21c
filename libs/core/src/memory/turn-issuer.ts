// The same ICE servers for everyone: a fixed list.
import type { IceGrant } from "@heliograph/protocol";
import type { TurnIssuer } from "../ports/turn-issuer.ts";

export class StaticTurnIssuer implements TurnIssuer {
  #grant: IceGrant;
  readonly #listeners = new Set<() => void>();

  constructor(grant: IceGrant = { servers: [] }) {
    this.#grant = grant;
  }

  grant(): IceGrant {
    return this.#grant;
  }

  /** The list was changed by hand: sessions get the new one. */
  replace(grant: IceGrant): void {
    this.#grant = grant;
    for (const listener of [...this.#listeners]) listener();
  }

  onRenewal(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
