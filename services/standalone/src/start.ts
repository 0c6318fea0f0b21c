// The parts list of `npm start`: an edge over the memory twins in one process, with the demo page.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config, Reload } from "@heliograph/config";
import { newNodeId, type Observer, Tokens, type World } from "@heliograph/core";
import { MemoryCluster, StaticTurnIssuer } from "@heliograph/core/memory";
import {
  admissionOf,
  type Edge,
  edgeOptionsOf,
  iceGrantOf,
  loadStaticSite,
  nodeSettingsOf,
  startEdge,
  startKey,
  tokenRingOf,
} from "@heliograph/edge";
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
  const turn = new StaticTurnIssuer(iceGrantOf(config));
  const ownKey = startKey(random);
  const tokens = new Tokens(tokenRingOf(config, ownKey), config.tokens.life);
  let settings = nodeSettingsOf(config);
  const cluster = new MemoryCluster({
    clock,
    random,
    retention: { maxAge: settings.logLife, maxBytes: logBytes },
  });
  const world: World = {
    ...cluster.node(id),
    id,
    get settings() {
      return settings;
    },
    rules: { version: 1, logLife: settings.logLife },
    tokens,
    turn,
    clock,
    random,
    observer,
  };
  const { basePath } = config.listen;
  const site = config.web.enabled ? await loadStaticSite({ directory: pages(), connectTo: [], basePath }) : undefined;
  const edge = await startEdge(edgeOptionsOf(config, site), world, onFallback);
  return {
    edge,
    address: addressOf(config, edge.port),
    reload: async ({ config: next, changed, renewed }) => {
      settings = nodeSettingsOf(next);
      tokens.rotate(tokenRingOf(next, ownKey));
      edge.allow(admissionOf(next));
      // Every client hears of new servers, and calls gather anew: not for a change of something else.
      if (changed.includes("ice.servers")) turn.replace(iceGrantOf(next));
      if (renewed.length > 0) await edge.reloadTls();
    },
    drain: () => edge.drain(),
    stop: () => edge.stop(),
  };
}

/** What the log may hold in memory; beyond it the oldest entries go before their time. */
const logBytes = 256 << 20;

/** Where the build put the pages. */
function pages(): string {
  return dirname(fileURLToPath(import.meta.resolve("@heliograph/web/pages/index.html")));
}

function addressOf(config: Config, port: number): string {
  const { host, tls, basePath } = config.listen;
  const every = host === "0.0.0.0" || host === "::";
  const shown = every ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${tls === undefined ? "http" : "https"}://${shown}:${port}${basePath}`;
}
