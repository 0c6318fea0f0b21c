// The one error that a port may reject with: what stands behind it cannot be asked now.

/** The outcome of what was asked is unknown; asking again later is right. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}
