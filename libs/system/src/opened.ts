// What was opened and must be closed again: the last first, each once, whatever fails on the way.

export class Opened {
  readonly #closers: (() => Promise<void>)[] = [];

  closeLater(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** Rejects with the first failure, once everything was tried. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
