// Writes the copies of hosted rooms: whichever host is first after a change, the rest find it done. Sees that they stand.
import type { Position, RoomKey } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import { portFailures } from "./port-failures.ts";
import type { Timer } from "./ports/clock.ts";
import type { Advance } from "./ports/room-copies.ts";
import type { Replica } from "./replica.ts";
import type { RoomCopy } from "./room/copy.ts";
import { baseOf, type CopyBase, changesBetween } from "./room/copy-changes.ts";
import type { World } from "./world.ts";

/** Milliseconds of quiet after a write, at least and at most, before it is looked whether the copy still stands. */
const lookAfter = [3_000, 6_000] as const;
/** Milliseconds before a copy that another host moves on is looked at again: should that host die, it lags twice as long. */
const watchAfter = [2_000, 4_000] as const;
/** Milliseconds within which all copies are looked after when the memory may have lost some: thousands of rooms at once. */
const lossSpread = [0, 4_000] as const;

/** What a scribe knows of one hosted room. */
interface Page {
  readonly replica: Replica;
  timer: Timer | undefined;
  /** What the timer is for. Looks and watches write what is missing, too. */
  next: Errand | undefined;
  writing: boolean;
  /** The memory lost something while a write was under way: it may have been before or after. */
  doubted: boolean;
  /** What this node last saw standing, as far as changes to it tell. */
  written: CopyBase | undefined;
  /** Where the copy stood when another host was last seen to move it on. */
  watched: Position | undefined;
}

/**
 * `write`: something has changed. `look`: whether what was written still stands; may be put off. `watch`: whether
 * another host still moves the copy on, as long as it does that this one need not.
 */
type Errand = "write" | "look" | "watch";

export class Scribe {
  readonly #world: World;
  readonly #current: (replica: Replica) => boolean;
  readonly #pages = new Map<RoomKey, Page>();
  readonly #failed: (error: unknown) => void;
  readonly #unlisten: () => void;

  /** `current`: whether the room's state is the log's; a state that waits to be adopted is written for nobody. */
  constructor(world: World, current: (replica: Replica) => boolean) {
    this.#world = world;
    this.#current = current;
    this.#failed = portFailures("a scribe", world.observer);
    this.#unlisten = world.copies.onLoss(() => this.#lookAtAll());
  }

  get size(): number {
    return this.#pages.size;
  }

  end(): void {
    this.#unlisten();
    for (const key of [...this.#pages.keys()]) this.forget(key);
  }

  changed(replica: Replica): void {
    const page = this.#page(replica);
    if (page.next === "write" || page.next === "watch" || page.writing) return;
    this.#schedule(page, "write", this.#world.settings.scribeAfter);
  }

  /** Writes now: the last thing a host does. Says whether the copy stands. */
  async last(replica: Replica): Promise<boolean> {
    const page = this.#page(replica);
    this.#unschedule(page);
    const done = (await this.#write(page, true)) !== "failed";
    // In case that the room is needed again before it could be written.
    if (!done && this.#pages.get(replica.key) === page) this.changed(replica);
    return done;
  }

  forget(key: RoomKey): void {
    const page = this.#pages.get(key);
    if (page === undefined) return;
    this.#unschedule(page);
    this.#pages.delete(key);
  }

  #page(replica: Replica): Page {
    const known = this.#pages.get(replica.key);
    if (known !== undefined) return known;
    const page: Page = {
      replica,
      timer: undefined,
      next: undefined,
      writing: false,
      doubted: false,
      written: undefined,
      watched: undefined,
    };
    this.#pages.set(replica.key, page);
    return page;
  }

  #lookAtAll(): void {
    for (const page of this.#pages.values()) {
      page.doubted = true;
      if (page.next !== "write" && !page.writing) this.#schedule(page, "look", lossSpread);
    }
  }

  #schedule(page: Page, next: Errand, [least, most]: readonly [number, number]): void {
    this.#unschedule(page);
    page.next = next;
    const { clock, random } = this.#world;
    page.timer = clock.after(least + random.fraction() * (most - least), () => {
      page.timer = undefined;
      page.next = undefined;
      this.#fire(page, next);
    });
  }

  #unschedule(page: Page): void {
    page.timer?.cancel();
    page.timer = undefined;
    page.next = undefined;
  }

  #fire(page: Page, why: Errand): void {
    const { copies, settings } = this.#world;
    // Whoever comes back is told of a loss, and all copies are looked after then.
    if (copies.link === "down") return;
    const at = page.replica.room?.at;
    if (at === undefined || !this.#current(page.replica)) return this.#schedule(page, "write", settings.scribeAfter);
    page.writing = true;
    page.doubted = false;
    afterwards(this.#write(page, false), "a scribe", this.#world.observer, (outcome) => {
      page.writing = false;
      // Forgotten meanwhile, or the last word has been asked for.
      if (this.#pages.get(page.replica.key) !== page || page.next !== undefined) return;
      const now = page.replica.room?.at;
      const moved = now !== undefined && comparePositions(now, at) !== 0;
      if (outcome === "failed" || page.doubted) this.#schedule(page, "write", settings.scribeAfter);
      else if (outcome === "left") this.#schedule(page, "watch", watchAfter);
      else if (moved) this.#schedule(page, "write", settings.scribeAfter);
      else if (why !== "look") this.#schedule(page, "look", lookAfter);
    });
  }

  /**
   * `stands`: what was the room's state a moment ago. `left`: to another host, which is further or moves it on; `last`:
   * only if it is further. `failed`: the memory is out of reach; the change stays due.
   */
  async #write(page: Page, last: boolean): Promise<"stands" | "left" | "failed"> {
    const { written, watched } = page;
    page.written = undefined;
    page.watched = undefined;
    try {
      const copy = page.replica.copy();
      if (copy === undefined) return "stands";
      const there = await this.#advance(page.replica.key, written ?? copy, copy);
      if (there === "advanced" || (there !== "missing" && isSame(there, copy.at))) {
        page.written = baseOf(copy);
        return "stands";
      }
      const mover = last ? undefined : (watched ?? written?.at);
      if (there !== "missing" && (isLater(there, copy.at) || (mover !== undefined && isLater(there, mover)))) {
        page.watched = there;
        return "left";
      }
      if ((await this.#replace(page.replica.key, copy)) === "replaced") page.written = baseOf(copy);
      return "stands";
    } catch (error) {
      // The log still has every entry, and the next write tells the whole.
      this.#failed(error);
      return "failed";
    }
  }

  /**
   * From what stood to what stands: nothing moves where nothing has changed, and the answer tells whether it is there.
   * An emptied room is written whole, since its copy goes by itself.
   */
  #advance(key: RoomKey, before: CopyBase, copy: RoomCopy): Promise<Advance> {
    if (copy.members.length === 0) return Promise.resolve("missing");
    return this.#world.copies.advance(key, before.at, changesBetween(before, copy));
  }

  #replace(key: RoomKey, copy: RoomCopy): Promise<"replaced" | "newer"> {
    const reborn = copy.adopted?.reborn === true;
    const over = copy.members.length === 0 && copy.settings.type === "adhoc";
    if (!over) return this.#world.copies.replace(key, copy, { reborn });
    // It is remembered for entries that come late, and for as long as it lingers: then nothing of it is left.
    const ttl = Math.max(this.#world.settings.logLife, copy.settings.linger ?? 0);
    return this.#world.copies.replace(key, copy, { reborn, ttl });
  }
}

function isSame(a: Position, b: Position): boolean {
  return comparePositions(a, b) === 0 && a.time === b.time;
}

/** Within one life of the log sequences and times rise together; of another life it says nothing. */
function isLater(a: Position, b: Position): boolean {
  return comparePositions(a, b) > 0 && a.time >= b.time;
}
