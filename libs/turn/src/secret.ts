// A key of a provider: used where a request is made or a login is signed, and never shown.

/** What prints it prints that something is there; the configuration's own secrets fit. */
export interface Secret<T extends string | Uint8Array = string> {
  /** The only way to the value; it must not reach a log, an error or an answer. */
  reveal(): T;
}
