// A key of a provider: used where a request is made, and never shown.

/** What prints it prints that something is there; the configuration's own secrets fit. */
export interface Secret {
  /** The only way to the text; it must not reach a log, an error or an answer. */
  reveal(): string;
}
