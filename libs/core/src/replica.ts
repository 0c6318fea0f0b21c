// One hosted room on this node: follows its log, applies it, and tells the members that this node speaks for.
import type { Epoch, MemberId, Position, RoomKey, RoomName } from "@heliograph/protocol";
import { compareEpochs, ownerOf, sameEpoch } from "@heliograph/protocol";
import type { Backlog } from "./backlog.ts";
import { CatchingUp } from "./catching-up.ts";
import { Claims } from "./claims.ts";
import { giveJoined, spread, spreadCount } from "./hearing.ts";
import { Lane } from "./lane.ts";
import { Locals } from "./locals.ts";
import type { Follow, Stored } from "./ports/log.ts";
import { Ring } from "./ring.ts";
import type { RoomCopy } from "./room/copy.ts";
import type { Effect } from "./room/effect.ts";
import type { Entry, JoinEntry } from "./room/entry.ts";
import type { Room } from "./room/room.ts";
import type { Stay } from "./stay.ts";
import { type Told, tell } from "./told.ts";
import { isWatched, type Watcher } from "./watcher.ts";
import type { World } from "./world.ts";

/** What a replica asks of the node around it. */
export interface ReplicaHost {
  /** A stay of a session of this node ended; the room tells why by itself. */
  stayEnded(stay: Stay): void;
  /** Another connection, on this node or elsewhere, speaks for the session now. */
  superseded(stay: Stay): void;
  /** The join was refused by a PIN. Whether it was proved against another one, and is under way again. */
  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean;
  /** The room's state changed: its copy is behind. */
  changed(replica: Replica): void;
  /** Nothing of this node is under way any more, and nobody here is in the room. */
  landed(replica: Replica): void;
  /** A state was adopted in place of ours: what was said after `before` is in doubt. */
  adopted(replica: Replica, before: Position): void;
  /** The log takes no state so large as this room's: nobody will ever adopt it. */
  notAdopted(replica: Replica): void;
  /** The room's rules are newer than what this node can apply. */
  outgrown(replica: Replica): void;
  /** The log broke off: the room must be loaded anew, its clients told what they missed. */
  broken(replica: Replica, why: "lost" | "reborn"): void;
}

/** What the members here have not been told, from where on and why. */
export interface Missed {
  readonly from: Position;
  readonly reason: "too_old" | "log_restarted" | "in_doubt";
}

export class Replica {
  readonly key: RoomKey;
  readonly name: RoomName;
  readonly locals = new Locals();
  /** Who watches the room without being in it. */
  readonly watchers = new Set<Watcher>();
  readonly claims: Claims;
  readonly #catchingUp: CatchingUp;
  readonly #world: World;
  readonly #host: ReplicaHost;
  readonly #backlog: Backlog;
  #room: Room | undefined;
  #ring: Ring | undefined;
  #lane: Lane | undefined;
  #follow: Follow | undefined;
  #ended = false;
  /** The state is not current: what it makes of entries is told to nobody, since all are told of a gap afterwards. */
  #muted = true;
  /** Local time of the last applied bundle: log time now is its time and what has passed since. */
  #appliedAt = 0;
  #countTold = -1;
  /** Of this node's last append since the present state was sought. */
  #appended: Position | undefined;

  constructor(key: RoomKey, name: RoomName, world: World, host: ReplicaHost, backlog: Backlog) {
    this.key = key;
    this.name = name;
    this.#world = world;
    this.#host = host;
    this.#backlog = backlog;
    this.claims = new Claims(this, world, host);
    this.#catchingUp = new CatchingUp(this, world);
  }

  /** Somebody here is in the room, or watches it. */
  get inUse(): boolean {
    return this.locals.size > 0 || this.watchers.size > 0;
  }

  get room(): Room | undefined {
    return this.#room;
  }

  /** What was told lately. */
  get ring(): Ring | undefined {
    return this.#ring;
  }

  /** The state is current: what the log holds has been applied, and is told. */
  get current(): boolean {
    return !this.#muted;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Whether nothing of this node is on its way into the log. */
  get quiet(): boolean {
    return this.#lane === undefined || this.#lane.idle;
  }

  /** Quiet, and what this node appended has been applied. */
  get settled(): boolean {
    const [at, last] = [this.#room?.at, this.#appended];
    // A later time at a lower sequence: what was appended went with an earlier life of the log.
    const applied = last === undefined || (at !== undefined && (at.seq >= last.seq || at.time > last.time));
    return this.quiet && applied;
  }

  /** The log has not answered for longer than anyone should wait. */
  get overdue(): boolean {
    return this.#lane?.overdue ?? false;
  }

  get queuedBytes(): number {
    return this.#lane?.queuedBytes ?? 0;
  }

  /** The log's time by this node's estimate; never used for a decision that the log's own stamp does not confirm. */
  logTime(now: number): number {
    return (this.#room?.at.time ?? 0) + Math.max(0, now - this.#appliedAt);
  }

  /** Takes the loaded state and goes live from there. */
  begin(room: Room, follow: Follow): void {
    this.#room = room;
    this.#ring = this.#newRing(room);
    this.#follow = follow;
    this.#appliedAt = this.#world.clock.now();
    if (this.#appended !== undefined) follow.mention(this.#appended.seq);
  }

  #newRing(room: Room): Ring {
    const { ringBytes, limits } = this.#world.settings;
    return new Ring(this.name, room.at, ringBytes, limits.window);
  }

  /** Leaves the present state behind; stays are kept and wait for `begin`. */
  interrupt(): void {
    this.#follow?.end();
    this.#follow = undefined;
    this.#room = undefined;
    this.#ring = undefined;
    this.#countTold = -1;
    this.#appended = undefined;
    this.#muted = true;
    for (const stay of this.locals.all) {
      // What was proposed may be in the next state already, or nowhere: it is asked again, and answered only then.
      if (stay.phase === "joining" || stay.phase === "resuming" || stay.phase === "replaying") stay.phase = "loading";
    }
  }

  end(): void {
    this.interrupt();
    this.#ended = true;
  }

  mention(seq: number): void {
    this.#follow?.mention(seq);
  }

  copy(): RoomCopy | undefined {
    return this.#room?.toCopy();
  }

  /** What time alone changes: the ring's window, and the patience of whoever waits for the log. */
  passed(now: number): void {
    this.#appliedAt = Math.min(this.#appliedAt, now);
    this.#ring?.prune(this.logTime(now));
    this.#lane?.checkPatience(now);
    // Most rooms are quiet most of the time: a lane is made again when someone speaks.
    if (this.#lane?.idle === true) this.#lane = undefined;
  }

  propose(entry: Entry): void {
    this.#lane ??= new Lane(this.key, this.#world, this.#backlog, {
      members: () => this.#room?.size ?? 0,
      isNew: () => this.#room?.at.seq === 0,
      appended: (position) => this.#landed(position),
      unanswered: (entries) => this.claims.unanswered(entries),
      tooLarge: (entries) => {
        this.claims.unanswered(entries);
        if (entries.some(({ kind }) => kind === "adopt")) this.#host.notAdopted(this);
      },
    });
    this.#lane.push(entry);
  }

  #landed(position: Position): void {
    this.#appended = position;
    this.#follow?.mention(position.seq);
    if (!this.inUse) this.#host.landed(this);
  }

  /** The next bundle of the log. Entries are applied and told one by one: a view is as of one entry, not of a bundle. */
  stored(bundle: Stored): void {
    const room = this.#room;
    if (room === undefined) return;
    this.#appliedAt = this.#world.clock.now();
    const { entries } = bundle;
    for (let index = 0; index < entries.length; index += 1) {
      const entry = entries[index];
      if (entry !== undefined) this.#applySafely(room, entry, { seq: bundle.seq, index, time: bundle.time });
      if (room.rules > this.#world.rules.version) return this.#host.outgrown(this);
    }
    this.#host.changed(this);
    if (this.#muted || room !== this.#room) return;
    if (room.settings.presence === "count" && room.size !== this.#countTold) {
      this.#countTold = room.size;
      spreadCount(this.name, room, this.locals);
    }
  }

  broken(why: "lost" | "reborn"): void {
    this.#host.broken(this, why);
  }

  /**
   * Followers do not throw: what an entry brings to light here would break off the room's chain, or the link of the
   * whole node. It is told, and the next entry is applied; other hosts made the same of it, or the digests show it.
   */
  #applySafely(room: Room, entry: Entry, position: Position): void {
    try {
      this.#apply(room, entry, position);
    } catch (error) {
      this.#fault(error);
    }
  }

  /** Who cannot be told keeps nobody from the answer that the entry brings. */
  #spreadSafely(room: Room, told: Told): void {
    try {
      spread(room, this.locals, told);
    } catch (error) {
      this.#fault(error);
    }
    const { event, audience } = told;
    if (event === undefined || (audience !== "all" && audience !== "others") || !isWatched(event)) return;
    for (const watcher of this.watchers) {
      try {
        watcher.event(event);
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  /** The room as it is now, for somebody who watches it. */
  show(watcher: Watcher): void {
    const room = this.#room;
    if (room === undefined) return;
    try {
      watcher.view(room.view(), room.at);
    } catch (error) {
      this.#fault(error);
    }
  }

  #fault(error: unknown): void {
    this.#world.observer.observe({ type: "fault", where: `room ${this.key}`, error });
  }

  #apply(room: Room, entry: Entry, position: Position): void {
    const before = room.at;
    const effect = room.apply(entry, position);
    if (effect.type === "adopted") {
      this.#ring = this.#newRing(room);
      this.#host.adopted(this, before);
      return;
    }
    if (effect.type === "unknown_kind") {
      this.#world.observer.observe({ type: "unknown_entry", room: this.key, kind: String(entry.kind) });
      return;
    }
    const told = tell(this.name, room, entry, effect, position);
    if (told !== undefined) {
      this.#ring?.push(told);
      if (!this.#muted) this.#spreadSafely(room, told);
    }
    // Stays are looked at one by one when the state is current.
    if (this.#muted) return;
    this.claims.settleOutstanding(entry);
    this.#followUp(entry, effect, position);
  }

  /** What the effect means for this node's own stays, after the room has been told. */
  #followUp(entry: Entry, effect: Effect, position: Position): void {
    switch (effect.type) {
      case "joined":
      case "answered_again":
        this.#spoken(effect.member.id, effect.member.epoch, position, undefined);
        return;
      case "back":
        this.#spoken(effect.member.id, effect.member.epoch, position, effect.fromAway ? effect.since : undefined);
        return;
      case "refused":
        if (entry.kind === "join" || entry.kind === "back") this.claims.turnedAway(entry, effect);
        return;
      case "none":
        return;
      case "away":
        this.claims.claimBack(effect.member.id);
        return;
      case "left":
        this.claims.endStay(effect.member, effect.why === "lost");
        return;
      case "moderated":
        if (effect.farewell !== undefined && effect.target !== undefined) this.claims.endStay(effect.target, false);
        return;
      default:
        return;
    }
  }

  /** A connection speaks for a member: ours, which is answered now, or another's, and then ours is over. */
  #spoken(member: MemberId, epoch: Epoch, position: Position, awaySince: number | undefined): void {
    const stay = this.locals.get(member);
    const room = this.#room;
    if (room === undefined || stay === undefined || stay.phase === "loading") return;
    if (!sameEpoch(stay.epoch, epoch)) {
      if (compareEpochs(epoch, stay.epoch) > 0) this.#host.superseded(stay);
      return;
    }
    stay.since = position;
    if (stay.phase === "joining") this.#catchingUp.joined(stay, position, awaySince);
    // A claim against a wrong away may have gone past the join that it asked the room with: the claim answers it.
    else if (stay.phase === "in" && stay.wish !== undefined) giveJoined(room, stay, position);
    else if (stay.phase === "in" && awaySince !== undefined && ownerOf(this.name) !== undefined)
      this.#catchingUp.reclaimed(stay, position, awaySince);
    else if (stay.phase === "resuming") this.#catchingUp.resume(stay, stay.resumeFrom ?? position);
  }

  /** The state is current. After another one was loaded or adopted, everyone here is told exactly what may be missing. */
  goOn(missed: Missed | undefined): void {
    const room = this.#room;
    this.#muted = false;
    for (const watcher of this.watchers) this.show(watcher);
    if (room === undefined || missed === undefined) return;
    const { from } = missed;
    // The log may have begun again between the loss and the state that was found.
    const reason = room.remembers(from) === "log_restarted" ? "log_restarted" : missed.reason;
    for (const stay of [...this.locals.all]) {
      if (stay.phase !== "in") continue;
      if (this.#mustResume(room, stay, reason)) stay.session.close("unavailable");
      else this.#catchingUp.tellGap(room, stay, from, reason);
    }
  }

  /**
   * What it asked may be among what is missing, and would never be answered: it asks again as it resumes. Or another
   * life of the room counted its commands further than it did: it must go on above that mark, and learns it so. Or a
   * command may be under way once more that this state has forgotten: with this connection it comes to nothing, and who
   * resumes over such a gap does not send it again.
   */
  #mustResume(room: Room, stay: Stay, reason: Missed["reason"]): boolean {
    const mark = room.member(stay.member)?.mark.n ?? 0;
    const twice = stay.repeats && reason !== "too_old";
    return twice || stay.outstanding > 0 || stay.wish !== undefined || mark > stay.lastN;
  }
}
