// What asks a process to end, and what it is asked besides: signals, and the death of whoever started it as one of several.

/** SIGTERM and SIGINT ask; a second one insists. SIGHUP asks for the configuration to be read again. */
export class Ending {
  readonly #ask = new AbortController();
  readonly #insist: () => void;
  #hangUp: () => void = () => undefined;
  /** Resolves when the end was asked for. */
  readonly begun: Promise<undefined>;
  /** Resolves when it was asked for a second time. */
  readonly insisted: Promise<undefined>;

  constructor() {
    this.begun = new Promise((resolve) => {
      this.asked.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    let insist: (() => void) | undefined;
    this.insisted = new Promise((resolve) => {
      insist = () => resolve(undefined);
    });
    this.#insist = () => insist?.();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, this.#signalled);
    process.on("SIGHUP", this.#hungUp);
    process.once("disconnect", this.#orphaned);
  }

  get asked(): AbortSignal {
    return this.#ask.signal;
  }

  /** Before it is set, SIGHUP does nothing: the configuration has just been read. */
  onHangUp(call: () => void): void {
    this.#hangUp = call;
  }

  close(): void {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.off(signal, this.#signalled);
    process.off("SIGHUP", this.#hungUp);
    process.off("disconnect", this.#orphaned);
  }

  readonly #signalled = (): void => {
    if (this.asked.aborted) this.#insist();
    else this.#ask.abort();
  };

  readonly #hungUp = (): void => this.#hangUp();

  /** Nobody would send a signal any more: clients are handed over as if one had. */
  readonly #orphaned = (): void => this.#ask.abort();
}
