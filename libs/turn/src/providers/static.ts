// TURN servers that know nothing but one login: for labs.
import { Listeners } from "@heliograph/core";
import type { HeldSet, TurnZone } from "../ice-set.ts";
import type { IceSource, SourceState } from "../ice-source.ts";
import type { Secret } from "../secret.ts";

export interface StaticSettings {
  readonly username: string;
  /** Goes to everybody as it is. Without a login there is no source: browsers throw on a TURN server that has none. */
  readonly password: Secret;
  readonly zones: readonly TurnZone[];
}

/** Whoever loads a page owns the login for good, so who starts a process with this source warns of it. */
export class StaticSource implements IceSource {
  readonly id: string;
  readonly expiry = "never";
  readonly scope = "shared";
  readonly #listeners = new Listeners<void>();
  #settings: StaticSettings;
  #generation = 1;
  #withdrawn = 0;

  constructor(id: string, settings: StaticSettings) {
    this.id = id;
    this.#settings = settings;
  }

  get state(): SourceState {
    return this.#settings.zones.length > 0 ? "fresh" : "none";
  }

  get generation(): number {
    return this.#generation;
  }

  /** A grant that does not end is never asked for anew, so whoever holds another login has to be told. */
  get withdrawn(): number {
    return this.#withdrawn;
  }

  setFor(): HeldSet | undefined {
    if (this.state === "none") return undefined;
    const { username, password, zones } = this.#settings;
    return { set: { username, password: password.reveal(), zones, stun: [] }, generation: this.#generation };
  }

  /** At a reload. */
  replace(settings: StaticSettings): void {
    const before = this.#settings;
    const other = settings.username !== before.username || settings.password.reveal() !== before.password.reveal();
    if (other) this.#withdrawn = this.#generation;
    this.#settings = settings;
    this.#generation += 1;
    this.#listeners.tell();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }
}
