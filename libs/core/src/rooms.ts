// The rooms that this node hosts: loads them, keeps them current, and lets them go.
import type { Position, RoomKey } from "@heliograph/protocol";
import { roomOf } from "@heliograph/protocol";
import { Care } from "./care.ts";
import { Digests } from "./digests.ts";
import { findRoom } from "./loading.ts";
import type { Timer } from "./ports/clock.ts";
import type { Follow } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import { Replica, type ReplicaHost } from "./replica.ts";
import type { RoomCopy } from "./room/copy.ts";
import { Room } from "./room/room.ts";
import { Scribe } from "./scribe.ts";
import type { Stay } from "./stay.ts";
import { Whispers } from "./whispers.ts";
import type { World } from "./world.ts";

/** What the node makes of its rooms' news. */
export interface RoomsHost {
  stayEnded(stay: Stay): void;
  superseded(stay: Stay): void;
  /** The room is loaded and current: stays that waited may propose. */
  loaded(replica: Replica): void;
  /** Nobody can say what the room is: stays that wait are refused `unavailable`. */
  notLoaded(replica: Replica): void;
}

interface Hosted {
  readonly replica: Replica;
  readonly whispers: Whispers;
  unhost: (() => void) | undefined;
  deadline: Timer | undefined;
  retry: Timer | undefined;
  /** Until this sequence has been applied the room is not current; undefined: it is. */
  upTo: number | undefined;
  /** What members must be told once the room is current again. */
  missed: { readonly from: Position; readonly reason: "too_old" | "log_restarted" } | undefined;
  leaving: boolean;
}

export class Rooms implements ReplicaHost {
  readonly #world: World;
  readonly #host: RoomsHost;
  readonly #hosted = new Map<RoomKey, Hosted>();
  readonly #replicas = new Map<RoomKey, Replica>();
  readonly #scribe: Scribe;
  readonly #digests: Digests;
  readonly #care: Care;
  readonly #unlink: () => void;

  constructor(world: World, host: RoomsHost) {
    this.#world = world;
    this.#host = host;
    this.#scribe = new Scribe(world);
    this.#digests = new Digests(world, this.#replicas);
    this.#care = new Care(world, () => this.#replicas.values());
    this.#unlink = world.log.onLink((link) => {
      world.observer.observe({ type: "link", link: "log", state: link });
      if (link === "up") {
        this.#care.startOver();
        this.#digests.reportAll();
      }
    });
  }

  /** Rooms, copies and digests that are kept: zero when nobody is left. */
  get size(): number {
    return this.#hosted.size + this.#scribe.size + this.#digests.size;
  }

  get hosted(): number {
    return this.#hosted.size;
  }

  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  /** Whether the room is loaded and current: stays may propose at once. */
  current(replica: Replica): boolean {
    const hosted = this.#hosted.get(replica.key);
    return hosted !== undefined && hosted.upTo === undefined && replica.room !== undefined;
  }

  /** The room's replica; begins to load it when this node does not host it. */
  open(key: RoomKey): Replica {
    const known = this.#hosted.get(key);
    if (known !== undefined) {
      known.leaving = false;
      return known.replica;
    }
    const replica = new Replica(key, roomOf(key).name, this.#world, this);
    const hosted: Hosted = {
      replica,
      whispers: new Whispers(replica, this.#world),
      unhost: undefined,
      deadline: undefined,
      retry: undefined,
      upTo: undefined,
      missed: undefined,
      leaving: false,
    };
    this.#hosted.set(key, hosted);
    this.#replicas.set(key, replica);
    this.#load(hosted);
    return replica;
  }

  /** The last stay of this node is gone: the room is let go once its copy is written. */
  release(replica: Replica): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined || hosted.leaving || replica.locals.size > 0 || this.#answersFor(replica)) return;
    hosted.leaving = true;
    void this.#letGo(hosted);
  }

  end(): void {
    this.#care.end();
    this.#digests.end();
    this.#unlink();
    for (const hosted of this.#hosted.values()) this.#drop(hosted);
  }

  stayEnded(stay: Stay): void {
    this.#host.stayEnded(stay);
  }

  superseded(stay: Stay): void {
    this.#host.superseded(stay);
  }

  changed(replica: Replica): void {
    this.#scribe.changed(replica);
    this.#digests.changed(replica.key);
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined) return;
    hosted.whispers.moved();
    if (hosted.upTo !== undefined) this.#checkCurrent(hosted);
    if (replica.locals.size === 0) this.release(replica);
  }

  adopted(replica: Replica, before: Position): void {
    const hosted = this.#hosted.get(replica.key);
    const missed = hosted?.missed ?? { from: before, reason: "in_doubt" as const };
    if (hosted !== undefined) hosted.missed = undefined;
    replica.tellEveryoneGap(missed.from, missed.reason);
  }

  broken(replica: Replica, why: "lost" | "reborn"): void {
    const hosted = this.#hosted.get(replica.key);
    if (hosted === undefined) return;
    this.#world.observer.observe({ type: "room_reloaded", room: replica.key, why });
    const before = replica.room?.at;
    const copy = replica.copy();
    this.#detach(hosted);
    this.#scribe.forget(replica.key);
    hosted.missed =
      before === undefined ? undefined : { from: before, reason: why === "lost" ? "too_old" : "log_restarted" };
    if (why === "reborn" && copy !== undefined) this.#adoptInto(hosted, copy);
    else this.#load(hosted);
  }

  /** The log began anew: the hosts' states are all there is, and the first one that reaches the new log wins. */
  #adoptInto(hosted: Hosted, copy: RoomCopy): void {
    const { replica } = hosted;
    const follow = this.#world.log.follow(replica.key, replica);
    const reborn = { ...copy, at: beginning, effects: [], idle: [] };
    void follow.proved.then(() => {
      if (this.#hosted.get(replica.key) !== hosted) {
        follow.end();
        return;
      }
      // Current again with the first entry of the new log; what members missed is told when a state has been adopted.
      this.#begin(hosted, Room.revive(replica.key, reborn, this.#world.rules), follow, 1);
      // With its old position: that it lies beyond the new log tells everyone that the log was born again.
      replica.propose({ kind: "adopt", by: this.#world.id, copy });
    });
  }

  #load(hosted: Hosted): void {
    const { replica } = hosted;
    const { clock, settings, observer, log } = this.#world;
    const began = clock.now();
    hosted.deadline ??= clock.after(settings.patience, () => {
      hosted.deadline = undefined;
      this.#host.notLoaded(replica);
    });
    const follow = log.follow(replica.key, replica);
    findRoom(replica.key, follow, this.#world).then(
      ({ room, from, upTo }) => {
        if (this.#hosted.get(replica.key) !== hosted) {
          follow.end();
          return;
        }
        observer.observe({ type: "room_loaded", room: replica.key, from, ms: clock.now() - began });
        this.#begin(hosted, room, follow, upTo);
      },
      (error: unknown) => {
        follow.end();
        if (!(error instanceof Unreachable)) observer.observe({ type: "fault", where: "loading a room", error });
        hosted.retry = clock.after(retryAfter, () => {
          if (this.#hosted.get(replica.key) === hosted) this.#load(hosted);
        });
      },
    );
  }

  #begin(hosted: Hosted, room: Room, follow: Follow, upTo: number | undefined): void {
    const { replica } = hosted;
    const { nodes, directory, id } = this.#world;
    replica.begin(room, follow);
    hosted.unhost = nodes.host(replica.key, () => replica.copy());
    directory.addRooms(id, [replica.key]).catch(ignoreUnreachable);
    hosted.upTo = upTo ?? 0;
    follow.start(room.at.seq === 0 ? undefined : room.at);
    if (upTo !== undefined && room.at.seq > 0) follow.mention(upTo);
    this.#checkCurrent(hosted);
  }

  /** The room may be judged once everything that was stored when it was loaded has been applied. */
  #checkCurrent(hosted: Hosted): void {
    const { replica } = hosted;
    if (hosted.upTo === undefined || replica.room === undefined || replica.room.at.seq < hosted.upTo) return;
    hosted.upTo = undefined;
    hosted.deadline?.cancel();
    hosted.deadline = undefined;
    const { missed } = hosted;
    hosted.missed = undefined;
    if (missed?.reason === "too_old") replica.tellEveryoneGap(missed.from, missed.reason);
    else hosted.missed = missed;
    this.#host.loaded(replica);
  }

  async #letGo(hosted: Hosted): Promise<void> {
    const { replica } = hosted;
    const written = await this.#scribe.last(replica);
    if (this.#hosted.get(replica.key) !== hosted || !hosted.leaving) return;
    if (replica.locals.size > 0 || this.#answersFor(replica)) {
      hosted.leaving = false;
    } else if (written) {
      this.#drop(hosted);
    } else {
      // The state would be lost with us: host on until the memory is back.
      hosted.retry = this.#world.clock.after(retryAfter, () => {
        if (hosted.leaving) void this.#letGo(hosted);
      });
    }
  }

  /** Whether a member bears this node's name: nobody else would notice that it has no connection. */
  #answersFor(replica: Replica): boolean {
    for (const { epoch } of replica.room?.members() ?? []) if (epoch.node === this.#world.id) return true;
    return false;
  }

  #drop(hosted: Hosted): void {
    const { replica } = hosted;
    const { directory, id, observer } = this.#world;
    this.#detach(hosted);
    hosted.deadline?.cancel();
    hosted.whispers.end();
    replica.end();
    this.#hosted.delete(replica.key);
    this.#replicas.delete(replica.key);
    this.#scribe.forget(replica.key);
    this.#digests.forget(replica.key);
    directory.removeRooms(id, [replica.key]).catch(ignoreUnreachable);
    observer.observe({ type: "room_unloaded", room: replica.key });
  }

  #detach(hosted: Hosted): void {
    hosted.unhost?.();
    hosted.unhost = undefined;
    hosted.retry?.cancel();
    hosted.retry = undefined;
    hosted.upTo = undefined;
    hosted.replica.interrupt();
  }
}

const beginning: Position = { seq: 0, index: 0, time: 0 };
/** Milliseconds before a port that was out of reach is asked again. */
const retryAfter = 250;

function ignoreUnreachable(): void {
  // The directory is rebuilt by its owners: the next refresh writes it.
}
