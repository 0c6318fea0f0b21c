// Loads rooms that this node hosts: found at another host, as a copy or as new rooms, and current once the log is applied.
import type { RoomKey } from "@heliograph/protocol";
import { ownerOf, roomOf } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import { type Hosted, isCurrent } from "./hosted.ts";
import { portFailures } from "./port-failures.ts";
import type { Follow } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import { adoptEntry } from "./proposals.ts";
import type { Replica } from "./replica.ts";
import { beginsRoom } from "./room/beginning.ts";
import type { RoomCopy } from "./room/copy.ts";
import { Room } from "./room/room.ts";
import type { World } from "./world.ts";

/** Whose rooms are loaded. */
export interface LoadingHost {
  /** Still, and as this one. */
  hosts(hosted: Hosted): boolean;
  /** The room is loaded and current. */
  loaded(replica: Replica): void;
  /** The log has entries of the room, and nobody has the state that they change. Whether it is brought back in another way. */
  broughtBack(hosted: Hosted): boolean;
  /** Nobody could say what the room is for as long as anyone should wait. It is tried on. */
  notLoaded(replica: Replica): void;
}

/** Milliseconds before a port that was out of reach is asked again. */
const retryAfter = 250;

export class Loading {
  readonly #world: World;
  readonly #host: LoadingHost;
  readonly #unreached: (error: unknown) => void;

  constructor(world: World, host: LoadingHost) {
    this.#world = world;
    this.#host = host;
    this.#unreached = portFailures("loading a room", world.observer);
  }

  load(hosted: Hosted): void {
    const { replica } = hosted;
    const { clock, observer, log } = this.#world;
    const began = clock.now();
    this.#limitPatience(hosted);
    const follow = log.follow(replica.key, replica);
    afterwards(
      findRoom(replica.key, follow, this.#world),
      "loading a room",
      observer,
      ({ room, from, upTo }) => {
        if (!this.#host.hosts(hosted)) {
          follow.end();
          return;
        }
        observer.observe({ type: "room_loaded", room: replica.key, from, ms: clock.now() - began });
        this.begin(hosted, room, follow, upTo);
        if (upTo !== undefined) follow.mention(upTo);
      },
      (error: unknown) => this.failed(hosted, follow, error),
    );
  }

  /** Goes live from the state; `upTo`: the log is known to reach this far, so the room is not current before. */
  begin(hosted: Hosted, room: Room, follow: Follow, upTo: number | undefined): void {
    const { replica } = hosted;
    const { nodes } = this.#world;
    replica.begin(room, follow);
    hosted.outgrown = false;
    // A state that is not current is older than the copy that others would take otherwise.
    hosted.unhost = nodes.host(replica.key, () => (isCurrent(hosted) ? replica.copy() : undefined));
    hosted.upTo = upTo ?? 0;
    follow.start(room.at.seq === 0 ? undefined : room.at);
    this.check(hosted);
  }

  /** The room may be judged once everything that was stored when it was loaded has been applied. */
  check(hosted: Hosted): void {
    const { replica } = hosted;
    if (hosted.upTo === undefined || replica.room === undefined || replica.room.at.seq < hosted.upTo) return;
    const { adopts, missed } = hosted;
    if (adopts !== undefined) {
      hosted.adopts = undefined;
      hosted.upTo = Number.POSITIVE_INFINITY;
      const copy = adopts();
      if (copy !== undefined) replica.propose(adoptEntry(this.#world.id, copy));
      return;
    }
    hosted.upTo = undefined;
    hosted.deadline?.cancel();
    hosted.deadline = undefined;
    hosted.missed = undefined;
    hosted.had = undefined;
    hosted.soughtInVain = false;
    replica.goOn(missed);
    replica.claims.reassert();
    this.#host.loaded(replica);
  }

  /** The state could not be read: it is looked for again. */
  failed(hosted: Hosted, follow: Follow, error: unknown): void {
    follow.end();
    if (!this.#host.hosts(hosted)) return;
    this.#unreached(error);
    if (error instanceof StateNowhere && this.#host.broughtBack(hosted)) return;
    this.later(hosted, () => this.load(hosted));
  }

  /** Calls a little later, if the room is still hosted as this one. */
  later(hosted: Hosted, call: () => void): void {
    hosted.retry = this.#world.clock.after(retryAfter, () => {
      if (this.#host.hosts(hosted)) call();
    });
  }

  /** Nobody waits for a room for longer than the patience, however long it takes to load. */
  #limitPatience(hosted: Hosted): void {
    const { clock, settings } = this.#world;
    hosted.deadline ??= clock.after(settings.patience, () => {
      hosted.deadline = undefined;
      if (isCurrent(hosted)) return;
      this.#limitPatience(hosted);
      this.#host.notLoaded(hosted.replica);
    });
  }
}

/** Not out of reach: everybody who could have it was asked. */
class StateNowhere extends Unreachable {}

interface Loaded {
  readonly room: Room;
  readonly from: "new" | "host" | "copy" | "log";
  /** The log is known to reach this far; the room is current once it has applied it. */
  readonly upTo: number | undefined;
}

/**
 * The follow is proved before anything is read, so that every entry after the state comes live or is found as a hole.
 * Rejects with `Unreachable` when nobody can say what the room is: out of reach is not absent.
 */
async function findRoom(key: RoomKey, follow: Follow, world: World): Promise<Loaded> {
  await follow.proved;
  let allAsked = true;
  const asked = world.nodes.ask(key).catch(() => {
    allAsked = false;
    return undefined;
  });
  const [answered, remembered] = await Promise.all([asked, loadCopy(key, world)]);
  const tail = await world.log.tail(key);
  const copy = answered ?? (remembered.reached ? remembered.copy : undefined);
  if (copy !== undefined && copy.rules > world.rules.version) {
    throw new Unreachable("the room's rules are newer than this node: another one must host it");
  }
  if (copy !== undefined) {
    const room = Room.revive(key, copy, world.rules);
    return { room, from: answered === undefined ? "copy" : "host", upTo: tail };
  }
  const fresh = Room.fresh(key, world.rules);
  // A session's letters may stand there before it, and nothing that is forgotten keeps it out: no PIN, no bans.
  const personal = ownerOf(roomOf(key).name) !== undefined;
  if (tail === undefined && personal) return { room: fresh, from: "new", upTo: undefined };
  if (tail === undefined) {
    // No entry and no host: new, unless the memory that cannot be asked knows it as an idle room with PIN and bans.
    if (!remembered.reached) throw new Unreachable("the memory of rooms cannot be asked");
    return { room: fresh, from: "new", upTo: undefined };
  }
  const first = await world.log.first(key);
  if (personal || beginsRoom(first?.entries ?? [])) return { room: fresh, from: "log", upTo: tail };
  if (!remembered.reached || !allAsked) throw new Unreachable("whoever may have the room's state cannot be asked");
  throw new StateNowhere("the log has entries of the room, but nobody has the state they change");
}

async function loadCopy(
  key: RoomKey,
  world: World,
): Promise<{ readonly reached: true; readonly copy: RoomCopy | undefined } | { readonly reached: false }> {
  try {
    return { reached: true, copy: await world.copies.load(key) };
  } catch (error) {
    if (error instanceof Unreachable) return { reached: false };
    throw error;
  }
}
