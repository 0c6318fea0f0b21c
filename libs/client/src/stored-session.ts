// What a session needs to be resumed after the page was reloaded: token, attempt counter, where each room stands.
import type { ClientCodec } from "./client-codec.ts";
import type { SessionStorageLike } from "./surroundings.ts";

/** Up to where a room was heard. */
export interface Place {
  /** Everything up to here was delivered; resumes start here. */
  readonly position: string;
  /** The newest entry that was delivered, and how many of its frames: what a resume repeats is told by it. */
  readonly newest: string;
  readonly frames: number;
  /** The highest counter this session has used in the room. */
  readonly mark: number;
}

interface Kept {
  readonly token: string;
  readonly attempt: number;
  readonly rooms: readonly (Place & { readonly room: string })[];
}

export class StoredSession {
  readonly #storage: SessionStorageLike | undefined;
  readonly #key: string;
  readonly #codec: ClientCodec["codec"];
  #token: string | undefined;
  #attempt = 0;
  #places: ReadonlyMap<string, Place> = new Map();

  /** `codec` must be a text codec (JSON): storage keeps strings. */
  constructor(storage: SessionStorageLike | undefined, key: string, codec: ClientCodec["codec"]) {
    this.#storage = storage;
    this.#key = key;
    this.#codec = codec;
    const kept = this.#read();
    if (kept === undefined) return;
    this.#token = kept.token;
    this.#attempt = kept.attempt;
    this.#places = new Map(kept.rooms.map(({ room, ...place }) => [room, place]));
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** The highest counter ever given to a connection. */
  get attempt(): number {
    return this.#attempt;
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /**
   * The counter for the next connection; kept before it is used, or a reloaded page would come with a counter that the
   * cluster has already seen and be taken for a stale twin of itself.
   */
  raise(): number {
    const kept = this.#read();
    // A page that comes back from the back-forward cache finds what its successor in the same tab has counted.
    const stored = kept !== undefined && kept.token === this.#token ? kept.attempt : 0;
    this.#attempt = Math.max(this.#attempt, stored) + 1;
    this.#write();
    return this.#attempt;
  }

  renew(token: string): void {
    this.#token = token;
    this.#write();
  }

  place(places: ReadonlyMap<string, Place>): void {
    this.#places = places;
    this.#write();
  }

  /** The session is over: nothing of it may be resumed. The counter goes on, it belongs to this client. */
  forget(): void {
    this.#token = undefined;
    this.#places = new Map();
    // What a successor in the same tab has counted on is its own.
    if ((this.#read()?.attempt ?? 0) > this.#attempt) return;
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      this.#unusable();
    }
  }

  #read(): Kept | undefined {
    try {
      const text = this.#storage?.getItem(this.#key);
      if (typeof text !== "string") return undefined;
      const decoded = this.#codec.decode(new TextEncoder().encode(text));
      return decoded.ok ? parseKept(decoded.value) : undefined;
    } catch {
      return this.#unusable();
    }
  }

  #write(): void {
    if (this.#token === undefined) return;
    const rooms = [...this.#places].map(([room, place]) => ({ room, ...place }));
    const kept: Kept = { token: this.#token, attempt: this.#attempt, rooms };
    try {
      this.#storage?.setItem(this.#key, new TextDecoder().decode(this.#codec.encode(kept)));
    } catch {
      this.#unusable();
    }
  }

  /** Storage may be full or forbidden at any call. The session lives on in memory; only a reload would lose it. */
  #unusable(): undefined {
    return undefined;
  }
}

/** The door for what a storage gives back: another version of the SDK, or the page, may have written it. */
function parseKept(raw: unknown): Kept | undefined {
  if (!isRecord(raw) || typeof raw["token"] !== "string" || !isCount(raw["attempt"]) || !Array.isArray(raw["rooms"])) {
    return undefined;
  }
  const rooms: (Place & { room: string })[] = [];
  for (const place of raw["rooms"] as unknown[]) {
    if (!isRecord(place)) return undefined;
    const { room, position, newest, frames, mark } = place;
    if (typeof room !== "string" || typeof position !== "string" || typeof newest !== "string") return undefined;
    if (!isCount(frames) || !isCount(mark)) return undefined;
    rooms.push({ room, position, newest, frames, mark });
  }
  return { token: raw["token"], attempt: raw["attempt"], rooms };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
