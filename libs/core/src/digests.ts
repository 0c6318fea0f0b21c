// Compares states between hosts: finds a lost last message, and a bug before its users do.
import type { NodeId, RoomKey } from "@heliograph/protocol";
import type { Timer } from "./ports/clock.ts";
import type { DigestReport, RoomDigest } from "./ports/nodes.ts";
import type { Replica } from "./replica.ts";
import type { World } from "./world.ts";

/** Reports of one room that are kept for comparison: hosts report at different sequences. */
const remembered = 4;

export class Digests {
  readonly #world: World;
  readonly #replicas: ReadonlyMap<RoomKey, Replica>;
  readonly #said = new Map<RoomKey, RoomDigest[]>();
  /** Changed rooms and until when they are reported: 15 s, so that a lost report does not matter. */
  readonly #changed = new Map<RoomKey, number>();
  readonly #stopHearing: () => void;
  #timer: Timer;

  constructor(world: World, replicas: ReadonlyMap<RoomKey, Replica>) {
    this.#world = world;
    this.#replicas = replicas;
    this.#stopHearing = world.nodes.onDigests((report) => this.#hear(report));
    this.#timer = this.#next();
  }

  get size(): number {
    return this.#said.size + this.#changed.size;
  }

  changed(key: RoomKey): void {
    this.#changed.set(key, this.#world.clock.now() + 3 * this.#world.settings.digestEvery);
  }

  /** After a lost link: every hosted room, whether it seems to have changed or not. */
  reportAll(): void {
    for (const key of this.#replicas.keys()) this.changed(key);
  }

  forget(key: RoomKey): void {
    this.#said.delete(key);
    this.#changed.delete(key);
  }

  end(): void {
    this.#timer.cancel();
    this.#stopHearing();
  }

  #next(): Timer {
    const { clock, settings, random } = this.#world;
    return clock.after(settings.digestEvery * (0.9 + random.fraction() / 5), () => {
      this.#report();
      this.#timer = this.#next();
    });
  }

  #report(): void {
    const now = this.#world.clock.now();
    const digests: RoomDigest[] = [];
    for (const [key, until] of this.#changed) {
      const room = this.#replicas.get(key)?.room;
      if (room !== undefined) digests.push(this.#remember({ room: key, seq: room.at.seq, digest: room.digest() }));
      if (until <= now) this.#changed.delete(key);
    }
    if (digests.length > 0) this.#world.nodes.sayDigests({ node: this.#world.id, digests });
  }

  #remember(digest: RoomDigest): RoomDigest {
    const said = this.#said.get(digest.room) ?? [];
    if (said.at(-1)?.seq !== digest.seq) said.push(digest);
    if (said.length > remembered) said.shift();
    this.#said.set(digest.room, said);
    return digest;
  }

  #hear(report: DigestReport): void {
    if (report.node === this.#world.id) return;
    for (const theirs of report.digests) this.#compare(theirs, report.node);
  }

  #compare(theirs: RoomDigest, other: NodeId): void {
    const replica = this.#replicas.get(theirs.room);
    const room = replica?.room;
    if (replica === undefined || room === undefined) return;
    if (room.at.seq < theirs.seq) {
      replica.mention(theirs.seq);
      return;
    }
    const own =
      room.at.seq === theirs.seq
        ? room.digest()
        : this.#said.get(theirs.room)?.find((said) => said.seq === theirs.seq)?.digest;
    if (own === undefined || own === theirs.digest) return;
    this.#world.observer.observe({ type: "digest_alarm", room: theirs.room, seq: theirs.seq, other });
    // One of the two states must win everywhere; which one does not matter, so the lower name speaks.
    if (this.#world.id < other) replica.propose({ kind: "adopt", by: this.#world.id, copy: room.toCopy() });
  }
}
