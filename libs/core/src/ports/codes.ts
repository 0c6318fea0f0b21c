// Rendezvous by short codes: two peers meet over a code that one tells the other, and poll for what was left there.
import type { Realm } from "@heliograph/protocol";

/** Milliseconds that an offer, an answer and each message live, counted by the store's clock; nothing prolongs it. */
export const codeLife = 600_000;
/** Milliseconds after its end during which a code is not given out again, so that late messages reach no stranger. */
export const codeRest = 900_000;
/** What one offer, and one code, may hold at once. */
export const codeCaps = { answers: 8, messages: 200 } as const;

/** What a peer leaves under its code. */
export interface CodeDraft {
  readonly code: string;
  readonly name: string;
  readonly polite: boolean;
  /** Whoever holds the code, as a secret compared when it is used; absent: anyone who knows the code. */
  readonly holder?: string;
}

export interface CodeOffer extends CodeDraft {
  readonly kind: "offer";
  /** Milliseconds since 1970 by the store's clock. */
  readonly at: number;
}

export interface CodeAnswer extends CodeDraft {
  readonly kind: "answer";
  readonly at: number;
  /** The code of the offer that it answers. */
  readonly offer: string;
}

export type CodeRecord = CodeOffer | CodeAnswer;

export interface CodeMessage {
  /** Unique among the messages of its code. */
  readonly id: string;
  readonly text: string;
  readonly at: number;
}

/**
 * Promise: a code is held by one record of its realm at a time, offers and answers alike, and rests after its life;
 * `taken` says to draw another. Everything is there while its age is at most `codeLife`, and then no more. Lists are
 * in the order in which things were stored, the same at every call and node; what stands first stays first while it
 * lives. Every method is one atomic step for its caller, or undone. Rejects with `Unreachable`.
 */
export interface Codes {
  offer(realm: Realm, draft: CodeDraft): Promise<CodeOffer | "taken">;
  /** `crowded`: the offer has as many answers as it may. */
  answer(realm: Realm, draft: CodeDraft, offer: string): Promise<CodeAnswer | "taken" | "no_offer" | "crowded">;
  find(realm: Realm, code: string): Promise<CodeRecord | undefined>;
  /** Empty for a code that is no living offer. */
  answersTo(realm: Realm, offer: string): Promise<readonly CodeAnswer[]>;
  /** `not_holder`: the code was opened by a holder, and this is another. */
  post(
    realm: Realm,
    code: string,
    text: string,
    holder?: string,
  ): Promise<CodeMessage | "no_code" | "not_holder" | "crowded">;
  messagesOf(realm: Realm, code: string): Promise<readonly CodeMessage[]>;
  /** How many were ever made; expiry takes nothing away. */
  counts(realm: Realm): Promise<{ readonly offers: number; readonly answers: number }>;
}
