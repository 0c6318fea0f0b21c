// The rooms that this node hosts: loads them, keeps them current, and lets them go.
import type { Position, RoomKey } from "@heliograph/protocol";
import { roomOf } from "@heliograph/protocol";
import { Backlog } from "./backlog.ts";
import { Beats } from "./beats.ts";
import { Care, type CareHost } from "./care.ts";
import { Digests } from "./digests.ts";
import { type Hosted, isCurrent, newlyHosted } from "./hosted.ts";
import { LettingGo } from "./letting-go.ts";
import { Loading } from "./loading.ts";
import { LostLogs } from "./lost-logs.ts";
import { Registry } from "./registry.ts";
import { Replica, type ReplicaHost } from "./replica.ts";
import type { JoinEntry } from "./room/entry.ts";
import type { Room } from "./room/room.ts";
import { Scribe } from "./scribe.ts";
import type { Stay } from "./stay.ts";
import type { Watcher } from "./watcher.ts";
import { Whispers } from "./whispers.ts";
import type { World } from "./world.ts";

/** What the node makes of its rooms' news. */
export interface RoomsHost {
  stayEnded(stay: Stay): void;
  superseded(stay: Stay): void;
  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean;
  /** The room is loaded and current: stays that waited may propose. */
  loaded(replica: Replica): void;
  /** Nobody can say what the room is: stays that wait are refused `unavailable`. */
  notLoaded(replica: Replica): void;
}

export class Rooms implements ReplicaHost, CareHost {
  readonly #world: World;
  readonly #host: RoomsHost;
  readonly #hosted = new Map<RoomKey, Hosted>();
  readonly #replicas = new Map<RoomKey, Replica>();
  readonly #scribe: Scribe;
  readonly #digests: Digests;
  readonly #registry: Registry;
  readonly #care: Care;
  readonly #loading: Loading;
  readonly #lostLogs: LostLogs;
  readonly #lettingGo: LettingGo;
  /** What waits for the log, of all rooms together. */
  readonly backlog = new Backlog();
  /** Which other processes are heard. */
  readonly beats: Beats;
  readonly #unlink: () => void;

  constructor(world: World, host: RoomsHost) {
    this.#world = world;
    this.#host = host;
    this.#scribe = new Scribe(world, (replica) => this.current(replica));
    this.#digests = new Digests(world, this.#replicas, (replica) => this.current(replica));
    this.#registry = new Registry(world);
    this.beats = new Beats(world);
    this.#care = new Care(world, this.beats, this);
    const hosts = (hosted: Hosted): boolean => this.#hosted.get(hosted.replica.key) === hosted;
    this.#loading = new Loading(world, {
      hosts,
      broughtBack: (hosted) => this.#bringBack(hosted),
      loaded: (replica) => {
        host.loaded(replica);
        if (!replica.inUse) this.release(replica);
      },
      notLoaded: (replica) => {
        host.notLoaded(replica);
        if (!replica.inUse) this.release(replica);
      },
    });
    this.#lostLogs = new LostLogs(world, this.#loading, hosts);
    this.#lettingGo = new LettingGo(world, this.#hosted, this.#scribe, this.beats, {
      later: (hosted, call) => this.#loading.later(hosted, call),
      drop: (hosted) => this.#drop(hosted),
    });
    const unlinkMemory = world.copies.onLink((state) => {
      world.observer.observe({ type: "link", link: "memory", state });
    });
    const unlinkLog = world.log.onLink((link) => {
      world.observer.observe({ type: "link", link: "log", state: link });
      if (link === "up") {
        this.#care.startOver();
        this.#digests.reportAll();
      }
    });
    this.#unlink = () => {
      unlinkMemory();
      unlinkLog();
    };
  }

  /** Rooms, copies, digests and bytes that are kept: zero when nobody is left. */
  get size(): number {
    return this.#hosted.size + this.#scribe.size + this.#digests.size + this.#registry.size + this.backlog.bytes;
  }

  get hosted(): number {
    return this.#hosted.size;
  }

  /** Whether everything proposed here has been applied, and no room is about to be let go. */
  get settled(): boolean {
    for (const { leaving, replica } of this.#hosted.values()) if (leaving || !replica.settled) return false;
    return true;
  }

  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  /** Whether the room is loaded and current: stays may propose at once. */
  current(replica: Replica): boolean {
    const hosted = this.#hosted.get(replica.key);
    return hosted !== undefined && isCurrent(hosted);
  }

  /** The room's replica; begins to load it when this node does not host it. */
  open(key: RoomKey): Replica {
    const known = this.#hosted.get(key);
    if (known !== undefined) {
      known.leaving = false;
      return known.replica;
    }
    const replica = new Replica(key, roomOf(key).name, this.#world, this, this.backlog);
    const hosted = newlyHosted(replica, new Whispers(replica, this.#world, this.backlog));
    this.#hosted.set(key, hosted);
    this.#replicas.set(key, replica);
    this.#registry.began(key);
    this.#loading.load(hosted);
    return replica;
  }

  /** The room's state, where it is at hand and current. */
  at(key: RoomKey): Room | undefined {
    const replica = this.#replicas.get(key);
    return replica !== undefined && this.current(replica) ? replica.room : undefined;
  }

  /** Something of the room is stored there by this node: whoever follows it here must come to hear it. */
  mention(key: RoomKey, seq: number): void {
    this.#replicas.get(key)?.mention(seq);
  }

  /** Hosts the room as long as somebody watches it. */
  watch(key: RoomKey, watcher: Watcher): () => void {
    const replica = this.open(key);
    replica.watchers.add(watcher);
    if (this.current(replica)) replica.show(watcher);
    return () => {
      if (replica.watchers.delete(watcher)) this.releaseUnused(replica);
    };
  }

  /** The last stay of this node is gone: the room is let go once its copy is written. */
  release(replica: Replica): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted !== undefined) this.#lettingGo.begin(hosted);
  }

  /** Of a room that is still being loaded nobody knows who needs it. */
  releaseUnused(replica: Replica): void {
    const known = this.current(replica) || this.#hosted.get(replica.key)?.outgrown === true;
    if (!replica.inUse && known) this.release(replica);
  }

  /** Whether this node must go on hosting the room. */
  needs(replica: Replica): boolean {
    return this.#lettingGo.needs(replica);
  }

  /** Proposes what is due in the room now, and not only with the next round. */
  visit(replica: Replica): void {
    this.#care.visit(replica);
  }

  lapsed(): void {
    this.#registry.sayAgain();
  }

  end(): void {
    this.#care.end();
    this.beats.end();
    // What members depend on stays in the directory: keepers look after it.
    for (const { replica } of this.#hosted.values()) if (!this.needs(replica)) this.#registry.over(replica.key);
    this.#registry.end();
    this.#digests.end();
    this.#scribe.end();
    this.#unlink();
    for (const hosted of this.#hosted.values()) this.#drop(hosted);
  }

  stayEnded(stay: Stay): void {
    this.#host.stayEnded(stay);
  }

  superseded(stay: Stay): void {
    this.#host.superseded(stay);
  }

  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean {
    return this.#host.askAgain(stay, replica, refused);
  }

  changed(replica: Replica): void {
    this.#scribe.changed(replica);
    this.#digests.changed(replica);
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined) return;
    hosted.whispers.moved();
    if (hosted.upTo !== undefined) this.#loading.check(hosted);
    this.releaseUnused(replica);
  }

  adopted(replica: Replica, before: Position): void {
    this.#digests.adopted(replica.key);
    const hosted = this.#hosted.get(replica.key);
    const missed = hosted?.missed ?? { from: before, reason: "in_doubt" as const };
    if (hosted !== undefined) {
      hosted.missed = undefined;
      hosted.adopts = undefined;
      if (hosted.upTo !== undefined) hosted.upTo = 0;
    }
    replica.goOn(missed);
    replica.claims.reassert();
  }

  /**
   * No other host can say it either, so each goes on with what it has: the same with all that had applied the same. A
   * room that waited for its state to come back through the log would be mute on every host, and for ever.
   */
  notAdopted(replica: Replica): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined || hosted.upTo !== Number.POSITIVE_INFINITY) return;
    if (hosted.missed?.reason === "log_restarted") replica.room?.restart(hosted.missed.from.time);
    hosted.upTo = 0;
    this.#loading.check(hosted);
  }

  landed(replica: Replica): void {
    this.releaseUnused(replica);
  }

  /** Whoever is here goes on at a newer node: this one would make something else of what is said from now on. */
  outgrown(replica: Replica): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined) return;
    this.#detach(hosted);
    hosted.outgrown = true;
    this.#scribe.forget(replica.key);
    this.#digests.forget(replica.key);
    for (const stay of [...replica.locals.all]) {
      replica.propose({ kind: "away", member: stay.member, epoch: stay.epoch });
      stay.session.close("unavailable");
      this.#host.stayEnded(stay);
    }
    this.#loading.load(hosted);
  }

  broken(replica: Replica, why: "lost" | "reborn"): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined) return;
    this.#world.observer.observe({ type: "room_reloaded", room: replica.key, why });
    const copy = replica.copy();
    const before = copy?.at;
    // What was found since is no further: nobody has a better state. A state that was only never moved on proves nothing.
    const stuck = why === "lost" && before !== undefined && before.seq === hosted.brokeAt;
    hosted.brokeAt = before?.seq;
    this.#detach(hosted);
    this.#scribe.forget(replica.key);
    this.#digests.forget(replica.key);
    // Until it has been told, what was missed begins where it began first.
    const from = hosted.missed?.from ?? before;
    const reason = why === "reborn" ? "log_restarted" : (hosted.missed?.reason ?? "too_old");
    hosted.missed = from === undefined ? undefined : { from, reason };
    hosted.had = copy ?? hosted.had;
    hosted.leaving = false;
    if (why === "reborn" && copy !== undefined) this.#lostLogs.adoptInto(hosted, copy);
    else if (stuck && copy !== undefined) this.#loading.later(hosted, () => this.#lostLogs.adoptOver(hosted, copy));
    else this.#loading.load(hosted);
  }

  /** Only when nobody had it twice: a host that was cut off for a moment has a newer state than this node had. */
  #bringBack(hosted: Hosted): boolean {
    const { had, soughtInVain } = hosted;
    hosted.soughtInVain = true;
    if (had === undefined || !soughtInVain) return false;
    this.#lostLogs.adoptOver(hosted, had);
    return true;
  }

  #drop(hosted: Hosted): void {
    const { replica } = hosted;
    const { observer } = this.#world;
    this.#detach(hosted);
    hosted.deadline?.cancel();
    hosted.whispers.end();
    replica.end();
    this.#hosted.delete(replica.key);
    this.#replicas.delete(replica.key);
    this.#scribe.forget(replica.key);
    this.#digests.forget(replica.key);
    this.#registry.over(replica.key);
    observer.observe({ type: "room_unloaded", room: replica.key });
  }

  #detach(hosted: Hosted): void {
    hosted.unhost?.();
    hosted.unhost = undefined;
    hosted.retry?.cancel();
    hosted.retry = undefined;
    hosted.upTo = undefined;
    hosted.adopts = undefined;
    hosted.replica.interrupt();
  }
}
