// Core's TurnIssuer over the sources in their order: the first that has a set serves, and without one there is STUN.

import type {
  Clock,
  IceAsker,
  IceChange,
  IceIssued,
  IceOccasion,
  IceShortfall,
  Observer,
  TurnIssuer,
} from "@heliograph/core";
import { Listeners } from "@heliograph/core";
import type { IceGrant, IceServer, IceWish } from "@heliograph/protocol";
import { Generations } from "./generations.ts";
import type { HeldSet } from "./ice-set.ts";
import type { IceSource } from "./ice-source.ts";
import { readIceUrls } from "./ice-url.ts";
import { isLogin } from "./login.ts";
import { stunBeside } from "./stun-list.ts";
import { chooseZone } from "./zone-choice.ts";
import type { ZoneHealth } from "./zone-health.ts";
import type { OfferedZone } from "./zones-offered.ts";
import { offeredZones, withZones } from "./zones-offered.ts";

export interface IssuerSettings {
  /** For whoever gets no TURN, and beside TURN where a set brings no STUN. Empty: none. */
  readonly stun: readonly string[];
  /** `stun`: who has not proven to be somebody gets no TURN. */
  readonly anonymous: "grant" | "stun";
  /** URLs of a grant, STUN and TURN together; 1 or more. */
  readonly maxUrls: number;
  /** Users who get no TURN, in any realm. */
  readonly blocked: ReadonlySet<string>;
}

export interface IssuerParts {
  readonly clock: Pick<Clock, "now">;
  readonly observer: Observer;
  /** The best first. Empty: STUN for everybody, and nothing is amiss. */
  readonly sources: readonly IceSource[];
  readonly settings: IssuerSettings;
  readonly health: ZoneHealth;
  /** Where this node stands, as zones' `regions` call it. */
  readonly region?: string;
}

/** A set that can be granted now. */
interface Found {
  readonly source: IceSource;
  readonly held: HeldSet;
  readonly zones: readonly OfferedZone[];
  readonly chosen: OfferedZone;
  /** Whole seconds, above 0; 0: does not end. */
  readonly ttl: number;
}

/** Seconds after which whoever got STUN alone, for want of anything better, looks again. */
const stunOnlyTtl = 60;

/** Its state is in private fields alone, so that printing it prints no login. */
export class IceIssuer implements TurnIssuer {
  readonly #clock: Pick<Clock, "now">;
  readonly #observer: Observer;
  readonly #health: ZoneHealth;
  readonly #region: string | undefined;
  readonly #listeners = new Listeners<IceChange>();
  readonly #generations = new Generations();
  /** By source: how to stop listening to it, and what of it is known to be withdrawn. */
  readonly #heard = new Map<IceSource, { readonly stop: () => void; withdrawn: number }>();
  #sources: readonly IceSource[] = [];
  #settings: IssuerSettings;
  #state: IceChange["state"];
  // Keyed by what a source holds: sets come anew for every session, their lists do not.
  #zones = new WeakMap<readonly object[], readonly OfferedZone[]>();
  /** Sources that had nothing to grant though they believed to have, and in which of their generations. */
  #spent = new WeakMap<IceSource, number>();

  constructor({ clock, observer, sources, settings, health, region }: IssuerParts) {
    this.#clock = clock;
    this.#observer = observer;
    this.#health = health;
    this.#region = region;
    this.#settings = checked(settings);
    this.#listenTo(sources);
    this.#state = this.#look();
  }

  get state(): IceChange["state"] {
    return this.#state;
  }

  /** The source that serves now; undefined: STUN alone. */
  get serving(): string | undefined {
    return this.#first()?.id;
  }

  grant(asker: IceAsker, wish: IceWish, occasion: IceOccasion): IceIssued {
    const barred = this.#sources.length === 0 ? undefined : this.#barred(asker);
    // Nothing that ends, and nothing that waiting would mend.
    if (barred !== undefined) return this.#issueStun(occasion, 0, barred);
    const found = this.#find(asker, wish);
    // Whoever gets STUN for want of TURN is told of TURN later only if the state says that there is none.
    this.#update();
    if (found === undefined) {
      if (this.#sources.length === 0) return this.#issueStun(occasion, 0);
      return this.#issueStun(occasion, stunOnlyTtl, "stun_only");
    }
    const { source, chosen } = found;
    const grant = this.#grantOf(found);
    this.#observer.observe({ type: "ice_granted", provider: source.id, zone: chosen.id, occasion });
    return { grant, generation: this.#generations.current, shared: source.scope === "shared" };
  }

  onChange(listener: (change: IceChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * Other sources or settings, at a reload. A source that goes on keeps its object, with its settings replaced: one that
   * signs for sessions and is not in the list any more takes back what it signed.
   */
  reload({
    sources = this.#sources,
    settings = this.#settings,
  }: Partial<Pick<IssuerParts, "sources" | "settings">>): void {
    const [before, stateBefore] = [this.#generations.current, this.#state];
    const next = checked(settings);
    if (sameItems(sources, this.#sources) && sameSettings(next, this.#settings)) return;
    let withdrawn: number | undefined;
    for (const source of this.#sources) {
      if (sources.includes(source)) continue;
      const last =
        source.scope === "session" ? this.#generations.lastServed(source, Number.POSITIVE_INFINITY) : undefined;
      withdrawn = later(withdrawn, last);
      this.#heard.get(source)?.stop();
      this.#heard.delete(source);
      this.#generations.forget(source);
    }
    this.#listenTo(sources);
    this.#settings = next;
    this.#zones = new WeakMap();
    this.#spent = new WeakMap();
    // Grants without a provider do not end, so nobody who holds one would ask again.
    if (stateBefore === "off" && sources.length > 0) withdrawn = later(withdrawn, before);
    this.#state = this.#look();
    this.#generations.next();
    this.#tell(withdrawn);
  }

  /** Listens to sources no longer. */
  close(): void {
    for (const { stop } of this.#heard.values()) stop();
    this.#heard.clear();
  }

  #listenTo(sources: readonly IceSource[]): void {
    this.#sources = sources;
    for (const source of sources) {
      if (this.#heard.has(source)) continue;
      const stop = source.onChange(() => this.#hear(source));
      this.#heard.set(source, { stop, withdrawn: source.withdrawn ?? 0 });
    }
  }

  #hear(source: IceSource): void {
    const heard = this.#heard.get(source);
    if (heard === undefined) return;
    let withdrawn: number | undefined;
    const upTo = source.withdrawn ?? 0;
    if (upTo > heard.withdrawn) {
      heard.withdrawn = upTo;
      withdrawn = this.#generations.lastServed(source, upTo);
    }
    this.#update(withdrawn);
  }

  #update(withdrawn?: number): void {
    const [generation, state] = [this.#generations.current, this.#state];
    this.#state = this.#look();
    if (withdrawn === undefined && generation === this.#generations.current && state === this.#state) return;
    this.#tell(withdrawn);
  }

  #tell(withdrawn: number | undefined): void {
    this.#listeners.tell({
      generation: this.#generations.current,
      state: this.#state,
      ...(withdrawn === undefined ? {} : { withdrawn }),
    });
  }

  #look(): IceChange["state"] {
    const first = this.#first();
    this.#generations.serve(first, first?.generation);
    if (first !== undefined) return first.state === "stale" ? "stale" : "fresh";
    if (this.#sources.length === 0) return "off";
    return this.#sources.some(({ state }) => state === "starting") ? "starting" : "stun-only";
  }

  #first(): IceSource | undefined {
    return this.#sources.find((source) => believes(source) && this.#spent.get(source) !== source.generation);
  }

  #barred({ user }: IceAsker): IceShortfall | undefined {
    const { anonymous, blocked } = this.#settings;
    if (user === undefined) return anonymous === "stun" ? "anonymous" : undefined;
    return blocked.has(user) ? "blocked" : undefined;
  }

  #find(asker: IceAsker, wish: IceWish): Found | undefined {
    for (const source of this.#sources) {
      // Asked even when it has nothing: a source that others fill looks again when a session wants it.
      const held = source.setFor(asker);
      const found = held === undefined ? undefined : this.#grantable(source, held, wish);
      if (found !== undefined) {
        this.#spent.delete(source);
        return found;
      }
      if (believes(source)) this.#spent.set(source, source.generation);
    }
    return undefined;
  }

  /** Never a set whose life is over, nor one that a browser would throw on, whatever the source believes. */
  #grantable(source: IceSource, held: HeldSet, wish: IceWish): Found | undefined {
    if (!isLogin(held.set)) return undefined;
    const ttl = held.endsAt === undefined ? 0 : Math.floor((held.endsAt - this.#clock.now()) / 1_000);
    if (held.endsAt !== undefined && ttl < 1) return undefined;
    const zones = this.#zonesOf(held);
    const chosen = chooseZone(zones, wish, {
      region: this.#region,
      geo: held.set.geo !== undefined,
      failing: (zone) => this.#health.failing(source.id, zone),
    });
    return chosen === undefined ? undefined : { source, held, zones, chosen, ttl };
  }

  #zonesOf({ set }: HeldSet): readonly OfferedZone[] {
    const known = this.#zones.get(set.zones);
    if (known !== undefined) return known;
    const zones = offeredZones(set.zones, this.#settings.maxUrls);
    this.#zones.set(set.zones, zones);
    return zones;
  }

  #grantOf({ source, held: { set }, zones, chosen, ttl }: Found): IceGrant {
    const { urls } = chosen;
    const own = set.stun.length === 0 ? [] : readIceUrls(set.stun).stun;
    // A TURN server answers as STUN too, so that entry is the first that there is no room for.
    const stun = stunBeside(own.length > 0 ? own : this.#settings.stun, urls, this.#settings.maxUrls - urls.length);
    const grant: IceGrant = {
      iceServers: [{ urls, username: set.username, credential: set.password }, ...stunServer(stun)],
      ttl,
      expiry: source.expiry,
      degraded: false,
      zone: chosen.id,
      ...(set.geo === undefined ? {} : { geo: set.geo }),
    };
    return withZones(grant, zones);
  }

  #issueStun(occasion: IceOccasion, ttl: number, shortfall?: IceShortfall): IceIssued {
    const { stun, maxUrls } = this.#settings;
    const iceServers = stunServer(stunBeside(stun, [], maxUrls));
    this.#observer.observe({ type: "ice_granted", occasion, ...(shortfall === undefined ? {} : { shortfall }) });
    return {
      grant: { iceServers, ttl, expiry: "never", degraded: shortfall !== undefined },
      generation: this.#generations.current,
      shared: true,
    };
  }
}

function believes({ state }: IceSource): boolean {
  return state === "fresh" || state === "stale";
}

function stunServer(urls: readonly string[]): readonly IceServer[] {
  return urls.length === 0 ? [] : [{ urls }];
}

function checked(settings: IssuerSettings): IssuerSettings {
  return { ...settings, stun: readIceUrls(settings.stun).stun, maxUrls: Math.max(1, settings.maxUrls) };
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function sameSettings(a: IssuerSettings, b: IssuerSettings): boolean {
  const alike = a.anonymous === b.anonymous && a.maxUrls === b.maxUrls;
  return alike && sameItems(a.stun, b.stun) && sameItems([...a.blocked], [...b.blocked]);
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
