// Edges of one deployment in this process, on one ground: clients come to them by real sockets, and leave nothing behind.
import type { Clock, Happening, NodeSettings, World } from "@heliograph/core";
import { Keeper, newNodeId, Signer, Tokens } from "@heliograph/core";
import { MemoryTurnIssuer } from "@heliograph/core/memory";
import type { Edge } from "@heliograph/edge";
import { edgeOptionsOf, startEdge } from "@heliograph/edge";
import type { NodeId } from "@heliograph/protocol";
import { nodeSettingsOf, SystemClock, systemRandom } from "@heliograph/system";
import { expect } from "vitest";
import { configured } from "../kit/server.ts";
import type { Footing, Ground } from "./ground.ts";
import { Guests } from "./guests.ts";
import { within } from "./within.ts";

export interface RunningEdge {
  readonly id: NodeId;
  readonly edge: Edge;
  readonly url: string;
  readonly footing: Footing;
  readonly happened: readonly Happening[];
  /** What its bus holds for itself, before any client came. */
  readonly own: number;
}

export interface EdgeTwists {
  readonly clock?: Clock;
  /** Makes another world of the node's: a bug, a liar. */
  readonly twist?: (world: World) => World;
}

/** A shorter grace than in production: rows wait for whoever is gone to have left. Talk is for the log to pace. */
const usual = { LIMITS_GRACE: "8s", LIMITS_COMMANDS_PER_SECOND: "100000", LIMITS_COMMAND_BURST: "100000" };

type HappeningOf<Type extends Happening["type"]> = Extract<Happening, { readonly type: Type }>;

export class House {
  readonly ground: Ground;
  readonly settings: NodeSettings;
  readonly edges: RunningEdge[] = [];
  readonly happened: Happening[] = [];
  readonly #guests = new Guests();
  readonly member: Guests["member"] = (...asked) => this.#guests.member(...asked);
  readonly nodesOf: Guests["nodesOf"] = (member) => this.#guests.nodesOf(member);
  readonly #settings: Readonly<Record<string, string>>;
  readonly #tokens: Tokens;
  readonly #endings: (() => Promise<void> | void)[] = [];

  /** @param settings as environment variables, without `HELIOGRAPH_` */
  constructor(ground: Ground, settings: Readonly<Record<string, string>> = {}) {
    this.ground = ground;
    this.#settings = { ...usual, ...settings };
    this.settings = nodeSettingsOf(configured(this.#settings));
    this.#tokens = new Tokens(new Signer([{ id: "k", secret: systemRandom.bytes(32) }]), this.settings.tokenLife);
  }

  async start(count: number, twists: EdgeTwists = {}): Promise<readonly RunningEdge[]> {
    const started: RunningEdge[] = [];
    for (let i = 0; i < count; i += 1) started.push(await this.edge(twists));
    return started;
  }

  async edge({ clock, twist = (world) => world }: EdgeTwists = {}): Promise<RunningEdge> {
    const happened: Happening[] = [];
    const { world, footing } = await this.#world(happened, clock);
    const { id } = world;
    const options = edgeOptionsOf(configured(this.#settings), undefined);
    const edge = await startEdge(options, twist(world), () => undefined);
    const url = `ws://127.0.0.1:${edge.port}/v1/socket`;
    const running = { id, edge, url, footing, happened, own: footing.held() };
    this.edges.push(running);
    return running;
  }

  /** Looks after the rooms of dead nodes until the end. */
  async keeper(): Promise<Keeper> {
    const { world, footing } = await this.#world([]);
    const keeper = new Keeper(world);
    this.after(async () => {
      keeper.end();
      await footing.leave();
    });
    return keeper;
  }

  async #world(happened: Happening[], clock?: Clock): Promise<{ readonly world: World; readonly footing: Footing }> {
    const id = newNodeId(systemRandom);
    const observer = {
      observe: (happening: Happening) => {
        happened.push(happening);
        this.happened.push(happening);
      },
    };
    const time = clock ?? new SystemClock((error) => observer.observe({ type: "fault", where: "a timer", error }));
    const { settings } = this;
    const footing = await this.ground.footing({ id, clock: time, random: systemRandom, observer, settings });
    const world: World = {
      ...footing.ports,
      id,
      settings,
      rules: { version: 1, logLife: settings.logLife },
      tokens: this.#tokens,
      turn: new MemoryTurnIssuer(time),
      clock: time,
      random: systemRandom,
      observer,
    };
    return { world, footing };
  }

  seen<Type extends Happening["type"]>(type: Type, on: readonly Happening[] = this.happened): HappeningOf<Type>[] {
    return on.filter((happening): happening is HappeningOf<Type> => happening.type === type);
  }

  /** Runs at the end, the last one first. */
  after(ending: () => Promise<void> | void): void {
    this.#endings.unshift(ending);
  }

  /** The process is gone from one moment to the next, as far as this process can play it: no goodbye to anyone. */
  async kill(edge: RunningEdge): Promise<void> {
    this.edges.splice(this.edges.indexOf(edge), 1);
    await edge.footing.leave();
    await edge.edge.stop();
  }

  /** Everybody goes; afterwards nothing of them is left anywhere. */
  async empties(): Promise<void> {
    this.#guests.end();
    const left = () => this.edges.map(({ edge, footing, own }) => [edge.held(), edge.node.size, footing.held() - own]);
    const nothing = [{ connections: 0, addresses: 0, unopened: 0 }, { sessions: 0, rooms: 0, kept: 0 }, 0];
    await within(this.settings.limits.grace + 20_000, "every counter of every edge is back at zero", () => {
      expect(left()).toStrictEqual(this.edges.map(() => nothing));
      return true;
    });
    const nodes = this.edges.map(({ id }) => id);
    await within(10_000, "nothing without an owner or an end is left in the memory", async () => {
      expect(await this.ground.ownerless(nodes)).toStrictEqual([]);
      return true;
    });
  }

  /** What went wrong inside; rows expect none. */
  get faults(): readonly string[] {
    return this.seen("fault").map(({ where, error }) => `${where}: ${error}`);
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0)) await ending();
    this.#guests.end();
    for (const { edge, footing } of this.edges.splice(0)) {
      await edge.stop();
      await footing.leave();
    }
    await this.ground.end();
  }
}
