// A cluster of nodes in one process on one virtual clock: nodes die, others come in their place.
import type { Happening, NodeSettings, RoomCopy, World } from "@heliograph/core";
import { defaultSettings, Keeper, Node, newestRules, newNodeId, Room, Signer, Tokens } from "@heliograph/core";
import type { Kept, MemoryNode } from "@heliograph/core/memory";
import { MemoryCluster, MemoryTurnIssuer, VirtualClock } from "@heliograph/core/memory";
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Dice } from "./dice.ts";
import type { Gated } from "./gate.ts";
import { behind, Gate } from "./gate.ts";
import type { Wire } from "./wire.ts";

/** Everything four to six times shorter than in production, so that a short conversation sees all of it end. */
export const settings: NodeSettings = {
  ...defaultSettings,
  limits: { ...defaultSettings.limits, grace: 8_000, window: 20_000, heartbeat: 4_000 },
  logLife: 50_000,
  patience: 5_000,
};

const rules = { version: newestRules, logLife: settings.logLife };

export interface Trouble {
  readonly at: number;
  readonly text: string;
}

export class House {
  readonly clock: VirtualClock;
  readonly cluster: MemoryCluster;
  readonly dice: Dice;
  readonly edges: Edge[] = [];
  readonly keepers: Warden[] = [];
  readonly troubles: Trouble[] = [];
  readonly tokens = new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), settings.tokenLife);
  readonly settings: NodeSettings;
  readonly began: number;
  reborn = false;
  /** How often a room was found to be new: its log before that is nobody's memory. */
  begun = 0;
  /** For whoever looks into a failure. */
  watch: ((edge: Edge, happening: Happening) => void) | undefined;
  turns = 0;
  /** Every stored bundle of each room, in order: what digests are compared with. */
  readonly stored = new Map<RoomKey, Kept[]>();

  constructor(dice: Dice, options: { readonly ringBytes?: number } = {}) {
    this.dice = dice;
    this.settings = { ...settings, ...options };
    this.clock = new VirtualClock({
      turn: () => {
        this.turns += 1;
        if (this.turns > 300_000) throw new Error("the conversation never comes to rest");
        return new Promise((resolve) => setImmediate(resolve));
      },
      shuffle: dice.fork(),
    });
    this.began = this.clock.now();
    const retention = { maxAge: settings.logLife, maxBytes: 1 << 26 };
    this.cluster = new MemoryCluster({ clock: this.clock, random: dice.fork(), retention });
  }

  /** Keeps what is stored of the room from now on. */
  record(room: RoomKey): void {
    const kept: Kept[] = [];
    this.stored.set(room, kept);
    this.cluster.stream.follow(room, { take: (copy) => kept.push(copy) });
  }

  /** The room as its whole log gives it. */
  truth(room: RoomKey): Room {
    const truth = Room.fresh(room, rules);
    for (const { seq, time, entries } of this.stored.get(room) ?? []) {
      entries.forEach((entry, index) => {
        truth.apply(entry, { seq, index, time });
      });
    }
    return truth;
  }

  digest(room: RoomKey, copy: RoomCopy): string {
    return Room.revive(room, copy, rules).digest();
  }

  /** Of everything stored in the room. */
  positions(room: RoomKey): Position[] {
    return (this.stored.get(room) ?? []).flatMap(({ seq, time, entries }) =>
      entries.map((_, index) => ({ seq, index, time })),
    );
  }

  /** All storage is lost, and the stream begins again. */
  rebirth(): void {
    this.reborn = true;
    this.cluster.stream.rebirth();
  }

  /** Everything stored goes before its time, as by a cap on bytes. */
  evict(): void {
    this.reborn = true;
    this.cluster.stream.evict();
  }

  edge(): Edge {
    const edge = new Edge(this);
    this.edges.push(edge);
    return edge;
  }

  /** Another process that looks after rooms whose hosts all died. */
  keeper(): Warden {
    const keeper = new Warden(this);
    this.keepers.push(keeper);
    return keeper;
  }

  get livingKeepers(): readonly Warden[] {
    return this.keepers.filter((keeper) => keeper.gate.state !== "dead");
  }

  get living(): readonly Edge[] {
    return this.edges.filter((edge) => edge.gate.state !== "dead");
  }

  trouble(text: string): void {
    this.troubles.push({ at: this.clock.now(), text });
  }
}

export class Edge {
  readonly node: Node;
  readonly ports: MemoryNode;
  readonly gate: Gate;
  readonly gated: Gated;
  readonly name: string;
  readonly wires = new Set<Wire>();
  /** What the node does by itself, with nobody there. */
  readonly ownTimers: number;
  readonly #house: House;

  constructor(house: House) {
    this.#house = house;
    const { dice } = house;
    const id = newNodeId(dice);
    this.name = `edge ${house.edges.length + 1}`;
    this.gate = new Gate(house.clock, dice.between(-60_000, 60_000), (error) => {
      house.trouble(`${this.name} threw ${describe(error)}`);
    });
    this.ports = house.cluster.node(id);
    this.gated = behind(this.gate, this.ports);
    this.node = new Node(worldOf(house, this, (happening) => this.#observe(happening)));
    this.ownTimers = this.gate.timers;
  }

  kill(): void {
    this.gate.kill();
    this.ports.kill();
  }

  /** Ends what the node runs by itself, so that a conversation leaves nothing behind. */
  end(): void {
    this.node.end();
    this.gate.kill();
  }

  #observe(happening: Happening): void {
    this.#house.watch?.(this, happening);
    if (happening.type === "room_loaded" && happening.from === "new") this.#house.begun += 1;
    if (happening.type === "fault")
      this.#house.trouble(`${this.name} fault in ${happening.where}: ${describe(happening.error)}`);
    if (happening.type === "digest_alarm") this.#house.trouble(`${this.name} digest alarm at ${happening.seq}`);
  }
}

/** The keeper's process: it has no doors. */
export class Warden {
  readonly keeper: Keeper;
  readonly ports: MemoryNode;
  readonly gate: Gate;
  readonly gated: Gated;
  readonly name: string;

  constructor(house: House) {
    const { dice } = house;
    this.name = `keeper ${house.keepers.length + 1}`;
    this.gate = new Gate(house.clock, dice.between(-60_000, 60_000), (error) => {
      house.trouble(`${this.name} threw ${describe(error)}`);
    });
    this.ports = house.cluster.node(newNodeId(dice));
    this.gated = behind(this.gate, this.ports);
    const world = worldOf(house, this, (happening) => {
      if (happening.type === "fault") house.trouble(`${this.name} fault in ${happening.where}`);
      if (happening.type === "digest_alarm") house.trouble(`${this.name} digest alarm at ${happening.seq}`);
    });
    this.keeper = new Keeper(world);
  }

  kill(): void {
    this.gate.kill();
    this.ports.kill();
  }

  end(): void {
    this.keeper.end();
    this.gate.kill();
  }
}

function worldOf(
  house: House,
  { ports, gate, gated }: Pick<Edge, "ports" | "gate" | "gated">,
  observe: (happening: Happening) => void,
): World {
  const { log, nodes, whisper, copies } = gated;
  return {
    id: ports.id,
    log,
    nodes,
    whisper,
    copies,
    directory: ports.directory,
    counters: ports.counters,
    settings: house.settings,
    rules,
    tokens: house.tokens,
    turn: new MemoryTurnIssuer(gate.clock),
    clock: gate.clock,
    random: house.dice.fork(),
    observer: { observe },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
