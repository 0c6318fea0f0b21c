// Chance: ids, salts, jitter.

export interface Random {
  /** Cryptographically strong in production; seeded in simulation. */
  bytes(length: number): Uint8Array;
  /** At least 0, below 1; for jitter only. */
  fraction(): number;
}
