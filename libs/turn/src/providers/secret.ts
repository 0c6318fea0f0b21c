// Our own coturn: a login for each session, signed with a secret that coturn knows too.

import type { Clock, IceAsker } from "@heliograph/core";
import { Listeners } from "@heliograph/core";
import type { HeldSet, TurnZone } from "../ice-set.ts";
import type { IceSource, SourceState } from "../ice-source.ts";
import type { Login } from "../login.ts";
import { signedLogin, tagOf } from "../login.ts";
import type { Secret } from "../secret.ts";

export interface SecretSettings {
  /** As they stand in coturn's file. The first signs; the others are known to coturn too. */
  readonly secrets: readonly Secret[];
  /** Names of users are hidden with it; the same on every node, since coturn counts by what comes out. */
  readonly tagKey: Secret<Uint8Array>;
  /** Seconds that a login opens new relays. */
  readonly ttl: number;
  readonly zones: readonly TurnZone[];
}

/** What one secret has signed: until when it opens anything, and the last generation that it was in. */
interface Signed {
  readonly until: number;
  readonly generation: number;
}

/** Logins are computed when they are asked for, so this source knows no failure and waits for nobody. */
export class SecretSource implements IceSource {
  readonly id: string;
  readonly expiry = "admission";
  readonly scope = "session";
  readonly #clock: Pick<Clock, "now">;
  readonly #listeners = new Listeners<void>();
  readonly #signed = new Map<string, Signed>();
  #settings: SecretSettings;
  #generation = 1;
  #withdrawn = 0;
  #signingSince: number;

  constructor(id: string, settings: SecretSettings, clock: Pick<Clock, "now">) {
    this.id = id;
    this.#settings = settings;
    this.#clock = clock;
    this.#signingSince = clock.now();
  }

  get state(): SourceState {
    const { secrets, zones } = this.#settings;
    return secrets.length > 0 && zones.length > 0 ? "fresh" : "none";
  }

  get generation(): number {
    return this.#generation;
  }

  /** Generations whose secret left the list before their logins ended: the emergency of a leaked secret. */
  get withdrawn(): number {
    return this.#withdrawn;
  }

  /** Milliseconds since 1970 at which the secret that signs was first seen to be the first. */
  get signingSince(): number {
    return this.#signingSince;
  }

  setFor(asker: IceAsker): HeldSet | undefined {
    const [secret] = this.#settings.secrets;
    const login = this.loginFor(subjectOf(asker));
    if (secret === undefined || login === undefined) return undefined;
    const endsAt = this.#clock.now() + this.#settings.ttl * 1_000;
    // An earlier login may end later: the life of logins is a setting.
    const until = Math.max(endsAt, this.#signed.get(secret.reveal())?.until ?? 0);
    this.#signed.set(secret.reveal(), { until, generation: this.#generation });
    return { set: { ...login, zones: this.#settings.zones, stun: [] }, generation: this.#generation, endsAt };
  }

  /** For whoever is no session: an SFU, by its name. The quota goes by the subject. */
  loginFor(subject: string): Login | undefined {
    return this.#sign(tagOf(this.#settings.tagKey, subject));
  }

  /** With a tag of our own: what probes use, so that their allocations can be told apart. */
  loginTagged(tag: string): Login | undefined {
    return this.#sign(tag);
  }

  get ttl(): number {
    return this.#settings.ttl;
  }

  get zones(): readonly TurnZone[] {
    return this.#settings.zones;
  }

  /** At a reload. Grants that a secret which stays has signed are untouched, and nobody is told of them. */
  replace(settings: SecretSettings): void {
    const now = this.#clock.now();
    const kept = new Set(settings.secrets.map((secret) => secret.reveal()));
    for (const [text, { until, generation }] of this.#signed) {
      if (until > now && kept.has(text)) continue;
      this.#signed.delete(text);
      if (until > now) this.#withdrawn = Math.max(this.#withdrawn, generation);
    }
    if (settings.secrets[0]?.reveal() !== this.#settings.secrets[0]?.reveal()) this.#signingSince = now;
    this.#settings = settings;
    this.#generation += 1;
    this.#listeners.tell();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  #sign(tag: string): Login | undefined {
    const { secrets, ttl } = this.#settings;
    const [secret] = secrets;
    if (secret === undefined || this.state === "none") return undefined;
    return signedLogin(secret, tag, Math.floor(this.#clock.now() / 1_000) + ttl);
  }
}

/**
 * One person behind many tabs is one subject; a user of another realm is another person. The colon keeps users and sessions
 * apart, since realms and sessions have none.
 */
function subjectOf({ realm, session, user }: IceAsker): string {
  return user === undefined ? session : `${realm}:${user}`;
}
