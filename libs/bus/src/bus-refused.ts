// The one reason not to start: something about the servers must be mended first.

/** Its message says what is wrong and how to mend it. */
export class BusRefused extends Error {
  override readonly name = "BusRefused";
}
