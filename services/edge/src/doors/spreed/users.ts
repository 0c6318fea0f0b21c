// The ways in which a client says, and proves, which user it is.
import type { Random } from "@heliograph/core";
import { UsersByHeader } from "./users-by-header.ts";
import { UsersBySecret } from "./users-by-secret.ts";

/** Login by certificates is not offered: it would be the proxy's word, which `httpheader` takes already. */
export type UserSettings =
  | {
      readonly mode: "sharedsecret";
      /** Its text as it stands with whoever makes the logins: never decoded, even where it looks like hexadecimal. */
      readonly secret: { reveal(): string };
      /** Whether anybody may become a user. */
      readonly registration: boolean;
      /** What comes behind the @ of whom we register. */
      readonly serverRealm: string;
    }
  | {
      readonly mode: "httpheader";
      /** Set by a proxy that has logged its user in, and that lets no client set it. */
      readonly header: string;
    };

/** What a client brings to prove its user. */
export interface Proof {
  readonly combo: string;
  readonly secret: string;
  /** Whom the request that carries it names by itself. */
  readonly named: string | undefined;
}

/** `malformed` names no user; `unproven`: whoever made it does not know the secret; `expired`: no longer. */
export type Proven =
  | { readonly ok: true; readonly userid: string }
  | { readonly ok: false; readonly why: "malformed" | "unproven" | "expired" };

export interface Registration {
  readonly userid: string;
  readonly combo: string;
  readonly secret: string;
  /** Seconds since 1970 until which it serves. */
  readonly expiry: number;
}

export interface Users {
  /** Whom a request names by itself: of a connection's upgrade, its user from the start; undefined: it logs in later. */
  named(header: (name: string) => string | undefined): string | undefined;
  /** `now` in milliseconds since 1970. Takes equally long whatever is wrong with a proof. */
  prove(proof: Proof, now: number): Proven;
  /** A new user; undefined where nobody is registered. */
  register(now: number): Registration | undefined;
}

export function usersOf(settings: UserSettings, random: Random): Users {
  switch (settings.mode) {
    case "sharedsecret":
      return new UsersBySecret(settings, random);
    case "httpheader":
      return new UsersByHeader(settings.header);
    default:
      return settings satisfies never;
  }
}
