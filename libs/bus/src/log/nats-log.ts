// Core's Log over the streams.
import type { Codec } from "@heliograph/codec";
import type { Clock, Entry, Follow, Follower, LinkState, Log, ReadAnswer, Stored } from "@heliograph/core";
import { Listeners, Unreachable } from "@heliograph/core";
import type { Position, RoomKey } from "@heliograph/protocol";
import type { Inbox } from "../link/inbox.ts";
import type { NatsLink } from "../link/nats-link.ts";
import type { StreamApi } from "../stream/api.ts";
import type { DirectGets, StoredMessage } from "../stream/direct-gets.ts";
import { type RoomSubjects, subjectsOf } from "../stream/subjects.ts";
import type { BundleCodec } from "../wire/bundle.ts";
import { Appends } from "./appends.ts";
import { type FollowPorts, NatsFollow } from "./follow.ts";
import { Pace } from "./pace.ts";
import { Shard } from "./shard.ts";

export interface LogPorts {
  readonly link: NatsLink;
  readonly inbox: Inbox;
  readonly gets: DirectGets;
  readonly api: StreamApi;
  readonly bundles: BundleCodec;
  readonly json: Codec;
  readonly clock: Clock;
  /** Of this process, in its subjects. */
  readonly process: string;
  readonly shards: number;
  /** Milliseconds that the streams keep entries. */
  readonly maxAge: number;
  suspect(shard: number): void;
  fault(where: string, error: unknown): void;
}

export class NatsLog implements Log {
  readonly #ports: LogPorts;
  readonly #shards: readonly Shard[];
  readonly #followPorts: readonly FollowPorts[];
  readonly #appends: Appends;
  /** By the subject on which a room's entries are stored. */
  readonly #follows = new Map<string, readonly NatsFollow[]>();
  readonly #listeners = new Listeners<LinkState>();
  readonly #unlisten: () => void;
  #downSince: number;
  #unreadable = 0;
  #closed = false;

  constructor(ports: LogPorts) {
    const { link, clock, process } = ports;
    this.#ports = ports;
    this.#downSince = clock.now();
    const read = (message: StoredMessage): Stored => this.#read(message);
    this.#shards = Array.from({ length: ports.shards }, (_, shard) => new Shard(shard, process, { ...ports, read }));
    const pace = new Pace(clock);
    this.#followPorts = this.#shards.map((shard) => ({
      link,
      clock,
      pace,
      shard,
      entriesOf: (subject, payload, seq, time) => this.#entriesOf(subject, payload, seq, time),
      ended: (ended) => this.#forget(ended),
    }));
    this.#appends = new Appends({
      ...ports,
      isFollowed: (subject) => this.#follows.has(subject),
      landed: (subject, position) => {
        for (const follow of this.#follows.get(subject) ?? []) follow.landed(position);
      },
    });
    this.#unlisten = link.onState((state) => this.#turned(state));
  }

  append(room: RoomKey, bundle: readonly Entry[]): Promise<Position> {
    const subjects = subjectsOf(room, this.#ports.shards);
    if (subjects === undefined) return Promise.reject(nameless(room));
    return this.#appends.append(subjects.shard, subjects.in, bundle);
  }

  open(room: RoomKey, bundle: readonly Entry[]): Promise<Position | undefined> {
    const subjects = subjectsOf(room, this.#ports.shards);
    if (subjects === undefined) return Promise.reject(nameless(room));
    return this.#appends.open(subjects.shard, subjects.in, bundle);
  }

  follow(room: RoomKey, follower: Follower): Follow {
    const subjects = this.#subjectsOf(room);
    const ports = this.#followPorts[subjects.shard];
    if (ports === undefined) throw nameless(room);
    const follow = new NatsFollow(subjects, follower, ports);
    this.#follows.set(subjects.in, [...(this.#follows.get(subjects.in) ?? []), follow]);
    return follow;
  }

  async read(room: RoomKey, after: Position | undefined, upTo: number): Promise<ReadAnswer> {
    const { shard, subject } = this.#placeOf(room);
    return shard.reads.between(subject, after, upTo);
  }

  async tail(room: RoomKey): Promise<number | undefined> {
    const { shard, subject } = this.#placeOf(room);
    return (await shard.tails.of(subject))?.seq;
  }

  async first(room: RoomKey): Promise<Stored | undefined> {
    const { shard, subject } = this.#placeOf(room);
    return shard.reads.first(subject);
  }

  get link(): LinkState {
    return this.#ports.link.state;
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The node is gone: its follows end and its appends under way reject, their outcome unknown. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#listeners.clear();
    for (const follows of [...this.#follows.values()]) for (const follow of follows) follow.end();
    this.#appends.close();
    for (const { markers } of this.#shards) markers.end();
  }

  /** What is held now: a test's proof that nothing was left behind. */
  get size(): { readonly follows: number; readonly appends: number; readonly reads: number; readonly proofs: number } {
    return {
      follows: this.#follows.size,
      appends: this.#appends.size,
      reads: this.#shards.reduce((sum, { reads }) => sum + reads.size, 0),
      proofs: this.#shards.reduce((sum, { markers }) => sum + markers.waiting, 0),
    };
  }

  #placeOf(room: RoomKey): { readonly shard: Shard; readonly subject: string } {
    const { shard: number, in: subject } = this.#subjectsOf(room);
    const shard = this.#shards[number];
    if (shard === undefined) throw nameless(room);
    return { shard, subject };
  }

  #subjectsOf(room: RoomKey): RoomSubjects {
    const subjects = subjectsOf(room, this.#ports.shards);
    if (subjects === undefined) throw nameless(room);
    return subjects;
  }

  #entriesOf(subject: string, payload: Uint8Array, seq: number, time: number): readonly Entry[] {
    const own = this.#ports.bundles.ownNumber(payload);
    const known = own === undefined ? undefined : this.#appends.heard(own, subject, seq, time);
    return known ?? this.#decode(subject, payload, seq);
  }

  #read({ subject, seq, time, payload }: StoredMessage): Stored {
    return { seq, time, entries: this.#decode(subject, payload, seq) };
  }

  #decode(subject: string, payload: Uint8Array, seq: number): readonly Entry[] {
    const { entries, sound } = this.#ports.bundles.read(payload);
    if (!sound) {
      // Told once: the room counts every entry of it, and a flood of them is nobody's log.
      if (this.#unreadable === 0) {
        this.#ports.fault("bundle", new Error(`an unreadable bundle at ${seq} of ${subject} is skipped by every host`));
      }
      this.#unreadable += 1;
    }
    return entries;
  }

  #turned(state: LinkState): void {
    if (this.#closed) return;
    const now = this.#ports.clock.now();
    if (state === "down") this.#downSince = now;
    const outlived = state === "up" && now - this.#downSince >= this.#ports.maxAge;
    for (const follows of [...this.#follows.values()]) for (const follow of follows) follow.turned(state, outlived);
    if (state === "up") {
      for (const { markers } of this.#shards) markers.resume();
      this.#appends.resume();
    }
    this.#listeners.tell(state);
  }

  #forget(follow: NatsFollow): void {
    const { subject } = follow;
    const left = (this.#follows.get(subject) ?? []).filter((other) => other !== follow);
    if (left.length === 0) this.#follows.delete(subject);
    else this.#follows.set(subject, left);
  }
}

/** No door lets such a name in: this is a bug of ours, told as what a port may tell. */
function nameless(room: RoomKey): Unreachable {
  return new Unreachable(`no subject can name the room ${room.slice(0, 64)}`);
}
