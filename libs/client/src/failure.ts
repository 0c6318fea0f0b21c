// How promises of the SDK fail: refused by the server, unknown for ever, or over before it began.
import type { Reason } from "@heliograph/protocol";
import { reasons } from "@heliograph/protocol";
import type { RefusedFrame } from "@heliograph/protocol/schema";

/** The server, or the SDK in its name, did not do what was asked. Nothing has changed. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** The word to switch on. A newer server may send words that this version does not know. */
  readonly reason: Reason;
  readonly code: number;
  /** A later attempt may succeed without anything being changed. */
  readonly retry: boolean;
  /** Milliseconds after which an attempt makes sense. */
  readonly retryIn: number | undefined;
  /** For the person who debugs: the member or the limit at fault. */
  readonly detail: string | undefined;

  constructor(reason: Reason, rest: Partial<Pick<RefusedFrame, "code" | "retry" | "retryIn" | "detail">> = {}) {
    const known: { code: number; retry: boolean; says: string } | undefined = reasons[reason];
    super(`${reason}: ${known?.says ?? "refused"}${rest.detail === undefined ? "" : ` (${rest.detail})`}`);
    this.reason = reason;
    this.code = rest.code ?? known?.code ?? 0;
    this.retry = rest.retry ?? known?.retry ?? false;
    this.retryIn = rest.retryIn;
    this.detail = rest.detail;
  }
}

/**
 * The session or the stay in the room ended, or the room's log was lost, before the answer came: the command may have been
 * applied, or not.
 */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";

  constructor(why: string) {
    super(`Nobody can say whether this was done: ${why}.`);
  }
}

/** The client was closed, has been taken over, or cannot connect for a reason that no further attempt would change. */
export class ConnectionOver extends Error {
  override readonly name = "ConnectionOver";
  /** The WebSocket close code, where there was one. */
  readonly code: number | undefined;

  constructor(why: string, code?: number, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
