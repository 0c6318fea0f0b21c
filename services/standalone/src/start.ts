// The parts list of `npm start`: an edge over the memory twins in one process, with the demo page.
import type { Config } from "@heliograph/config";
import { newestRules, newNodeId, type Observer, type World } from "@heliograph/core";
import { MemoryCluster } from "@heliograph/core/memory";
import {
  demoPagesOf,
  edgeOptionsOf,
  LiveParts,
  openInternalPages,
  type RunningEdge,
  runningEdge,
  startEdge,
  TurnParts,
} from "@heliograph/edge";
import { TurnDuties } from "@heliograph/keeper";
import { nodeSettingsOf, Opened, SystemClock, systemRandom } from "@heliograph/system";
import { Metrics } from "@heliograph/telemetry";

/**
 * The same code and the same guarantees as a cluster, short of surviving its own death. `onFallback` hears why the
 * native sockets could not be loaded, when they could not.
 */
export async function startStandalone(
  config: Config,
  observer: Observer,
  onFallback: (reason: unknown) => void,
  metrics = new Metrics(),
): Promise<RunningEdge> {
  const onError = (where: string) => (error: unknown) => observer.observe({ type: "fault", where, error });
  const clock = new SystemClock(onError("a timer"));
  const random = systemRandom;
  const id = newNodeId(random);
  const { logLife } = nodeSettingsOf(config);
  const cluster = new MemoryCluster({ clock, random, retention: { maxAge: logLife, maxBytes: logBytes } });
  const { iceSets: sets, pictures, ...ports } = cluster.node(id);
  const opened = new Opened();
  try {
    const parts = { clock, random, sets, nodes: ports.nodes, observer, metrics };
    const turn = new TurnParts(config.turn, parts);
    opened.closeLater(async () => turn.close());
    const internal = await openInternalPages(config, {
      metrics,
      turn: () => turn,
      onError: onError("the internal listener"),
    });
    opened.closeLater(() => internal.close());
    const duties = new TurnDuties(config.turn, parts);
    opened.closeLater(async () => duties.close());
    await turn.start();
    const live = new LiveParts(config, random, {
      reload: (settings) => {
        turn.reload(settings);
        duties.reload(settings);
      },
    });
    const world: World = {
      ...ports,
      id,
      get settings() {
        return live.settings;
      },
      // There is no other process that could know less.
      rules: { version: newestRules, logLife, everywhere: newestRules },
      tokens: live.tokens,
      turn: turn.issuer,
      clock,
      random,
      observer,
    };
    const options = edgeOptionsOf(config, await demoPagesOf(config));
    const edge = await startEdge(
      { ...options, pictures: { pictures, signer: live.signer }, spreed: live.spreed.options },
      world,
      onFallback,
    );
    turn.watch(() => edge.node.waitingForTurn);
    return runningEdge(edge, config, { internal, live, opened });
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** What the log may hold in memory; beyond it the oldest entries go before their time. */
const logBytes = 256 << 20;
