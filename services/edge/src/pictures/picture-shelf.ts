// The pictures of this node's sessions: put where every node finds them, kept alive, and taken away with their owners.
import type { Clock, Observer, Picture, Pictures, Signer, Timer } from "@heliograph/core";
import { pictureIdsOf, pictureTimes, Unreachable } from "@heliograph/core";
import type { NodeId, PictureId, Realm, SessionId } from "@heliograph/protocol";
import { changeOf, type ShownPicture } from "./addresses.ts";

/** Bytes kept here, so that a memory that lost its pictures gets them back. Beyond, the oldest are not kept. */
const mostBytes = 67_108_864;
/** Milliseconds between two looks at a part of the shelf, and within which all of it is looked at. */
const pace = 250;
const round = 2_000;
/** Steps under way at once: what a memory that is back is met with. */
const together = 8;
/** Milliseconds between two pictures that one session gives the memory in the long run, and how far it may be ahead. */
const putEvery = 1_000;
const putAhead = 4_000;
/** Milliseconds of rest after the memory was out of reach. */
const rest = 1_000;

type Task =
  | { readonly do: "put"; readonly picture: Picture }
  | { readonly do: "take" }
  | { readonly do: "touch" }
  /** By `until` the picture has gone by itself. */
  | { readonly do: "remove"; readonly until: number };

interface Slot {
  readonly id: PictureId;
  readonly owner: SessionId;
  /** What is done next: replaced by whatever is wanted later. */
  task: Task;
  /** Waits for its task, or has it under way. */
  busy: boolean;
  digest: string | undefined;
  /** With its bytes, where there is room. */
  picture: Picture | undefined;
  touchedAt: number;
  /** When its owner has no more put ahead of its time. */
  putUntil: number;
}

export interface PictureShelfParts {
  readonly pictures: Pictures;
  readonly signer: Pick<Signer, "derive">;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Whether this node still speaks for the session. */
  readonly lives: (session: SessionId) => boolean;
  /** Another picture lies there from now on, or none. */
  readonly changed: (id: PictureId) => void;
}

export class PictureShelf {
  readonly #parts: PictureShelfParts;
  readonly #slots = new Map<PictureId, Slot>();
  readonly #waiting = new Set<Slot>();
  #underWay = 0;
  #bytes = 0;
  #restUntil = 0;
  /** Exists while there is anything on the shelf. */
  #timer: Timer | undefined;
  #row: Iterator<Slot> | undefined;
  #part = 0;
  #ended = false;

  constructor(parts: PictureShelfParts) {
    this.#parts = parts;
  }

  /** Zero when all owners have gone. */
  get size(): number {
    return this.#slots.size;
  }

  /**
   * From now on this is the session's picture, and whoever asks this node gets it; the others a moment later. Undefined:
   * the shelf is full of pictures that the memory could not be given yet.
   */
  put(realm: Realm, owner: SessionId, picture: Picture): ShownPicture | undefined {
    const [id] = pictureIdsOf(this.#parts.signer, realm, owner);
    const there = this.#slots.get(id);
    const shown = { id, change: changeOf(picture), type: picture.type };
    const same = there?.digest === picture.digest && (there.task.do === "put" || there.task.do === "touch");
    if (same) return shown;
    if (!this.#makeRoom(picture.bytes.length - (there?.picture?.bytes.length ?? 0))) return undefined;
    const slot = this.#slotFor(id, owner);
    this.#hold(slot, picture);
    slot.digest = picture.digest;
    this.#parts.changed(id);
    this.#want(slot, { do: "put", picture });
    return shown;
  }

  /** The session came here, perhaps with a picture that another node put for it: it is this node's to keep. */
  adopt(realm: Realm, owner: SessionId): void {
    for (const id of pictureIdsOf(this.#parts.signer, realm, owner)) {
      if (!this.#slots.has(id)) this.#want(this.#slotFor(id, owner), { do: "take" });
    }
  }

  /** The session has ended. Who says nothing is understood within two seconds all the same. */
  gone(realm: Realm, owner: SessionId): void {
    for (const id of pictureIdsOf(this.#parts.signer, realm, owner)) {
      const slot = this.#slots.get(id);
      if (slot !== undefined) this.#takeAway(slot);
    }
  }

  /** What this node would give the memory: for when the memory cannot be asked. */
  find(id: PictureId): Picture | undefined {
    const slot = this.#slots.get(id);
    return slot?.task.do === "remove" ? undefined : slot?.picture;
  }

  /** Whether the memory has not been given it yet. */
  isOnItsWay(id: PictureId): boolean {
    return this.#slots.get(id)?.task.do === "put";
  }

  /** The memory may have lost what it was given: all is looked at now. */
  lookAgain(): void {
    for (const slot of this.#slots.values()) slot.touchedAt = Number.NEGATIVE_INFINITY;
    this.#row = undefined;
  }

  /** Pictures stay where they are: their owners go on elsewhere, or they go by themselves. */
  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
    this.#slots.clear();
    this.#bytes = 0;
  }

  #slotFor(id: PictureId, owner: SessionId): Slot {
    const there = this.#slots.get(id);
    if (there !== undefined) return there;
    const task = { do: "take" } as const;
    const slot: Slot = {
      id,
      owner,
      task,
      busy: false,
      digest: undefined,
      picture: undefined,
      touchedAt: 0,
      putUntil: 0,
    };
    this.#slots.set(id, slot);
    this.#timer ??= this.#next();
    return slot;
  }

  #want(slot: Slot, task: Task): void {
    if (this.#ended) return;
    slot.task = task;
    if (slot.busy || (task.do === "put" && !this.#mayPut(slot))) return;
    slot.busy = true;
    this.#waiting.add(slot);
    this.#begin();
  }

  /** Whoever changes it all the time has it put now and then: the look that comes by asks again. */
  #mayPut(slot: Slot): boolean {
    const now = this.#parts.clock.now();
    if (slot.putUntil > now + putAhead) return false;
    slot.putUntil = Math.max(slot.putUntil, now) + putEvery;
    return true;
  }

  #takeAway(slot: Slot): void {
    if (slot.task.do === "remove") return;
    this.#hold(slot, undefined);
    this.#parts.changed(slot.id);
    this.#want(slot, { do: "remove", until: this.#parts.clock.now() + pictureTimes.ttl });
  }

  #next(): Timer {
    return this.#parts.clock.after(pace, () => {
      this.#timer = undefined;
      this.#look();
      this.#begin();
      if (this.#slots.size > 0) this.#timer = this.#next();
    });
  }

  /** A part of the shelf each time. */
  #look(): void {
    const now = this.#parts.clock.now();
    if (this.#row === undefined) {
      this.#row = this.#slots.values();
      // Counted as the round begins: what goes during it must not make it longer.
      this.#part = Math.ceil((this.#slots.size * pace) / round);
    }
    for (let left = this.#part; left > 0; left -= 1) {
      const next = this.#row.next();
      if (next.done === true) {
        this.#row = undefined;
        return;
      }
      this.#lookAt(next.value, now);
    }
  }

  #lookAt(slot: Slot, now: number): void {
    if (slot.task.do === "remove") {
      if (now >= slot.task.until) this.#drop(slot);
      return;
    }
    if (!this.#parts.lives(slot.owner)) return this.#takeAway(slot);
    if (slot.task.do === "put" && !slot.busy) return this.#want(slot, slot.task);
    if (slot.task.do === "touch" && !slot.busy && now - slot.touchedAt >= pictureTimes.touch)
      this.#want(slot, { do: "touch" });
  }

  #begin(): void {
    if (this.#parts.clock.now() < this.#restUntil) return;
    for (const slot of this.#waiting) {
      if (this.#underWay >= together) return;
      this.#waiting.delete(slot);
      this.#underWay += 1;
      const { task } = slot;
      this.#step(slot, task).then(
        (next) => this.#stepped(slot, task, next),
        (error: unknown) => this.#failed(slot, error),
      );
    }
  }

  /** What is to be done next; undefined: nothing, the picture is not this node's any more. */
  async #step(slot: Slot, task: Task): Promise<Task | undefined> {
    const { pictures, node } = this.#parts;
    const { ttl } = pictureTimes;
    switch (task.do) {
      case "put":
        await pictures.put(slot.id, task.picture, node, ttl);
        return { do: "touch" };
      case "take": {
        const digest = await pictures.take(slot.id, node, ttl);
        if (digest === undefined || slot.task !== task) return undefined;
        slot.digest = digest;
        const picture = await pictures.get(slot.id);
        if (picture?.digest === digest && slot.task === task && this.#makeRoom(picture.bytes.length)) {
          this.#hold(slot, picture);
        }
        return { do: "touch" };
      }
      case "touch": {
        const found = await pictures.touch(slot.id, { holder: node, digest: slot.digest ?? "" }, ttl);
        if (found === "kept") return { do: "touch" };
        // The memory lost it; what is theirs is no more ours.
        return found === "absent" && slot.picture !== undefined ? { do: "put", picture: slot.picture } : undefined;
      }
      case "remove":
        await pictures.remove(slot.id, node);
        return undefined;
      default:
        return task satisfies never;
    }
  }

  #stepped(slot: Slot, task: Task, next: Task | undefined): void {
    this.#underWay -= 1;
    slot.busy = false;
    if (this.#slots.get(slot.id) !== slot) return this.#begin();
    if (slot.task !== task) this.#want(slot, slot.task);
    else if (next === undefined) this.#drop(slot);
    else if (next.do === "touch") {
      slot.task = next;
      slot.touchedAt = this.#parts.clock.now();
    } else this.#want(slot, next);
    this.#begin();
  }

  #failed(slot: Slot, error: unknown): void {
    this.#underWay -= 1;
    const { clock, observer } = this.#parts;
    if (!(error instanceof Unreachable)) observer.observe({ type: "fault", where: "the shelf of pictures", error });
    this.#restUntil = clock.now() + rest;
    // Nothing has ended by it: what is wanted now is tried again.
    if (this.#ended || this.#slots.get(slot.id) !== slot) slot.busy = false;
    else this.#waiting.add(slot);
  }

  #hold(slot: Slot, picture: Picture | undefined): void {
    this.#bytes += (picture?.bytes.length ?? 0) - (slot.picture?.bytes.length ?? 0);
    slot.picture = picture;
  }

  #drop(slot: Slot): void {
    this.#hold(slot, undefined);
    this.#waiting.delete(slot);
    this.#slots.delete(slot.id);
  }

  /** Lets go of bytes that the memory has, the oldest first. */
  #makeRoom(bytes: number): boolean {
    if (this.#bytes + bytes <= mostBytes) return true;
    for (const slot of this.#slots.values()) {
      if (slot.task.do === "touch") this.#hold(slot, undefined);
      if (this.#bytes + bytes <= mostBytes) return true;
    }
    return false;
  }
}
