// Edges in the test's own process that share one memory cluster: real sockets, and everything behind them at hand.
import type { Clock, Happening, NodeSettings, TurnIssuer } from "@heliograph/core";
import { newNodeId, Signer, Tokens } from "@heliograph/core";
import type { MemoryNode } from "@heliograph/core/memory";
import { MemoryCluster, MemoryTurnIssuer } from "@heliograph/core/memory";
import type { Edge, EdgeOptions } from "@heliograph/edge";
import { edgeOptionsOf, nodeSettingsOf, startEdge } from "@heliograph/edge";
import { systemRandom } from "@heliograph/system";
import { configured } from "./server.ts";
import { SteppedClock } from "./stepped-clock.ts";

export interface RunningEdge {
  readonly edge: Edge;
  readonly ports: MemoryNode;
  readonly url: string;
  /** Why the native sockets could not be loaded; empty where they could. */
  readonly fallbacks: readonly unknown[];
}

export class Edges {
  readonly clock: SteppedClock;
  readonly faults: unknown[] = [];
  readonly happened: Happening[] = [];
  readonly #cluster: MemoryCluster;
  readonly #settings: NodeSettings;
  readonly #options: EdgeOptions;
  readonly #signer = new Signer([{ id: "k", secret: systemRandom.bytes(32) }]);
  readonly #tokens: Tokens;
  readonly #running: RunningEdge[] = [];

  /** @param settings as environment variables, without `HELIOGRAPH_` */
  constructor(settings: Readonly<Record<string, string>> = {}, options: Partial<EdgeOptions> = {}) {
    const config = configured(settings);
    this.clock = new SteppedClock();
    this.#settings = nodeSettingsOf(config);
    this.#options = { ...edgeOptionsOf(config, undefined), ...options };
    this.#tokens = new Tokens(this.#signer, config.tokens.life);
    this.#cluster = new MemoryCluster({ clock: this.clock as Clock, random: systemRandom });
  }

  /** @param turn what hands out ICE servers; none: there is no TURN */
  async start(turn: TurnIssuer = new MemoryTurnIssuer(this.clock)): Promise<RunningEdge> {
    const id = newNodeId(systemRandom);
    const ports = this.#cluster.node(id);
    const fallbacks: unknown[] = [];
    const edge = await startEdge(
      { pictures: { pictures: ports.pictures, signer: this.#signer }, ...this.#options },
      {
        ...ports,
        id,
        settings: this.#settings,
        rules: { version: 1, logLife: this.#settings.logLife },
        tokens: this.#tokens,
        turn,
        clock: this.clock,
        random: systemRandom,
        observer: {
          observe: (happening) => {
            this.happened.push(happening);
            if (happening.type === "fault") this.faults.push(happening.error);
          },
        },
      },
      (reason) => fallbacks.push(reason),
    );
    const running = { edge, ports, url: `ws://127.0.0.1:${edge.port}/v1/socket`, fallbacks };
    this.#running.push(running);
    return running;
  }

  async end(): Promise<void> {
    for (const { edge } of this.#running.splice(0)) await edge.stop();
  }
}
