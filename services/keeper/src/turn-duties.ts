// What a keeper does for TURN: asks the services that give logins, and tries the servers, for the whole cluster.
import type { Config } from "@heliograph/config";
import type { Clock, IceSets, Nodes, Observer, Random } from "@heliograph/core";
import type { Metrics, SetGauge } from "@heliograph/telemetry";
import { type Exchange, Fetcher, HttpExchange, PeriodicProbe, type probeRelay } from "@heliograph/turn";
import { fetchingProviderOf } from "./fetching-provider.ts";
import { boughtServers, ownServers, type ServersToProbe } from "./servers-to-probe.ts";

export interface TurnDutiesPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly sets: IceSets;
  readonly nodes: Pick<Nodes, "sayIceSet" | "onIceSet">;
  readonly observer: Observer;
  readonly metrics: Metrics;
  /** How services are asked; absent: over HTTP. */
  readonly exchange?: Exchange;
  /** How a server is tried; absent: over the network. */
  readonly probe?: typeof probeRelay;
}

/** Milliseconds between two probes of servers that are paid for by the byte. */
const boughtInterval = 300_000;

const outcomes = ["ok", "transient", "throttled", "refused", "bad", "late", "isolated"];

export class TurnDuties {
  readonly #ports: TurnDutiesPorts;
  readonly #exchange: Exchange;
  readonly #stopReading: () => void;
  readonly #fetchers = new Map<string, Fetcher>();
  #turn: Config["turn"];
  #probes: readonly PeriodicProbe[] = [];

  constructor(turn: Config["turn"], ports: TurnDutiesPorts) {
    this.#ports = ports;
    this.#exchange = ports.exchange ?? new HttpExchange({ clock: ports.clock });
    this.#stopReading = ports.metrics.read((set) => this.#read(set));
    this.#turn = turn;
    this.#begin(turn);
  }

  /** Logins that were fetched with a former key serve on to half of their life, as they do when nothing changes. */
  reload(turn: Config["turn"]): void {
    const { providers, zones, ttl } = this.#turn;
    this.#turn = turn;
    // Settings that stay are the same objects, and whoever fetches is not disturbed for the sake of the others.
    if (turn.providers === providers && turn.zones === zones && turn.ttl === ttl) return;
    this.#end();
    this.#begin(turn);
  }

  close(): void {
    this.#stopReading();
    this.#end();
  }

  #begin(turn: Config["turn"]): void {
    this.#fetch(turn);
    const { interval } = turn.probe;
    if (interval === 0) return;
    const bought = Math.max(interval, boughtInterval);
    this.#probes = turn.providers.flatMap((provider) => {
      const own = ownServers(provider, turn, this.#ports.clock);
      const fetcher = this.#fetchers.get(provider.id);
      if (own !== undefined) return [this.#probe(provider.id, interval, own)];
      return fetcher === undefined ? [] : [this.#probe(provider.id, bought, () => boughtServers(fetcher.held))];
    });
  }

  #end(): void {
    for (const probe of this.#probes) probe.stop();
    this.#probes = [];
    for (const fetcher of this.#fetchers.values()) fetcher.close();
    this.#fetchers.clear();
  }

  #probe(id: string, interval: number, servers: ServersToProbe): PeriodicProbe {
    const probe = new PeriodicProbe({ ...this.#ports, id, interval, servers });
    probe.start();
    return probe;
  }

  #fetch({ providers }: Config["turn"]): void {
    const { metrics, ...ports } = this.#ports;
    for (const each of providers) {
      const provider = fetchingProviderOf(each, { ...ports, exchange: this.#exchange });
      if (provider === undefined) continue;
      // The first refusal is to be seen, and not only the second.
      for (const outcome of outcomes) metrics.count("sig_turn_fetch_total", { provider: each.id, outcome }, 0);
      const fetcher = new Fetcher(provider, ports);
      this.#fetchers.set(each.id, fetcher);
      fetcher.start();
    }
  }

  #read(set: SetGauge): void {
    for (const [provider, { held, accountEndsAt }] of this.#fetchers) {
      if (accountEndsAt !== undefined) {
        set("sig_turn_account_expires_timestamp_seconds", Math.floor(accountEndsAt / 1_000), { provider });
      }
      if (held?.endsAt === undefined) continue;
      const left = Math.max(0, held.endsAt - this.#ports.clock.now()) / 1_000;
      set("sig_turn_set_expires_seconds", left, { provider });
      set("sig_turn_set_generation", held.generation, { provider });
    }
  }
}
