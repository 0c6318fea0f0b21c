// The parts list of an edge of a cluster: its memory in Redis, its log on NATS, its sockets and the demo page.

import { openBus } from "@heliograph/bus";
import type { Config, Reload } from "@heliograph/config";
import type { Observer, World } from "@heliograph/core";
import { newestRules, newNodeId } from "@heliograph/core";
import { openStore } from "@heliograph/store";
import { busOptionsOf, Health, Opened, SystemClock, storeOptionsOf, systemRandom } from "@heliograph/system";
import { addressOf } from "./address.ts";
import { edgeOptionsOf } from "./configured.ts";
import { demoPagesOf } from "./demo-pages.ts";
import { LiveParts } from "./live-parts.ts";
import type { Edge } from "./start.ts";
import { startEdge } from "./start.ts";
import { openWaitingRoom } from "./waiting-room.ts";

export interface ClusterEdge {
  readonly edge: Edge;
  /** Where a browser finds it. */
  readonly address: string;
  /** Takes over what may change without a restart. Rejects if renewed certificates make no pair: the old ones serve on. */
  reload(news: Pick<Reload, "config" | "changed" | "renewed">): Promise<void>;
  /** Asks clients to go elsewhere, waits for them until the deadline, and ends. */
  drain(): Promise<void>;
  /** Ends at once; clients resume elsewhere. */
  stop(): Promise<void>;
}

export interface ClusterEdgeOptions {
  /** Hears why the native sockets could not be loaded, when they could not. */
  readonly onFallback: (reason: unknown) => void;
  /** Ends a start that waits for NATS. */
  readonly ending?: AbortSignal;
  /** The port to share with other processes, in place of the configured one. */
  readonly sharedPort?: number | undefined;
}

/** Waits for NATS as long as it cannot be reached: alive, and not ready. Redis may come later. */
export async function startClusterEdge(
  config: Config,
  observer: Observer,
  { onFallback, ending, sharedPort }: ClusterEdgeOptions,
): Promise<ClusterEdge> {
  const onError = (where: string) => (error: unknown) => observer.observe({ type: "fault", where, error });
  const clock = new SystemClock(onError("a timer"));
  const random = systemRandom;
  const id = newNodeId(random);
  const live = new LiveParts(config, random, clock);
  const opened = new Opened();
  try {
    const pages = await demoPagesOf(config);
    const waiting = await openWaitingRoom(config, sharedPort, new Health([() => "log"]), onError("a listener"));
    opened.closeLater(() => waiting.close());
    const store = await openStore(storeOptionsOf(config), { clock, random, observer });
    opened.closeLater(() => store.close());
    const { copies, directory, counters } = store;
    const bus = await openBus(busOptionsOf(config, `edge ${id}`), { clock, random, observer, copies }, ending);
    opened.closeLater(() => bus.close());
    const { log, whisper, nodes } = bus;
    const world: World = {
      id,
      get settings() {
        return live.settings;
      },
      rules: { version: newestRules, logLife: live.settings.logLife },
      tokens: live.tokens,
      turn: live.turn,
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
    await waiting.close();
    const options = edgeOptionsOf(config, pages, sharedPort);
    const edge = await startEdge({ ...options, port: waiting.port }, world, onFallback);
    return {
      edge,
      address: addressOf(config, edge.port),
      reload: (news) => live.take(news, edge),
      drain: () => edge.drain().then(() => opened.close()),
      stop: () => edge.stop().then(() => opened.close()),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
