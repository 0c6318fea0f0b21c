// Says in the directory which rooms this node hosts, so that keepers find them when it dies.
import type { RoomKey } from "@heliograph/protocol";
import { portFailures } from "./port-failures.ts";
import type { Timer } from "./ports/clock.ts";
import type { World } from "./world.ts";

/** Milliseconds that the directory remembers a node's rooms after it last spoke: longer than all keepers are ever away. */
const life = 86_400_000;
/** Milliseconds between two times that all rooms are said again: a keeper may have forgotten a node that lives. */
const sayAgainEvery = 60_000;
/** Milliseconds within which all rooms are said again when the memory may have lost them. */
const lossSpread = 2_000;
/** Milliseconds that rooms let go wait for company. A room said for too long only costs a keeper a look. */
const removeAfter = 1_000;
/** Milliseconds before the directory is asked again when it did not answer. */
const retryAfter = 1_000;
/** Rooms of one request. */
const together = 500;

export class Registry {
  readonly #world: World;
  readonly #rooms = new Set<RoomKey>();
  readonly #added = new Set<RoomKey>();
  readonly #removed = new Set<RoomKey>();
  /** Of a directory that is out of reach: all is said again when it is back. */
  readonly #failed: (error: unknown) => void;
  readonly #unlisten: () => void;
  #addsAtEndOfTurn = false;
  #remove: Timer | undefined;
  /** Exists while there are rooms. */
  #again: Timer | undefined;
  #ended = false;

  constructor(world: World) {
    this.#world = world;
    this.#failed = portFailures("the directory of rooms", world.observer);
    this.#unlisten = world.copies.onLoss(() => this.sayAgain());
  }

  /** Rooms that it speaks of. */
  get size(): number {
    return this.#rooms.size;
  }

  /** At the end of this turn: a member may be in the log before anything slower is done. */
  began(room: RoomKey): void {
    this.#rooms.add(room);
    this.#removed.delete(room);
    this.#added.add(room);
    this.#again ??= this.#next(sayAgainEvery);
    if (this.#addsAtEndOfTurn) return;
    this.#addsAtEndOfTurn = true;
    this.#world.clock.endOfTurn(() => {
      this.#addsAtEndOfTurn = false;
      this.#add();
    });
  }

  over(room: RoomKey): void {
    this.#rooms.delete(room);
    this.#added.delete(room);
    if (this.#rooms.size === 0) this.#stopSaying();
    if (this.#ended) return;
    this.#removed.add(room);
    this.#remove ??= this.#world.clock.after(removeAfter, () => this.#takeBack());
  }

  /** All of them, a little later: they may be missing. */
  sayAgain(): void {
    if (!this.#ended && this.#rooms.size > 0) this.#sayAllWithin(lossSpread);
  }

  /** Keepers look after what is still hosted; a node without rooms leaves nothing behind. */
  end(): void {
    this.#ended = true;
    this.#unlisten();
    this.#stopSaying();
    this.#remove?.cancel();
    const { directory, id } = this.#world;
    if (this.#rooms.size === 0) directory.forgetNode(id).catch(this.#failed);
  }

  #sayAllWithin(ms: number): void {
    this.#again?.cancel();
    this.#again = this.#next(ms);
  }

  #stopSaying(): void {
    this.#again?.cancel();
    this.#again = undefined;
  }

  #next(within: number): Timer {
    const { clock, random } = this.#world;
    return clock.after(within * (0.5 + random.fraction() / 2), () => {
      for (const room of this.#rooms) this.#added.add(room);
      this.#add();
      this.#again = this.#next(sayAgainEvery);
    });
  }

  #add(): void {
    const rooms = [...this.#added];
    this.#added.clear();
    const { directory, id } = this.#world;
    for (let from = 0; from < rooms.length; from += together) {
      directory.addRooms(id, rooms.slice(from, from + together), life).catch((error: unknown) => {
        this.#failed(error);
        // What was not heard is said with all the others.
        if (this.#again !== undefined && this.#world.copies.link === "up") this.#sayAllWithin(retryAfter);
      });
    }
  }

  #takeBack(): void {
    this.#remove = undefined;
    const rooms = [...this.#removed];
    this.#removed.clear();
    const { directory, id } = this.#world;
    for (let from = 0; from < rooms.length; from += together) {
      directory.removeRooms(id, rooms.slice(from, from + together)).catch(this.#failed);
    }
  }
}
