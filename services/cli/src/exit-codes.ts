// How the command ended, as the exit code of its process.
export const exitCodes = {
  /** It did what it was asked. */
  done: 0,
  /** It was carried out and came out badly: a fault, mistakes in a configuration that was checked, failed cases. */
  failed: 1,
  /** Nothing was begun: it was typed wrongly, or the configuration to run with holds mistakes. */
  refused: 2,
} as const;
