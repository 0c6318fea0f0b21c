// Keepers that fetch and edges that read, over the memory twins and one clock that moves only when told.
import type { Happening } from "@heliograph/core";
import type { MemoryNode } from "@heliograph/core/memory";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import { parseNodeId } from "@heliograph/protocol";
import { Fetcher } from "../src/fetcher.ts";
import { SharedSource } from "../src/shared-source.ts";
import { ScriptedService } from "./scripted-service.ts";

export interface Keeper {
  readonly node: MemoryNode;
  readonly fetcher: Fetcher;
  /** As by SIGKILL. */
  kill(): void;
}

export interface Edge {
  readonly node: MemoryNode;
  readonly source: SharedSource;
  /** Each state that its listeners were told. */
  readonly told: string[];
}

type Fetched = Extract<Happening, { type: "ice_fetched" }>;

export interface Told extends Fetched {
  readonly keeper: number;
  readonly at: number;
}

export class SharingHouse {
  readonly clock: VirtualClock;
  readonly shared: MemoryCluster;
  readonly service: ScriptedService;
  readonly keepers: Keeper[] = [];
  readonly edges: Edge[] = [];
  readonly told: Told[] = [];
  readonly faults: unknown[] = [];
  readonly #random: SeededRandom;

  constructor({ seed = 1, ttl = 600 }: { readonly seed?: number; readonly ttl?: number } = {}) {
    this.#random = new SeededRandom(seed);
    this.clock = new VirtualClock({
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      shuffle: this.#random,
    });
    this.shared = new MemoryCluster({ clock: this.clock, random: this.#random });
    this.service = new ScriptedService("own", this.clock, ttl);
  }

  /** So many of each, all at work. */
  static async open(
    options: { readonly seed?: number; readonly ttl?: number; readonly each?: number } = {},
  ): Promise<SharingHouse> {
    const house = new SharingHouse(options);
    for (let i = 0; i < (options.each ?? 6); i += 1) {
      house.keeper();
      house.edge();
    }
    await house.clock.settle();
    return house;
  }

  /** A way to everything that is shared. */
  node(i: number): MemoryNode {
    const id = parseNodeId(`node-${i}`.padEnd(22, "-"));
    if (!id.ok) throw new Error(id.reason);
    return this.shared.node(id.value);
  }

  keeper(): Keeper {
    const i = this.keepers.length;
    const node = this.node(i);
    const observer = {
      observe: (happening: Happening): void => {
        if (happening.type === "ice_fetched") this.told.push({ ...happening, keeper: i, at: this.clock.now() });
        if (happening.type === "fault") this.faults.push(happening.error);
      },
    };
    const ports = { clock: this.clock, random: this.#random, sets: node.iceSets, nodes: node.nodes, observer };
    const fetcher = new Fetcher(this.service.provider(i), ports);
    fetcher.start();
    const kill = (): void => {
      fetcher.close();
      node.kill();
    };
    const keeper = { node, fetcher, kill };
    this.keepers.push(keeper);
    return keeper;
  }

  edge(): Edge {
    const node = this.node(100 + this.edges.length);
    const source = new SharedSource(this.service.provider(-1), {
      clock: this.clock,
      random: this.#random,
      sets: node.iceSets,
      nodes: node.nodes,
      fault: (_where, error) => this.faults.push(error),
    });
    const edge: Edge = { node, source, told: [] };
    source.onChange(() => edge.told.push(source.state));
    void source.start();
    this.edges.push(edge);
    return edge;
  }

  /** The username that each edge hands out now. */
  get users(): readonly (string | undefined)[] {
    return this.edges.map(({ source }) => source.setFor()?.set.username);
  }

  /** Moves time on, and looks at everything again and again. */
  async pass(ms: number, look: () => void = () => undefined, every = 1_000): Promise<void> {
    for (let gone = 0; gone < ms; gone += every) {
      await this.clock.advance(Math.min(every, ms - gone));
      look();
    }
  }

  outcomes(): readonly string[] {
    return this.told.map(({ outcome }) => outcome);
  }

  close(): void {
    for (const { fetcher } of this.keepers) fetcher.close();
    for (const { source } of this.edges) source.close();
  }
}
