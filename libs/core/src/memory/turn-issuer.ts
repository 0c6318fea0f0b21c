// The same ICE servers for everyone: a fixed list.
import type { IceGrant } from "@heliograph/protocol";
import type { TurnIssuer } from "../ports/turn-issuer.ts";

export class StaticTurnIssuer implements TurnIssuer {
  readonly #grant: IceGrant;

  constructor(grant: IceGrant = { servers: [] }) {
    this.#grant = grant;
  }

  grant(): IceGrant {
    return this.#grant;
  }

  /** Never told: a fixed list neither expires nor changes. */
  onRenewal(): () => void {
    return () => undefined;
  }
}
