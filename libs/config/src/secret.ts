// A value that may be used but never shown: whatever prints it prints that something is there.

const shown = "[redacted]";

export class Secret<T extends string | Uint8Array> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The only way to the value; what it returns must not reach a log or an answer. */
  reveal(): T {
    return this.#value;
  }

  sameAs(other: Secret<string | Uint8Array>): boolean {
    return Buffer.from(this.#value).equals(Buffer.from(other.reveal()));
  }

  toString(): string {
    return shown;
  }

  toJSON(): string {
    return shown;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return shown;
  }
}

/** At least so many bytes, or a token's signature could be searched for. */
export const leastKeyBytes = 32;

/**
 * The bytes of a signing key written in hexadecimal, base64 or base64url; undefined if it is neither or shorter than
 * 32 bytes. What could be read as both is hexadecimal: chance makes no base64 text of 43 letters that is.
 */
export function readKey(text: string): Uint8Array | undefined {
  const hex = /^(?:[0-9a-f]{2})+$/i.test(text);
  if (!hex && !/^[\w+/-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, hex ? "hex" : "base64url");
  return bytes.length < leastKeyBytes ? undefined : bytes;
}
