// What is known of a request before its body, taken apart alike for both listeners.

/** Reads a header by its lower-case name. */
export type ReadHeader = (lowerCaseName: string) => string | undefined;

export class RequestHead {
  readonly path: string;
  readonly query: string;
  readonly remoteAddress: string;
  #read: ReadHeader | undefined;

  constructor(path: string, query: string, remoteAddress: string, read: ReadHeader) {
    this.path = path;
    this.query = query;
    this.remoteAddress = remoteAddress;
    this.#read = read;
  }

  header(name: string): string | undefined {
    // uWS takes its request back when the callback returns, so a late read is a mistake on either listener.
    if (this.#read === undefined) throw new Error(`the header ${name} was read after the call that gave the request`);
    const value = this.#read(name.toLowerCase());
    return value === "" ? undefined : value;
  }

  /** The synchronous call is over. */
  release(): void {
    this.#read = undefined;
  }

  get released(): boolean {
    return this.#read === undefined;
  }
}
