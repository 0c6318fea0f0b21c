// Looks after members whose connection or node is gone: proposes `away`, then `left`, and keeps living rooms in the log.
import type { NodeId } from "@heliograph/protocol";
import { sameEpoch } from "@heliograph/protocol";
import type { Timer } from "./ports/clock.ts";
import type { Replica } from "./replica.ts";
import type { Member } from "./room/member.ts";
import type { World } from "./world.ts";

/** Milliseconds between two rounds. */
const round = 1_000;
/** A round that comes this much later than due: the process was paused, and knows nothing of the time between. */
const paused = 4_000;

export class Care {
  readonly #world: World;
  readonly #hosted: () => Iterable<Replica>;
  /** When each other node was heard last, by local time. */
  readonly #heard = new Map<NodeId, number>();
  /** Of those, whoever has been silent for too long: said once. */
  readonly #silent = new Set<NodeId>();
  readonly #stopHearing: () => void;
  #timer: Timer;
  #lastRound: number;
  #lastBeat = 0;
  /** Until then nobody is proposed `left`: after an outage everyone first gets the time to come back. */
  #quietUntil = 0;
  /** Present members of this node that had no connection a round ago. */
  readonly #unspoken = new WeakSet<Member>();

  constructor(world: World, hosted: () => Iterable<Replica>) {
    this.#world = world;
    this.#hosted = hosted;
    this.#lastRound = world.clock.now();
    this.#stopHearing = world.nodes.onBeat((beat) => {
      this.#heard.set(beat.node, world.clock.now());
      this.#silent.delete(beat.node);
    });
    this.#timer = world.clock.after(0, () => this.#round());
  }

  end(): void {
    this.#timer.cancel();
    this.#stopHearing();
  }

  /** The log's link came back, or the process woke: silence of others meant nothing. */
  startOver(): void {
    const now = this.#world.clock.now();
    this.#quietUntil = now + this.#world.settings.limits.grace;
    for (const node of this.#heard.keys()) this.#heard.set(node, now);
  }

  #round(): void {
    const { clock, settings, nodes, id, rules, random } = this.#world;
    const now = clock.now();
    const late = now - this.#lastRound - round;
    // A clock that was set back says as little about the time between as a pause does.
    const lapsed = late > paused || now < this.#lastRound;
    this.#lastRound = now;
    if (lapsed) this.startOver();
    if (now - this.#lastBeat >= settings.beat || lapsed) {
      this.#lastBeat = now;
      nodes.beat({ node: id, rules: rules.version });
    }
    for (const replica of this.#hosted()) {
      replica.passed(now);
      if (this.#world.log.link === "up") this.#visit(replica, now);
    }
    this.#forgetSilent(now);
    // A jitter per round, so that the hosts of one room do not all propose the same at once.
    this.#timer = clock.after(round * (0.75 + random.fraction() / 2), () => this.#round());
  }

  #visit(replica: Replica, now: number): void {
    const { room } = replica;
    // What is on its way may already say it.
    if (room === undefined || !replica.quiet) return;
    const logNow = replica.logTime(now);
    for (const member of room.members()) {
      if (member.state === "away") this.#lookAfterAway(replica, member, logNow, now);
      else if (member.epoch.node === this.#world.id) this.#lookAfterOwn(replica, member);
      else this.#lookAfterForeign(replica, member, logNow, now);
    }
    if (room.size > 0 && replica.quiet && logNow - room.at.time > 0.4 * this.#world.settings.logLife) {
      replica.propose({ kind: "keep", by: this.#world.id });
    }
  }

  #lookAfterAway(replica: Replica, member: Member, logNow: number, now: number): void {
    if (now < this.#quietUntil || logNow < member.since + member.grace) return;
    replica.propose({ kind: "left", member: member.id, epoch: member.epoch });
  }

  /**
   * Members that bear this node's name without a connection: their session moved on and did not name this room, or
   * they were loaded from before a restart. One round of patience, since their `back` may be under way.
   */
  #lookAfterOwn(replica: Replica, member: Member): void {
    const stay = replica.locals.get(member.id);
    const asked = stay !== undefined && stay.phase !== "unasked";
    const spokenFor = asked && stay.session.connection !== undefined && sameEpoch(stay.epoch, member.epoch);
    if (spokenFor || stay?.phase === "joining" || stay?.phase === "resuming") return;
    if (this.#unspoken.has(member)) replica.propose({ kind: "away", member: member.id, epoch: member.epoch });
    else this.#unspoken.add(member);
  }

  #lookAfterForeign(replica: Replica, member: Member, logNow: number, now: number): void {
    const { node } = member.epoch;
    // It spoke in the log itself a moment ago, whatever became of its beats.
    if (logNow - member.since < this.#world.settings.silence) return;
    const heard = this.#heard.get(node);
    if (heard === undefined) {
      // Never heard: its silence counts from now on.
      this.#heard.set(node, now);
      return;
    }
    if (now - heard < this.#world.settings.silence) return;
    if (!this.#silent.has(node)) {
      this.#silent.add(node);
      this.#world.observer.observe({ type: "node_silent", node });
    }
    replica.propose({ kind: "away", member: member.id, epoch: member.epoch });
  }

  /** Nodes long dead are nobody's epoch any more. */
  #forgetSilent(now: number): void {
    for (const [node, heard] of this.#heard) {
      if (now - heard <= this.#world.settings.logLife) continue;
      this.#heard.delete(node);
      this.#silent.delete(node);
    }
  }
}
