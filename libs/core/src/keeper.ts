// Looks after the rooms of nodes that died with all their hosts: any number of keepers may do the same.
import type { NodeId, RoomKey } from "@heliograph/protocol";
import { portFailures } from "./port-failures.ts";
import type { Timer } from "./ports/clock.ts";
import type { Replica } from "./replica.ts";
import { Rooms, type RoomsHost } from "./rooms.ts";
import type { World } from "./world.ts";

/** Milliseconds between two looks at who is silent: peers see `away` within 8 s, of which silence takes 6. */
const round = 500;
/** Milliseconds between two readings of the list of nodes. */
const listEvery = 2_000;
/** Rooms that are asked for or loaded at once. What is loaded is kept without bound: it only waits for time to pass. */
const loadsAtOnce = 32;
/** Milliseconds before a room is asked for again that nobody could load, or whose hosts are not done: ever longer. */
const askAgain = { step: 5_000, most: 30_000 } as const;

/** A room of a dead node, on its way to having nobody of it. */
interface Ward {
  readonly key: RoomKey;
  /** `hosted`: loaded, and held by the rules of every host until each of its members' nodes is heard. */
  state: "waiting" | "asking" | "loading" | "hosted";
  replica: Replica | undefined;
  /** Local time before which it is not asked for, and how often it was. */
  notBefore: number;
  tries: number;
  /** What was due when it was loaded has been proposed. */
  visited: boolean;
}

/** What a dead node left: the rooms that were ever seen in its name, and those not done with. */
interface Estate {
  readonly seen: Set<RoomKey>;
  readonly open: Set<RoomKey>;
  reading: boolean;
}

/**
 * It beats as a node does, since it applies rules, and stands in the directory with the rooms it hosts: when it dies in
 * the middle, its rooms are looked after as those of any node. It owns no members.
 */
export class Keeper implements RoomsHost {
  readonly #world: World;
  readonly #rooms: Rooms;
  readonly #failed: (error: unknown) => void;
  readonly #wards = new Map<RoomKey, Ward>();
  /** Of those, whoever is next to be asked for. */
  readonly #ready = new Set<Ward>();
  /** How many are being asked for or loaded. */
  #busy = 0;
  readonly #estates = new Map<NodeId, Estate>();
  #nodes: readonly NodeId[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #timer: Timer;
  #ended = false;

  constructor(world: World) {
    this.#world = world;
    this.#rooms = new Rooms(world, this);
    this.#failed = portFailures("a keeper", world.observer);
    this.#timer = world.clock.after(0, () => this.#round());
  }

  get id(): NodeId {
    return this.#world.id;
  }

  /** Dead nodes not done with, rooms in care and hosted, and what is kept for rooms: zero when all is in order. */
  get size(): { readonly nodes: number; readonly wards: number; readonly rooms: number; readonly kept: number } {
    const { hosted, size } = this.#rooms;
    return { nodes: this.#estates.size, wards: this.#wards.size, rooms: hosted, kept: size };
  }

  end(): void {
    this.#ended = true;
    this.#timer.cancel();
    this.#rooms.end();
    this.#wards.clear();
    this.#ready.clear();
    this.#estates.clear();
  }

  loaded(replica: Replica): void {
    const ward = this.#wards.get(replica.key);
    if (ward === undefined || ward.state !== "loading") return;
    this.#move(ward, "hosted");
    // Says that the room lives, and what time it is in the log: nothing else may have been said in it for long.
    if (this.#rooms.needs(replica)) replica.propose({ kind: "keep", by: this.#world.id });
    this.#begin();
  }

  notLoaded(replica: Replica): void {
    const ward = this.#wards.get(replica.key);
    if (ward !== undefined) this.#tryLater(ward);
  }

  /** A keeper has no stays. */
  stayEnded(): void {}

  superseded(): void {}

  askAgain(): boolean {
    return false;
  }

  #round(): void {
    const { clock, log, random } = this.#world;
    const now = clock.now();
    if (log.link === "up") {
      if (Math.abs(now - this.#listedAt) >= listEvery) this.#list(now);
      for (const node of this.#nodes) {
        const silent = this.#rooms.beats.silent(node);
        if (silent) this.#settle(node);
        // It lives: what was begun ends by itself.
        else this.#estates.delete(node);
      }
      for (const ward of this.#wards.values()) this.#look(ward, now);
      this.#begin();
    }
    this.#timer = clock.after(round * (0.8 + random.fraction() * 0.4), () => this.#round());
  }

  #list(now: number): void {
    this.#listedAt = now;
    this.#world.directory.nodes().then(
      (nodes) => {
        this.#nodes = nodes.filter((node) => node !== this.#world.id);
        // Another keeper was done first: what is still in care here ends by itself.
        for (const node of this.#estates.keys()) if (!nodes.includes(node)) this.#estates.delete(node);
      },
      // Who is known to be dead stays so; who died meanwhile is found when the directory is back.
      this.#failed,
    );
  }

  /** Reads what the node has left, until that is nothing new and all is done: then the node is forgotten. */
  #settle(node: NodeId): void {
    const estate = this.#estates.get(node) ?? { seen: new Set(), open: new Set(), reading: false };
    this.#estates.set(node, estate);
    if (estate.reading || estate.open.size > 0) return;
    estate.reading = true;
    this.#read(node, estate).then(
      () => {
        estate.reading = false;
      },
      (error: unknown) => {
        estate.reading = false;
        this.#failed(error);
      },
    );
  }

  async #read(node: NodeId, estate: Estate): Promise<void> {
    const { directory } = this.#world;
    const rooms = await directory.roomsOf(node);
    if (this.#ended || this.#estates.get(node) !== estate) return;
    const news = rooms.filter((room) => !estate.seen.has(room));
    for (const key of news) {
      estate.seen.add(key);
      estate.open.add(key);
      if (this.#wards.has(key)) continue;
      const ward: Ward = { key, state: "waiting", replica: undefined, notBefore: 0, tries: 0, visited: false };
      this.#wards.set(key, ward);
      this.#ready.add(ward);
    }
    if (news.length > 0) return this.#begin();
    await directory.forgetNode(node);
    this.#nodes = this.#nodes.filter((other) => other !== node);
    if (this.#estates.get(node) === estate) this.#estates.delete(node);
  }

  #begin(): void {
    for (const ward of this.#ready) {
      if (this.#busy >= loadsAtOnce || this.#ended) return;
      this.#ready.delete(ward);
      this.#move(ward, "asking");
      this.#ask(ward);
    }
  }

  #move(ward: Ward, state: Ward["state"]): void {
    if (isBusy(ward)) this.#busy -= 1;
    ward.state = state;
    if (isBusy(ward)) this.#busy += 1;
  }

  /**
   * A room that another process hosts is in good hands, yet it may let go before it knows that a node has died: the
   * room is done with when its state says so.
   */
  #ask(ward: Ward): void {
    this.#world.nodes.ask(ward.key).then(
      (copy) => {
        if (this.#wards.get(ward.key) !== ward) return;
        if (copy?.members.some(({ epoch }) => !this.#rooms.beats.alive(epoch.node)) === true) this.#tryLater(ward);
        else if (copy !== undefined) this.#done(ward);
        else {
          this.#move(ward, "loading");
          ward.replica = this.#rooms.open(ward.key);
          if (this.#rooms.current(ward.replica)) this.loaded(ward.replica);
        }
      },
      (error: unknown) => {
        this.#failed(error);
        this.#tryLater(ward);
      },
    );
  }

  #look(ward: Ward, now: number): void {
    const { replica } = ward;
    if (ward.state === "waiting" && ward.notBefore <= now) this.#ready.add(ward);
    if (ward.state !== "hosted" || replica === undefined) return;
    if (replica.ended) this.#done(ward);
    else if (!ward.visited && replica.settled) {
      ward.visited = true;
      this.#rooms.visit(replica);
    }
  }

  #tryLater(ward: Ward): void {
    this.#move(ward, "waiting");
    ward.replica = undefined;
    ward.tries += 1;
    ward.notBefore = this.#world.clock.now() + Math.min(askAgain.step * ward.tries, askAgain.most);
    this.#begin();
  }

  #done(ward: Ward): void {
    this.#move(ward, "waiting");
    this.#wards.delete(ward.key);
    for (const { open } of this.#estates.values()) open.delete(ward.key);
    this.#begin();
  }
}

function isBusy({ state }: Ward): boolean {
  return state === "asking" || state === "loading";
}
