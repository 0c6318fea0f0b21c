// Logging in over the socket: a nonce that the REST API gave is spent for a user's name.
import { withUserid } from "@heliograph/dialects/spreed";
import type { Guest } from "./guest.ts";
import type { AwaitedLogin } from "./login-nonces.ts";
import type { Voice } from "./voice.ts";

/** Milliseconds that a nonce may still be on its way from the node that gave it. */
const onItsWay = 2_000;

export interface LogInParts {
  readonly guest: Guest;
  readonly voice: Voice;
  readonly awaited: AwaitedLogin;
  /** False: nobody logs in here. */
  enabled(): boolean;
  after(ms: number): Promise<void>;
  /** The session is a user's now. */
  done(userid: string, iid: string): Promise<void>;
}

export class LogIn {
  readonly #parts: LogInParts;
  #brought: (() => void) | undefined;

  constructor(parts: LogInParts) {
    this.#parts = parts;
  }

  /** Over the session's personal channel. */
  bring(nonce: string): void {
    this.#parts.awaited.bring(nonce);
    this.#brought?.();
  }

  async spend(said: { readonly userid: string; readonly nonce: string }, iid: string): Promise<void> {
    const { guest, voice, awaited, after, enabled, done } = this.#parts;
    if (!enabled()) return guest.refuse("invalid_session_token", "Nobody logs in here.", iid);
    if (guest.authenticated) return guest.refuse("already_authenticated", "The session is a user's already.", iid);
    let redeemed = awaited.redeem(said, voice.now);
    if (redeemed === "unknown") {
      const brought = new Promise<void>((resolve) => {
        this.#brought = resolve;
      });
      await Promise.race([brought, after(onItsWay)]);
      this.#brought = undefined;
      redeemed = awaited.redeem(said, voice.now);
    }
    if (redeemed !== "spent") return guest.refuse("invalid_session_token", "The nonce does not serve.", iid);
    guest.loggedIn(said.userid);
    guest.own = withUserid(guest.own, said.userid);
    await done(said.userid, iid);
  }
}
