// Compares states between hosts: finds a lost last message, and a bug before its users do.
import type { NodeId, RoomKey } from "@heliograph/protocol";
import type { Timer } from "./ports/clock.ts";
import type { DigestReport, RoomDigest } from "./ports/nodes.ts";
import { adoptEntry } from "./proposals.ts";
import type { Replica } from "./replica.ts";
import type { World } from "./world.ts";

/** Of one room, kept for comparison: what was said of it, at sequences that hardly two hosts share while people talk. */
const remembered = 4;
/**
 * And samples of its state, two between reports: each is taken after the first bundle of a stretch of log time, so all
 * hosts have them of the same places, however busy the room is. The last of them are told again, since a report may be lost.
 */
const sampled = { perReport: 2, kept: 8, told: 3 };

/** States of one room as its host knew them. */
interface Known {
  said: RoomDigest[];
  samples: RoomDigest[];
  /** The stretch of log time in which the last bundle stood; undefined: none was seen since the room was loaded. */
  stretch: number | undefined;
}

export class Digests {
  readonly #world: World;
  readonly #replicas: ReadonlyMap<RoomKey, Replica>;
  readonly #current: (replica: Replica) => boolean;
  readonly #known = new Map<RoomKey, Known>();
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
    return this.#known.size + this.#changed.size;
  }

  /** The room has applied one more bundle. */
  changed(replica: Replica): void {
    this.#watch(replica.key);
    if (!this.#current(replica) || replica.room === undefined) return;
    const { key, room } = replica;
    const known = this.#knownOf(key);
    const { seq, time } = room.at;
    const stretch = Math.floor((time * sampled.perReport) / this.#world.settings.digestEvery);
    if (known.stretch !== undefined && stretch > known.stretch) {
      known.samples.push({ room: key, seq, time, digest: room.digest() });
      if (known.samples.length > sampled.kept) known.samples.shift();
    }
    known.stretch = stretch;
  }

  /** What was known of the room is of another state than the one that all have agreed on now. */
  adopted(key: RoomKey): void {
    this.#known.delete(key);
  }

  /** After a lost link: every hosted room, whether it seems to have changed or not. */
  reportAll(): void {
    for (const key of this.#replicas.keys()) this.#watch(key);
  }

  forget(key: RoomKey): void {
    this.#known.delete(key);
    this.#changed.delete(key);
  }

  end(): void {
    this.#timer.cancel();
    this.#stopHearing();
  }

  #watch(key: RoomKey): void {
    this.#changed.set(key, this.#world.clock.now() + 3 * this.#world.settings.digestEvery);
  }

  #knownOf(key: RoomKey): Known {
    const there = this.#known.get(key);
    if (there !== undefined) return there;
    const known: Known = { said: [], samples: [], stretch: undefined };
    this.#known.set(key, known);
    return known;
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
        const known = this.#knownOf(key);
        for (const sample of known.samples.slice(-sampled.told)) if (sample.seq < seq) digests.push(sample);
        digests.push(remember(known, { room: key, seq, time, digest: room.digest() }));
      }
      // Every host has said it three times: nobody compares with what was said before.
      if (until <= now) this.forget(key);
    }
    if (digests.length > 0) this.#world.nodes.sayDigests({ node: this.#world.id, digests });
  }

  #hear(report: DigestReport): void {
    if (report.node === this.#world.id) return;
    const alarmed = new Set<RoomKey>();
    for (const theirs of report.digests) {
      // One alarm, and one state to adopt, for all that a report tells of a room.
      if (!alarmed.has(theirs.room) && this.#differs(theirs)) {
        alarmed.add(theirs.room);
        this.#alarm(theirs, report.node);
      }
    }
  }

  #differs(theirs: RoomDigest): boolean {
    const replica = this.#replicas.get(theirs.room);
    const room = replica?.room;
    if (replica === undefined || room === undefined) return false;
    if (room.at.seq < theirs.seq) {
      replica.mention(theirs.seq);
      return false;
    }
    if (!this.#current(replica)) return false;
    const { seq, time } = room.at;
    const isSame = (known: RoomDigest): boolean => known.seq === theirs.seq;
    const known = this.#known.get(theirs.room);
    const own =
      seq === theirs.seq ? { time, digest: room.digest() } : (known?.samples.find(isSame) ?? known?.said.find(isSame));
    // Another time at the same sequence is another life of the log, which the follow finds by itself.
    return own !== undefined && own.time === theirs.time && own.digest !== theirs.digest;
  }

  #alarm(theirs: RoomDigest, other: NodeId): void {
    const replica = this.#replicas.get(theirs.room);
    const room = replica?.room;
    if (replica === undefined || room === undefined) return;
    this.#world.observer.observe({ type: "digest_alarm", room: theirs.room, seq: theirs.seq, other });
    // One of the two states must win everywhere; which one does not matter, so the lower name speaks.
    if (this.#world.id < other) replica.propose(adoptEntry(this.#world.id, room.toCopy()));
  }
}

function remember({ said }: Known, digest: RoomDigest): RoomDigest {
  if (said.at(-1)?.seq !== digest.seq || said.at(-1)?.time !== digest.time) said.push(digest);
  if (said.length > remembered) said.shift();
  return digest;
}
