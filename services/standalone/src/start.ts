// The parts list of `npm start`: an edge over the memory twins in one process, with the demo page.
import type { Config, Reload } from "@heliograph/config";
import { newestRules, newNodeId, type Observer, type World } from "@heliograph/core";
import { MemoryCluster } from "@heliograph/core/memory";
import { addressOf, demoPagesOf, type Edge, edgeOptionsOf, LiveParts, startEdge } from "@heliograph/edge";
import { SystemClock, systemRandom } from "@heliograph/system";

export interface Standalone {
  readonly edge: Edge;
  /** Where a browser finds it. */
  readonly address: string;
  /** Takes over what may change without a restart. Rejects if renewed certificates make no pair: the old ones serve on. */
  reload(news: Pick<Reload, "config" | "changed" | "renewed">): Promise<void>;
  drain(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The same code and the same guarantees as a cluster, short of surviving its own death. `onFallback` hears why the
 * native sockets could not be loaded, when they could not.
 */
export async function startStandalone(
  config: Config,
  observer: Observer,
  onFallback: (reason: unknown) => void,
): Promise<Standalone> {
  const clock = new SystemClock((error) => observer.observe({ type: "fault", where: "a timer", error }));
  const random = systemRandom;
  const id = newNodeId(random);
  const live = new LiveParts(config, random, clock);
  const { logLife } = live.settings;
  const cluster = new MemoryCluster({ clock, random, retention: { maxAge: logLife, maxBytes: logBytes } });
  const world: World = {
    ...cluster.node(id),
    id,
    get settings() {
      return live.settings;
    },
    rules: { version: newestRules, logLife },
    tokens: live.tokens,
    turn: live.turn,
    clock,
    random,
    observer,
  };
  const edge = await startEdge(edgeOptionsOf(config, await demoPagesOf(config)), world, onFallback);
  return {
    edge,
    address: addressOf(config, edge.port),
    reload: (news) => live.take(news, edge),
    drain: () => edge.drain(),
    stop: () => edge.stop(),
  };
}

/** What the log may hold in memory; beyond it the oldest entries go before their time. */
const logBytes = 256 << 20;
