// Tells the directory which sessions are here: behind, a few at a time, and again before the records go by themselves.
import type { SessionId } from "@heliograph/protocol";
import { ownerOf } from "@heliograph/protocol";
import { portFailures } from "./port-failures.ts";
import type { Timer } from "./ports/clock.ts";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

/** Milliseconds that a record lasts unless it is said again. */
const life = 300_000;
/** Milliseconds within which every session is said again. */
const sayAgainEvery = 120_000;
/** As `sayAgainEvery`, after the memory may have lost them. */
const afterLoss = 10_000;
/** Milliseconds between two batches. */
const pace = 250;
/** Records of one batch: what changed is said before what has not. */
const together = 500;

export class SessionRecords {
  readonly #world: World;
  readonly #sessions: ReadonlyMap<SessionId, Session>;
  readonly #began: number;
  readonly #changed = new Set<Session>();
  readonly #failed: (error: unknown) => void;
  readonly #unlisten: () => void;
  /** Exists while there are sessions. */
  #timer: Timer | undefined;
  /** Where the round of saying all again has come to. */
  #row: Iterator<Session> | undefined;
  /** By local time: until then the round goes faster. */
  #hurryUntil = 0;
  #ended = false;
  /** Sessions that are due in the round, in parts of one. */
  #due = 0;

  /** `sessions`: those of the node, as they are at any time, counted from when it `began`. */
  constructor(world: World, sessions: ReadonlyMap<SessionId, Session>, began: number) {
    this.#world = world;
    this.#sessions = sessions;
    this.#began = began;
    this.#failed = portFailures("the directory of sessions", world.observer);
    this.#unlisten = world.copies.onLoss(() => {
      this.#hurryUntil = world.clock.now() + afterLoss;
      this.#row = undefined;
    });
  }

  /** Changes not said yet. */
  get size(): number {
    return this.#changed.size;
  }

  /** It is here now, or its rooms are others. */
  changed(session: Session): void {
    if (this.#ended) return;
    this.#changed.add(session);
    this.#timer ??= this.#next();
  }

  /** It has ended, or moved to another node, which says so itself. */
  over(session: Session): void {
    this.#changed.delete(session);
    const { directory, id } = this.#world;
    // A record that cannot be removed now goes by itself.
    directory.remove(session.origin.realm, session.id, id).catch(this.#failed);
  }

  end(): void {
    this.#ended = true;
    this.#unlisten();
    this.#timer?.cancel();
    this.#changed.clear();
  }

  #next(): Timer {
    return this.#world.clock.after(pace, () => {
      this.#timer = undefined;
      this.#batch();
      if (this.#sessions.size > 0 || this.#changed.size > 0) this.#timer = this.#next();
    });
  }

  #batch(): void {
    const { copies, clock } = this.#world;
    // Whoever comes back is told of a loss, and all are said again then.
    if (copies.link === "down") return this.#changed.clear();
    let left = together;
    for (const session of this.#changed) {
      if (left === 0) return;
      left -= 1;
      this.#changed.delete(session);
      this.#say(session);
    }
    const within = clock.now() < this.#hurryUntil ? afterLoss : sayAgainEvery;
    this.#due += (this.#sessions.size * pace * 1.1) / within;
    for (; this.#due >= 1 && left > 0; left -= 1, this.#due -= 1) this.#sayNext();
    this.#due = Math.min(this.#due, together);
  }

  #sayNext(): void {
    this.#row ??= this.#sessions.values();
    const next = this.#row.next();
    if (next.done === true) this.#row = undefined;
    else this.#say(next.value);
  }

  #say(session: Session): void {
    const { directory, id } = this.#world;
    const { origin, stays, openedAt } = session;
    const user = origin.user === undefined ? {} : { user: origin.user };
    const where = { realm: origin.realm, session: session.id, node: id, dialect: origin.dialect, ...user };
    // Everybody knows that a session may have its channel: it is no room of anyone else's.
    const rooms = stays.map(({ room }) => room).filter((room) => ownerOf(room) === undefined);
    const record = { ...where, rooms, since: this.#began + openedAt };
    directory.put(record, life).catch((error: unknown) => {
      this.#failed(error);
      if (this.#sessions.get(session.id) === session) this.changed(session);
    });
  }
}
