// What a port may reject with: what stands behind it cannot be asked now, or does not take it.

/** The outcome of what was asked is unknown; asking again later is right. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Nothing of it was stored, and asking again is of no use: the servers take nothing so large. */
export class TooLarge extends Error {
  override readonly name = "TooLarge";
}
