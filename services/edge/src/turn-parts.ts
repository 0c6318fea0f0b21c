// What hands out STUN and TURN at an edge: the sources of the configuration, in their order, behind core's TurnIssuer.
import type { Config } from "@heliograph/config";
import type { Clock, IceSets, Nodes, Observer, Random, TurnIssuer } from "@heliograph/core";
import type { Metrics, SetGauge } from "@heliograph/telemetry";
import {
  answerDraftApi,
  type DraftAnswer,
  defaultStun,
  IceIssuer,
  type IssuerSettings,
  SecretSource,
  SharedSource,
  SharedZoneHealth,
  StaticSource,
} from "@heliograph/turn";
import { SecretAges } from "./secret-ages.ts";

export interface TurnPartsPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sets: Pick<IceSets, "read" | "onLink">;
  readonly nodes: Pick<Nodes, "onIceSet">;
  readonly observer: Observer;
  readonly metrics: Metrics;
}

type Turn = Config["turn"];
type Provider = Turn["providers"][number];

/** What is listened to, by the type of its provider. */
type Source =
  | { readonly type: "secret"; readonly source: SecretSource }
  | { readonly type: "static"; readonly source: StaticSource }
  | { readonly type: "shared"; readonly source: SharedSource };

const nodeStates = ["off", "starting", "fresh", "stale", "stun-only"] as const;
const sourceStates = ["starting", "fresh", "stale", "none"] as const;

export class TurnParts {
  readonly #ports: TurnPartsPorts;
  readonly #issuer: IceIssuer;
  readonly #ages: SecretAges;
  readonly #stopReading: () => void;
  #turn: Turn;
  #health: SharedZoneHealth;
  #sources: readonly Source[];
  #waiting: () => number = () => 0;

  constructor(turn: Turn, ports: TurnPartsPorts) {
    const { clock, observer, metrics } = ports;
    this.#ports = ports;
    this.#turn = turn;
    this.#sources = turn.providers.map((provider) => this.#sourceOf(provider, undefined));
    this.#health = this.#healthOf(turn);
    this.#issuer = new IceIssuer({
      clock,
      observer,
      sources: this.#sources.map(({ source }) => source),
      settings: settingsOf(turn),
      health: { failing: (provider, zone) => this.#health.failing(provider, zone) },
      ...(turn.region === undefined ? {} : { region: turn.region }),
    });
    this.#ages = new SecretAges(clock);
    this.#ages.see(signingSecretsOf(turn));
    this.#stopReading = metrics.read((set) => this.#read(set));
  }

  get issuer(): TurnIssuer {
    return this.#issuer;
  }

  /** Resolves when the shared logins were looked for once, and at the latest 300 ms later; never rejects. */
  async start(): Promise<void> {
    this.#health.start();
    const shared = this.#sources.flatMap((each) => (each.type === "shared" ? [each.source] : []));
    await Promise.all(shared.map((source) => source.start()));
  }

  /** `waiting`: sessions that were given STUN alone and are owed TURN, as whoever serves them knows. */
  watch(waiting: () => number): void {
    this.#waiting = waiting;
  }

  reload(turn: Turn): void {
    const before = this.#sources;
    const others = turn.providers !== this.#turn.providers;
    this.#turn = turn;
    this.#sources = turn.providers.map((provider) => {
      const known = before.find(({ type, source }) => source.id === provider.id && type === sourceTypeOf(provider));
      return this.#sourceOf(provider, known);
    });
    const [kept, sources] = [new Set(this.#sources.map(({ source }) => source)), [...this.#sources]];
    this.#issuer.reload({ sources: sources.map(({ source }) => source), settings: settingsOf(turn) });
    for (const each of before) if (each.type === "shared" && !kept.has(each.source)) each.source.close();
    for (const each of sources) if (each.type === "shared" && !before.includes(each)) void each.source.start();
    this.#ages.see(signingSecretsOf(turn));
    if (!others) return;
    this.#health.close();
    this.#health = this.#healthOf(turn);
    this.#health.start();
  }

  /** For SFUs. Undefined: nobody was given a key, so there is no such page. */
  answer(query: URLSearchParams): DraftAnswer | undefined {
    const { draftApi, maxUrls, region } = this.#turn;
    if (draftApi.keys.length === 0) return undefined;
    return answerDraftApi(query, {
      keys: draftApi.keys,
      source: this.#sources.find((each) => each.type === "secret")?.source,
      maxUrls,
      health: this.#health,
      random: this.#ports.random,
      ...(region === undefined ? {} : { region }),
    });
  }

  close(): void {
    this.#stopReading();
    this.#issuer.close();
    this.#health.close();
    for (const each of this.#sources) if (each.type === "shared") each.source.close();
  }

  /** Keepers probe the servers of every provider. */
  #healthOf({ providers }: Turn): SharedZoneHealth {
    return new SharedZoneHealth({ ...this.#ports, providers: providers.map(({ id }) => id), fault: this.#fault });
  }

  readonly #fault = (where: string, error: unknown): void => {
    this.#ports.observer.observe({ type: "fault", where, error });
  };

  /** `known`: the one of the same provider before, which goes on with other settings. */
  #sourceOf(provider: Provider, known: Source | undefined): Source {
    const { clock, random, sets, nodes } = this.#ports;
    const { zones, tagKey, ttl } = this.#turn;
    switch (provider.type) {
      case "secret": {
        if (tagKey === undefined) throw new Error("the configuration let a secret pass without turn.tagKey");
        const settings = { secrets: provider.secrets, tagKey, ttl: ttl / 1_000, zones };
        if (known?.type !== "secret") return { type: "secret", source: new SecretSource(provider.id, settings, clock) };
        known.source.replace(settings);
        return known;
      }
      case "static": {
        const { username, password } = provider;
        const settings = { username, password, zones };
        if (known?.type !== "static") return { type: "static", source: new StaticSource(provider.id, settings) };
        known.source.replace(settings);
        return known;
      }
      case "spreed":
      case "turn-rest":
      case "twilio":
      case "cloudflare": {
        if (known?.type === "shared") return known;
        const ports = { clock, random, sets, nodes, fault: this.#fault };
        // None of these vendors promises that a relay outlives the login that opened it.
        return { type: "shared", source: new SharedSource({ id: provider.id, expiry: "hard" }, ports) };
      }
      default:
        return provider satisfies never;
    }
  }

  #read(set: SetGauge): void {
    for (const state of nodeStates) {
      set("sig_turn_state", Number(this.#issuer.state === state), { provider: "", state });
    }
    for (const { type, source } of this.#sources) {
      const provider = source.id;
      for (const state of sourceStates) set("sig_turn_state", Number(source.state === state), { provider, state });
      // A login of each session's own has no generation that nodes could agree on.
      if (type !== "shared") continue;
      set("sig_turn_set_generation", source.generation, { provider });
      set("sig_turn_set_expires_seconds", source.left / 1_000, { provider });
    }
    for (const [slot, age] of this.#ages.seconds.entries()) {
      set("sig_turn_secret_age_seconds", age, { slot: String(slot) });
    }
    set("sig_turn_fixed_credentials", Number(this.#sources.some(({ type }) => type === "static")), {});
    set("sig_turn_waiting_sessions", this.#waiting(), {});
  }
}

function settingsOf({ stun, zones, anonymous, maxUrls, blocked }: Turn): IssuerSettings {
  return { stun: stun ?? defaultStun(zones), anonymous, maxUrls, blocked: new Set(blocked) };
}

function sourceTypeOf({ type }: Provider): Source["type"] {
  return type === "secret" || type === "static" ? type : "shared";
}

/** Of the first provider that signs: a second one would hide it. */
function signingSecretsOf({ providers }: Turn): readonly { reveal(): string }[] {
  return providers.find((provider) => provider.type === "secret")?.secrets ?? [];
}
