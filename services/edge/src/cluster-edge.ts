// The parts list of an edge of a cluster: its memory in Redis, its log on NATS, its sockets and the demo page.

import { openBus } from "@heliograph/bus";
import type { Config } from "@heliograph/config";
import type { Observer, World } from "@heliograph/core";
import { newestRules, newNodeId } from "@heliograph/core";
import { openStore } from "@heliograph/store";
import { busOptionsOf, Health, Opened, SystemClock, storeOptionsOf, systemRandom } from "@heliograph/system";
import { Metrics } from "@heliograph/telemetry";
import { edgeOptionsOf } from "./configured.ts";
import { demoPagesOf } from "./demo-pages.ts";
import { openInternalPages } from "./internal-pages.ts";
import { LiveParts } from "./live-parts.ts";
import { type RunningEdge, runningEdge } from "./running-edge.ts";
import { startEdge } from "./start.ts";
import { TurnParts } from "./turn-parts.ts";
import { openWaitingRoom } from "./waiting-room.ts";

export interface ClusterEdgeOptions {
  /** Hears why the native sockets could not be loaded, when they could not. */
  readonly onFallback: (reason: unknown) => void;
  /** Ends a start that waits for NATS. */
  readonly ending?: AbortSignal;
  /** The port to share with other processes, in place of the configured one. */
  readonly sharedPort?: number | undefined;
  /** Which of those processes it is, from 1 on. */
  readonly worker?: number | undefined;
  /** What the observer counts, for whoever asks. */
  readonly metrics?: Metrics;
}

/** Waits for NATS as long as it cannot be reached: alive, and not ready. Redis may come later. */
export async function startClusterEdge(
  config: Config,
  observer: Observer,
  { onFallback, ending, sharedPort, worker, metrics = new Metrics() }: ClusterEdgeOptions,
): Promise<RunningEdge> {
  const onError = (where: string) => (error: unknown) => observer.observe({ type: "fault", where, error });
  const clock = new SystemClock(onError("a timer"));
  const random = systemRandom;
  const id = newNodeId(random);
  const opened = new Opened();
  try {
    const pages = await demoPagesOf(config);
    const waiting = await openWaitingRoom(config, sharedPort, new Health([() => "log"]), onError("a listener"));
    opened.closeLater(() => waiting.close());
    let turn: TurnParts | undefined;
    const internal = await openInternalPages(config, {
      metrics,
      turn: () => turn,
      worker,
      onError: onError("the internal listener"),
    });
    opened.closeLater(() => internal.close());
    const store = await openStore(storeOptionsOf(config), { clock, random, observer });
    opened.closeLater(() => store.close());
    const { copies, directory, counters, pictures, iceSets: sets } = store;
    const bus = await openBus(busOptionsOf(config, `edge ${id}`), { clock, random, observer, copies }, ending);
    opened.closeLater(() => bus.close());
    const { log, whisper, nodes } = bus;
    const parts = new TurnParts(config.turn, { clock, random, sets, nodes, observer, metrics });
    turn = parts;
    opened.closeLater(async () => parts.close());
    await parts.start();
    const live = new LiveParts(config, random, parts);
    const world: World = {
      id,
      get settings() {
        return live.settings;
      },
      rules: { version: newestRules, logLife: live.settings.logLife },
      tokens: live.tokens,
      turn: parts.issuer,
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
    const edge = await startEdge(
      { ...options, port: waiting.port, pictures: { pictures, signer: live.signer }, spreed: live.spreed.options },
      world,
      onFallback,
    );
    parts.watch(() => edge.node.waitingForTurn);
    return runningEdge(edge, config, { internal, live, opened });
  } catch (error) {
    await opened.close();
    throw error;
  }
}
