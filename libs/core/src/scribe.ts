// Writes the copies of hosted rooms: whichever host is first after a change, the rest find it done. Sees that they stand.
import type { RoomKey } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { Timer } from "./ports/clock.ts";
import { Unreachable } from "./ports/unreachable.ts";
import type { Replica } from "./replica.ts";
import type { RoomCopy } from "./room/copy.ts";
import { changesBetween } from "./room/copy-changes.ts";
import type { World } from "./world.ts";

/** Milliseconds of quiet after a write, at least and at most, before it is looked whether the copy still stands. */
const lookAfter = [3_000, 6_000] as const;
/** Milliseconds within which all copies are looked after when the memory may have lost some: thousands of rooms at once. */
const lossSpread = [0, 4_000] as const;

/** What a scribe knows of one hosted room. */
interface Page {
  readonly replica: Replica;
  timer: Timer | undefined;
  /** What the timer is for. A look writes what is missing, too; but it may be put off. */
  next: "write" | "look" | undefined;
  writing: boolean;
  /** The memory lost something while a write was under way: it may have been before or after. */
  doubted: boolean;
  /** What this node last saw standing. */
  written: RoomCopy | undefined;
}

export class Scribe {
  readonly #world: World;
  readonly #current: (replica: Replica) => boolean;
  readonly #pages = new Map<RoomKey, Page>();
  readonly #unlisten: () => void;

  /** `current`: whether the room's state is the log's; a state that waits to be adopted is written for nobody. */
  constructor(world: World, current: (replica: Replica) => boolean) {
    this.#world = world;
    this.#current = current;
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
    if (page.next === "write" || page.writing) return;
    this.#schedule(page, "write", this.#world.settings.scribeAfter);
  }

  /** Writes now: the last thing a host does. Says whether the copy stands. */
  async last(replica: Replica): Promise<boolean> {
    const page = this.#page(replica);
    this.#unschedule(page);
    const done = await this.#write(page);
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

  #schedule(page: Page, next: "write" | "look", [least, most]: readonly [number, number]): void {
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

  #fire(page: Page, why: "write" | "look"): void {
    const { copies, settings } = this.#world;
    // Whoever comes back is told of a loss, and all copies are looked after then.
    if (copies.link === "down") return;
    const at = page.replica.room?.at;
    if (at === undefined || !this.#current(page.replica)) return this.#schedule(page, "write", settings.scribeAfter);
    page.writing = true;
    page.doubted = false;
    void this.#write(page).then((done) => {
      page.writing = false;
      // Forgotten meanwhile, or the last word has been asked for.
      if (this.#pages.get(page.replica.key) !== page || page.next !== undefined) return;
      const now = page.replica.room?.at;
      const moved = now !== undefined && comparePositions(now, at) !== 0;
      if (!done || moved || page.doubted) this.#schedule(page, "write", settings.scribeAfter);
      else if (why === "write") this.#schedule(page, "look", lookAfter);
    });
  }

  /** False: the memory is out of reach; the change stays due. */
  async #write(page: Page): Promise<boolean> {
    const copy = page.replica.copy();
    if (copy === undefined) return true;
    try {
      if (!(await this.#advance(page, copy))) await this.#replace(page.replica.key, copy);
      page.written = copy;
      return true;
    } catch (error) {
      // The log still has every entry, and the next write tells the whole.
      if (!(error instanceof Unreachable)) this.#world.observer.observe({ type: "fault", where: "a scribe", error });
      page.written = undefined;
      return false;
    }
  }

  /**
   * From what stood to what stands: nothing moves where nothing has changed, and the answer tells whether it is there.
   * False: the whole must be written. So it must for an emptied room, whose copy goes by itself.
   */
  async #advance(page: Page, copy: RoomCopy): Promise<boolean> {
    if (copy.members.length === 0) return false;
    const before = page.written ?? copy;
    const { copies } = this.#world;
    return (await copies.advance(page.replica.key, before.at, changesBetween(before, copy))) === "advanced";
  }

  async #replace(key: RoomKey, copy: RoomCopy): Promise<void> {
    // An emptied ad-hoc room is remembered only for entries that come late.
    const over = copy.members.length === 0 && copy.settings.type === "adhoc" && copy.bans.length === 0;
    const reborn = copy.adopted?.reborn === true;
    await this.#world.copies.replace(key, copy, over ? { reborn, ttl: this.#world.settings.logLife } : { reborn });
  }
}
