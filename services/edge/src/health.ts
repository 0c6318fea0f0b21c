// Whether this process lives, and whether it should be given clients.
import type { HttpRequest, HttpResponse } from "./socket/http.ts";

/** What must be there before clients come; each says what it misses, or nothing. */
export type ReadyCheck = () => string | undefined;

export class Health {
  readonly #checks: readonly ReadyCheck[];
  #draining = false;

  constructor(checks: readonly ReadyCheck[]) {
    this.#checks = checks;
  }

  /** From now on the balancer sends its clients elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  /** What is missing; empty: ready. */
  missing(): readonly string[] {
    const missing = this.#checks.map((check) => check()).filter((each) => each !== undefined);
    return this.#draining ? ["draining", ...missing] : missing;
  }

  answer(request: HttpRequest): HttpResponse | undefined {
    if (request.path === "/healthz") return text(200, "ok\n");
    if (request.path !== "/readyz") return undefined;
    const missing = this.missing();
    return missing.length === 0
      ? text(200, "ready\n")
      : text(503, missing.map((each) => `missing: ${each}\n`).join(""));
  }
}

function text(status: number, body: string): HttpResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" }, body };
}
