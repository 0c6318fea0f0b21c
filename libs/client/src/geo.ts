// The geo call: the page itself asks the TURN provider which zones are near, since the point is the page's own address.
import type { IceZone } from "@heliograph/protocol";
import type { WireIce } from "@heliograph/protocol/schema";
import type { Clock, Random } from "./surroundings.ts";

/** So that a second grant, which may follow the first at once, does not lead to a second call. */
const delay = 1_000;
const patience = 30_000;
/** After a call that failed; a new grant comes before the next one, since its login may have been the reason. */
const pause = 45_000;
const most = 2;

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Pick<Response, "ok" | "json">>;

/** What a page knows of where it is: asked for once, and kept while the page lives. */
export class GeoAnswer {
  /** The zone that is near. */
  zone: string | undefined;
  calls = 0;
}

type Turn = WireIce["iceServers"][number];

export interface GeoParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Undefined where the platform has none: then no call is made. */
  readonly fetch: Fetch | undefined;
  /** Another zone is the nearest now. */
  readonly near: () => void;
  /** A new grant is wanted, for another call. */
  readonly again: () => void;
  readonly failed: (error: unknown) => void;
}

export class Geo {
  readonly #parts: GeoParts;
  readonly #answer: GeoAnswer;
  #latest: { readonly url: string; readonly zones: readonly IceZone[]; readonly turn: Turn } | undefined;
  #off = false;
  #busy = false;
  #stopTimer: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(parts: GeoParts, answer = new GeoAnswer()) {
    this.#parts = parts;
    this.#answer = answer;
  }

  get off(): boolean {
    return this.#off;
  }
  set off(off: boolean) {
    this.#off = off;
    if (off) this.stop();
  }

  /** The zone to use of a new grant; undefined: none is known to be near. Asks, where that has not happened yet. */
  nearest(url: string | undefined, zones: readonly IceZone[], turn: Turn): IceZone | undefined {
    if (this.#off) return undefined;
    const near = zones.find(({ id }) => id === this.#answer.zone);
    if (this.#answer.zone === undefined && url !== undefined && zones.length > 1) {
      this.#latest = { url, zones, turn };
      if (!this.#busy && this.#answer.calls < most) this.#in(delay, () => void this.#call());
    }
    return near;
  }

  stop(): void {
    this.#stopTimer?.();
    this.#abort?.abort();
    this.#abort = undefined;
    this.#busy = false;
  }

  #in(wait: number, then: () => void): void {
    this.#busy = true;
    this.#stopTimer = this.#parts.clock.after(wait, then);
  }

  async #call(): Promise<void> {
    const { clock, random, fetch, near, again, failed } = this.#parts;
    if (fetch === undefined || this.#latest === undefined || this.#answer.calls >= most) return;
    this.#answer.calls += 1;
    const abort = new AbortController();
    this.#abort = abort;
    const { url, turn } = this.#latest;
    const nonce = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
    const stopPatience = clock.after(patience, () => abort.abort());
    try {
      const response = await fetch(url, {
        method: "POST",
        body: new URLSearchParams({ nonce, username: turn.username ?? "", password: turn.credential ?? "" }),
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        // The body holds a password: nobody else gets it.
        redirect: "error",
        signal: abort.signal,
      });
      const prefer = response.ok ? parseAnswer(await response.json(), nonce) : [];
      const zones = this.#latest.zones.map(({ id }) => id);
      this.#answer.zone = prefer.find((id) => zones.includes(id));
    } catch (error) {
      if (abort === this.#abort) failed(error);
    } finally {
      stopPatience();
    }
    if (abort !== this.#abort) return;
    if (this.#answer.zone !== undefined) {
      near();
    } else if (this.#answer.calls < most) {
      this.#in(pause, () => {
        this.#busy = false;
        again();
      });
    }
  }
}

/** The door for what a geo service answers; empty: nothing that can be used. */
function parseAnswer(raw: unknown, nonce: string): readonly string[] {
  if (!isRecord(raw) || raw["success"] !== true || raw["nonce"] !== nonce || !isRecord(raw["geo"])) return [];
  const { prefer } = raw["geo"];
  return Array.isArray(prefer) ? prefer.filter((id) => typeof id === "string") : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
