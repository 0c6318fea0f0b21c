// The parts list of a keeper: Redis, NATS, and core's Keeper, which looks after the rooms whose hosts all died.

import { openBus } from "@heliograph/bus";
import type { Config, Reload } from "@heliograph/config";
import type { Observer, World } from "@heliograph/core";
import { Keeper, newestRules, newNodeId, Signer, Tokens } from "@heliograph/core";
import { MemoryTurnIssuer } from "@heliograph/core/memory";
import { openStore } from "@heliograph/store";
import {
  busOptionsOf,
  Health,
  metricsPage,
  nodeSettingsOf,
  Opened,
  openInternalListener,
  SystemClock,
  storeOptionsOf,
  systemRandom,
} from "@heliograph/system";
import { Metrics } from "@heliograph/telemetry";
import { TurnDuties } from "./turn-duties.ts";

export interface RunningKeeper {
  readonly keeper: Keeper;
  readonly health: Health;
  /** Where its health is asked for. */
  readonly address: string;
  /** Takes over what may change without a restart. */
  reload(news: Pick<Reload, "config" | "changed">): void;
  /** Ends in good order: what another keeper would do as well is left to it. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export interface KeeperOptions {
  /** Ends a start that waits for NATS. */
  readonly ending?: AbortSignal;
  /** What the observer counts, for whoever asks. */
  readonly metrics?: Metrics;
}

/** Waits for NATS as long as it cannot be reached, alive and not ready. */
export async function startKeeper(
  config: Config,
  observer: Observer,
  { ending, metrics = new Metrics() }: KeeperOptions = {},
): Promise<RunningKeeper> {
  const onError = (where: string) => (error: unknown) => observer.observe({ type: "fault", where, error });
  const clock = new SystemClock(onError("a timer"));
  const random = systemRandom;
  const id = newNodeId(random);
  const settings = nodeSettingsOf(config);
  const opened = new Opened();
  const links: { log: "up" | "down"; memory: "up" | "down" } = { log: "down", memory: "down" };
  const health = new Health([
    () => (links.log === "up" ? undefined : "log"),
    // A keeper finds its work there, so it is of no use without.
    () => (links.memory === "up" ? undefined : "memory"),
  ]);
  try {
    const listener = await openInternalListener({
      ...config.keeper.listen,
      pages: [(path) => health.answer(path), metricsPage(metrics)],
      says: "A keeper answers GET /healthz, GET /readyz and GET /metrics.",
      onError: onError("a listener"),
    });
    opened.closeLater(() => listener.close());
    const store = await openStore(storeOptionsOf(config), { clock, random, observer });
    opened.closeLater(() => store.close());
    const { copies, directory, counters, iceSets: sets } = store;
    const bus = await openBus(busOptionsOf(config, `keeper ${id}`), { clock, random, observer, copies }, ending);
    opened.closeLater(() => bus.close());
    const endWatch = bus.watchEarlyLosses();
    opened.closeLater(async () => endWatch());
    const { log, whisper, nodes } = bus;
    for (const [link, port] of [
      ["log", log],
      ["memory", copies],
    ] as const) {
      links[link] = port.link;
      port.onLink((state) => {
        links[link] = state;
      });
    }
    const world: World = {
      id,
      settings,
      rules: { version: newestRules, logLife: settings.logLife },
      // It has no sessions: nothing is ever signed with this key, and nobody is told of a server.
      tokens: new Tokens(new Signer([{ id: "keeper", secret: random.bytes(32) }]), settings.tokenLife),
      turn: new MemoryTurnIssuer(clock),
      log,
      whisper,
      nodes,
      copies,
      directory,
      counters,
      clock,
      random,
      observer,
    };
    const keeper = new Keeper(world);
    opened.closeLater(async () => keeper.end());
    const turn = new TurnDuties(config.turn, { clock, random, sets, nodes, observer, metrics });
    opened.closeLater(async () => turn.close());
    return {
      keeper,
      health,
      address: `${listener.address}/readyz`,
      reload: (news) => {
        if (news.changed.some((path) => path.startsWith("turn."))) turn.reload(news.config.turn);
      },
      drain: () => {
        health.drain();
        return opened.close();
      },
      stop: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
