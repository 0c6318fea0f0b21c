// A new key for resume tokens, written so that it can be pasted.

/** `now`: milliseconds since 1970, for the key's name. `secret`: 32 bytes that nobody can guess. */
export function newTokenKey(now: number, secret: Uint8Array): string {
  const id = new Date(now).toISOString().slice(0, 10);
  const hex = Buffer.from(secret).toString("hex");
  return `# A new key, the same for every node. To rotate, put it above the present one, and remove that after tokens.life.
tokens:
  keys:
    - id: ${id}
      secret: ${hex}
# Or, in the environment:
# HELIOGRAPH_TOKENS_KEYS='[{id: ${id}, secret: ${hex}}]'
`;
}
