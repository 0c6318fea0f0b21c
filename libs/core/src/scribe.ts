// Writes the copies of hosted rooms: whichever host is first after a change, the rest find it done.
import type { RoomKey } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Timer } from "./ports/clock.ts";
import { Unreachable } from "./ports/unreachable.ts";
import type { Replica } from "./replica.ts";
import type { RoomCopy } from "./room/copy.ts";
import { changesBetween } from "./room/copy-changes.ts";
import type { World } from "./world.ts";

export class Scribe {
  readonly #world: World;
  /** Rooms with a write ahead of them, or under way. */
  readonly #due = new Map<RoomKey, Timer | "writing">();
  /** What this node last saw written. */
  readonly #written = new Map<RoomKey, RoomCopy>();

  constructor(world: World) {
    this.#world = world;
  }

  get size(): number {
    return this.#due.size + this.#written.size;
  }

  changed(replica: Replica): void {
    if (this.#due.has(replica.key)) return;
    this.#schedule(replica);
  }

  /** Writes now and forgets the room: the last thing a host does. Says whether the copy stands. */
  async last(replica: Replica): Promise<boolean> {
    const due = this.#due.get(replica.key);
    if (due !== undefined && due !== "writing") due.cancel();
    this.#due.delete(replica.key);
    const done = await this.#write(replica);
    return done;
  }

  forget(key: RoomKey): void {
    const due = this.#due.get(key);
    if (due !== undefined && due !== "writing") due.cancel();
    this.#due.delete(key);
    this.#written.delete(key);
  }

  #schedule(replica: Replica): void {
    const [least, most] = this.#world.settings.scribeAfter;
    const wait = least + this.#world.random.fraction() * (most - least);
    const timer = this.#world.clock.after(wait, () => {
      this.#due.set(replica.key, "writing");
      const at = replica.room?.at;
      void this.#write(replica).then((done) => {
        if (this.#due.get(replica.key) !== "writing") return;
        this.#due.delete(replica.key);
        const now = replica.room?.at;
        const moved = at !== undefined && now !== undefined && comparePositions(now, at) > 0;
        if ((!done || moved) && !replica.ended) this.#schedule(replica);
      });
    });
    this.#due.set(replica.key, timer);
  }

  /** False: the memory is out of reach; the change stays due. */
  async #write(replica: Replica): Promise<boolean> {
    const copy = replica.copy();
    if (copy === undefined) return true;
    const before = this.#written.get(replica.key);
    try {
      if (before !== undefined && copy.members.length > 0) {
        const answer = await this.#world.copies.advance(replica.key, before.at, changesBetween(before, copy));
        if (answer === "elsewhere") await this.#replace(replica.key, copy);
      } else {
        await this.#replace(replica.key, copy);
      }
      if (!replica.ended) this.#written.set(replica.key, copy);
      return true;
    } catch (error) {
      // The log still has every entry, and the next write tells the whole.
      if (!(error instanceof Unreachable)) this.#world.observer.observe({ type: "fault", where: "a scribe", error });
      this.#written.delete(replica.key);
      return false;
    }
  }

  async #replace(key: RoomKey, copy: RoomCopy): Promise<void> {
    // An emptied ad-hoc room is remembered only for entries that come late.
    const over = copy.members.length === 0 && copy.settings.type === "adhoc" && copy.bans.length === 0;
    const reborn = copy.adopted?.reborn === true;
    await this.#world.copies.replace(key, copy, over ? { reborn, ttl: this.#world.settings.logLife } : { reborn });
  }
}
