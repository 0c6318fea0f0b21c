// What the house itself writes to a session: the nonce of a login.

/** What the REST API writes to a session's channel as the house. */
export function nonceLetter(nonce: string): { readonly kind: "spreed"; readonly nonce: string } {
  return { kind: "spreed", nonce };
}

/** Undefined: a letter of another kind. */
export function nonceIn(value: unknown): string | undefined {
  const nonce = typeof value === "object" && value !== null && "nonce" in value ? value.nonce : undefined;
  return typeof nonce === "string" ? nonce : undefined;
}
