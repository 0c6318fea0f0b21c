// One room's way into the log: a single append in flight, and what is said meanwhile goes as the next bundle.
import type { Position, RoomKey } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import type { Backlog } from "./backlog.ts";
import { TooLarge } from "./ports/unreachable.ts";
import { beginsRoom } from "./room/beginning.ts";
import type { Entry } from "./room/entry.ts";
import { entryBytes } from "./room/entry.ts";
import type { World } from "./world.ts";

/**
 * Group commit keeps every sender's order through retries and leader changes, where pipelined appends with retries
 * would swap them, and makes a busy room cheaper per message.
 */
export class Lane {
  readonly #room: RoomKey;
  readonly #world: Pick<World, "log" | "clock" | "settings" | "observer">;
  readonly #host: LaneHost;
  readonly #backlog: Backlog;
  #queue: Entry[] = [];
  #queuedBytes = 0;
  /** Entries of the queue that everybody in the room is told. */
  #public = 0;
  #flying: readonly Entry[] | undefined;
  #flyingBytes = 0;
  #scheduled = false;

  /** Local time at which the bundle in flight left. */
  #since = 0;
  #overdue = false;

  constructor(
    room: RoomKey,
    world: Pick<World, "log" | "clock" | "settings" | "observer">,
    backlog: Backlog,
    host: LaneHost,
  ) {
    this.#room = room;
    this.#world = world;
    this.#backlog = backlog;
    this.#host = host;
  }

  /** The bundle in flight has been there for longer than anyone should wait: nothing new is taken on. */
  get overdue(): boolean {
    return this.#overdue;
  }

  /** Bytes that wait for their turn, without the bundle in flight. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get idle(): boolean {
    return this.#flying === undefined && this.#queue.length === 0;
  }

  push(entry: Entry): void {
    const bytes = entryBytes(entry);
    this.#queue.push(entry);
    this.#queuedBytes += bytes;
    if (isPublic(entry)) this.#public += 1;
    this.#backlog.add(bytes);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#flying !== undefined) return;
    this.#scheduled = true;
    this.#world.clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#flying !== undefined || this.#queue.length === 0) return;
    const before = this.#queuedBytes;
    const bundle = this.#takeBundle();
    this.#flyingBytes = before - this.#queuedBytes;
    this.#flying = bundle;
    this.#since = this.#world.clock.now();
    afterwards(
      this.#append(bundle),
      "an append",
      this.#world.observer,
      (position) => {
        this.#landed();
        this.#host.appended(position);
        if (this.#queue.length > 0) this.#schedule();
      },
      (error: unknown) => {
        this.#landed();
        if (!(error instanceof TooLarge)) return this.#giveUp(bundle);
        this.#host.tooLarge(bundle);
        if (this.#queue.length > 0) this.#schedule();
      },
    );
  };

  #append(bundle: readonly Entry[]): Promise<Position> {
    return beginsRoom(bundle) ? this.#open(bundle) : this.#world.log.append(this.#room, bundle);
  }

  /**
   * A log that begins with such a join tells the whole room. So it must stand nowhere but at the room's beginning, and
   * once: a second one, left when the first has aged out, would begin the room without what was said between them.
   */
  async #open(bundle: readonly Entry[]): Promise<Position> {
    const { log } = this.#world;
    // What was proposed while another bundle opened the room needs not ask whether it is the first.
    const opened = this.#host.isNew() ? await log.open(this.#room, bundle) : undefined;
    return opened ?? log.append(this.#room, bundle.map(notFresh));
  }

  #landed(): void {
    this.#backlog.less(this.#flyingBytes);
    this.#flyingBytes = 0;
    this.#flying = undefined;
    this.#overdue = false;
  }

  /** Told the time now and then: whoever waits for longer than anyone should is answered, once. */
  checkPatience(now: number): void {
    this.#since = Math.min(this.#since, now);
    if (this.#flying === undefined || this.#overdue || now - this.#since < this.#world.settings.patience) return;
    this.#overdue = true;
    this.#giveUp(this.#flying);
  }

  /**
   * The outcome of the bundle is unknown. What queued behind it is given up too: appended now, it would overtake the
   * lost commands when their authors send these again.
   */
  #giveUp(bundle: readonly Entry[]): void {
    const waiting = this.#queue;
    this.#backlog.less(this.#queuedBytes);
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#public = 0;
    this.#host.unanswered(bundle.concat(waiting));
  }

  #takeBundle(): readonly Entry[] {
    const queue = this.#queue;
    const { bundleBytes } = this.#world.settings;
    let members = this.#host.members();
    if (this.#queuedBytes <= bundleBytes && this.#public * (members + this.#public) <= tellings) {
      this.#queue = [];
      this.#queuedBytes = 0;
      this.#public = 0;
      // The log keeps what it is given: a copy of the right size, not the spare places of a grown array.
      return queue.slice();
    }
    let bytes = 0;
    let taken = 0;
    let told = 0;
    for (const entry of queue) {
      const next = entryBytes(entry);
      if (entry.kind === "join") members += 1;
      if (isPublic(entry)) told += members;
      if (taken > 0 && (bytes + next > bundleBytes || (told > tellings && taken >= fewest))) break;
      if (isPublic(entry)) this.#public -= 1;
      bytes += next;
      taken += 1;
    }
    this.#queue = queue.slice(taken);
    this.#queuedBytes -= bytes;
    return queue.slice(0, taken);
  }
}

function notFresh(entry: Entry): Entry {
  if (entry.kind !== "join") return entry;
  const { fresh, ...rest } = entry;
  return rest;
}

/** What is said to one member costs its hosts the same in a crowd. */
function isPublic({ kind }: Entry): boolean {
  return kind !== "signal" && kind !== "letter";
}

/** How often a bundle may be told, entries times members: a host tells it in one turn, and hears nobody else meanwhile. */
const tellings = 10_000;
/** However many members there are. */
const fewest = 8;

export interface LaneHost {
  /** How many the room has, as far as it is known here. */
  members(): number;
  /** No entry of the room is known here. */
  isNew(): boolean;
  /** The bundle is stored here; its live copy must follow. */
  appended(position: Position): void;
  /** Nothing of it is stored, or ever will be. What was said behind it goes on. */
  tooLarge(entries: readonly Entry[]): void;
  /** The log could not be reached in time: it is unknown whether these are stored. */
  unanswered(entries: readonly Entry[]): void;
}
