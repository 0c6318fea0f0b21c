// Whether this process lives, and whether it should be given clients.

/** Says what is missing, or nothing. Asked at every question. */
export type Check = () => string | undefined;

/** The answer to a question over HTTP. */
export interface HealthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class Health {
  readonly #needs: readonly Check[];
  readonly #likes: readonly Check[];
  #draining = false;

  /** `needs`: what must be there before clients come. `likes`: what is told when it is missing, and no more. */
  constructor(needs: readonly Check[], likes: readonly Check[] = []) {
    this.#needs = needs;
    this.#likes = likes;
  }

  /** From now on the balancer sends its clients elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  /** What is missing; empty: ready. */
  missing(): readonly string[] {
    const missing = failing(this.#needs);
    return this.#draining ? ["draining", ...missing] : missing;
  }

  /** Undefined: the path is none of `/healthz` and `/readyz`. */
  answer(path: string): HealthAnswer | undefined {
    if (path === "/healthz") return text(200, "ok\n");
    if (path !== "/readyz") return undefined;
    const missing = this.missing().map((each) => `missing: ${each}\n`);
    const without = failing(this.#likes).map((each) => `without: ${each}\n`);
    return missing.length === 0
      ? text(200, ["ready\n", ...without].join(""))
      : text(503, [...missing, ...without].join(""));
  }
}

function failing(checks: readonly Check[]): readonly string[] {
  return checks.map((check) => check()).filter((each) => each !== undefined);
}

function text(status: number, body: string): HealthAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }, body };
}
