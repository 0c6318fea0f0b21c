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
  readonly #current: (replica: Replica) => boolean;
  readonly #said = new Map<RoomKey, RoomDigest[]>();
  /** Changed rooms and until when they are reported: 15 s, so that a lost report does not matter. */
  readonly #changed = new Map<RoomKey, number>();
  readonly #stopHearing: () => void;
  #timer: Timer;

  /** `current`: whether the room's state is the log's; a state that waits to be adopted is compared with nobody's. */
  constructor(world: World, replicas: ReadonlyMap<RoomKey, Replica>, current: (replica: Replica) => boolean) {
    this.#world = world;
    this.#replicas = replicas;
    this.#current = current;
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
      const replica = this.#replicas.get(key);
      const room = replica?.room;
      if (replica !== undefined && room !== undefined && this.#current(replica)) {
        const { seq, time } = room.at;
        digests.push(this.#remember({ room: key, seq, time, digest: room.digest() }));
      }
      // Every host has said it three times: nobody compares with what was said before.
      if (until <= now) this.forget(key);
    }
    if (digests.length > 0) this.#world.nodes.sayDigests({ node: this.#world.id, digests });
  }

  #remember(digest: RoomDigest): RoomDigest {
    const said = this.#said.get(digest.room) ?? [];
    if (said.at(-1)?.seq !== digest.seq || said.at(-1)?.time !== digest.time) said.push(digest);
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
    if (!this.#current(replica)) return;
    const { seq, time } = room.at;
    const own =
      seq === theirs.seq
        ? { time, digest: room.digest() }
        : this.#said.get(theirs.room)?.find((said) => said.seq === theirs.seq);
    // Another time at the same sequence is another life of the log, which the follow finds by itself.
    if (own === undefined || own.time !== theirs.time || own.digest === theirs.digest) return;
    this.#world.observer.observe({ type: "digest_alarm", room: theirs.room, seq: theirs.seq, other });
    // One of the two states must win everywhere; which one does not matter, so the lower name speaks.
    if (this.#world.id < other) replica.propose({ kind: "adopt", by: this.#world.id, copy: room.toCopy() });
  }
}
