// What asks a process to end, and what it is asked besides: signals, and the death of whoever started it as one of several.

/**
 * SIGTERM and SIGINT ask; a second one insists. SIGHUP asks for the configuration to be read again. One of several that
 * were started by the same parent is told by the parent alone when it is insisted: a service manager may signal all of
 * them beside the parent that passes it on, and the second signal would be the same wish.
 */
export class Ending {
  readonly #ask = new AbortController();
  readonly #insist: () => void;
  readonly #hasParent: boolean;
  #hangUp: () => void = () => undefined;
  /** Resolves when the end was asked for. */
  readonly begun: Promise<undefined>;
  /** Resolves when it was asked for a second time. */
  readonly insisted: Promise<undefined>;

  /** `hasParent`: it was started as one of several, and hears its parent. */
  constructor(hasParent: boolean) {
    this.#hasParent = hasParent;
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
    if (!hasParent) return;
    process.on("message", this.#told);
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
    process.off("message", this.#told);
    process.off("disconnect", this.#orphaned);
  }

  readonly #signalled = (): void => {
    if (this.asked.aborted && !this.#hasParent) this.#insist();
    else this.#ask.abort();
  };

  readonly #told = (order: unknown): void => {
    if (order === "reload") this.#hangUp();
    if (order === "drain" || order === "stop") this.#ask.abort();
    if (order === "stop") this.#insist();
  };

  readonly #hungUp = (): void => this.#hangUp();

  /** Nobody would send a signal any more: clients are handed over as if one had. */
  readonly #orphaned = (): void => this.#ask.abort();
}
