// Why a TURN server could not be used, as a value: for codes in metrics and sentences to operators.

/**
 * `answered`: the server refused, with the code of RFC 8489 and RFC 8656. `name`: DNS knows no address. `closed`: nobody
 * listens there. `garbled`: something answers that is no TURN server, or somebody else.
 */
export type TurnFailure =
  | { readonly is: "answered"; readonly code: number; readonly reason: string }
  | { readonly is: "timeout"; readonly while: "connecting" | "asking" }
  | { readonly is: "name" | "tls" | "network" | "garbled"; readonly why: string }
  | { readonly is: "closed" };

export type Told<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: TurnFailure };

export function told<T>(value: T): Told<T> {
  return { ok: true, value };
}

export function failed(failure: TurnFailure): { readonly ok: false; readonly failure: TurnFailure } {
  return { ok: false, failure };
}

/** The code that a server refused with. */
export function codeOf(failure: TurnFailure): number | undefined {
  return failure.is === "answered" ? failure.code : undefined;
}
