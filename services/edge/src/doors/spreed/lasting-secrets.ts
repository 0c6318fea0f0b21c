// Secrets that outlive the rotation of token keys: for what clients keep for years.

/**
 * At least 32 bytes each, the same on every node, and configured: what is made with one drawn at the start is lost at its end.
 * The first makes all that is new; the others still open what they sealed.
 */
export type LastingSecrets = readonly [Lasting, ...Lasting[]];

export interface Lasting {
  reveal(): Uint8Array;
}
