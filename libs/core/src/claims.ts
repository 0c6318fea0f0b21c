// What the log makes of this node's members: who speaks for them, who is claimed back, turned away, or gone.
import type { MemberId } from "@heliograph/protocol";
import { compareEpochs, ownerOf, sameEpoch } from "@heliograph/protocol";
import type { Replica, ReplicaHost } from "./replica.ts";
import type { Effect } from "./room/effect.ts";
import type { Entry } from "./room/entry.ts";
import type { Member } from "./room/member.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

export class Claims {
  readonly #replica: Replica;
  readonly #world: Pick<World, "id">;
  readonly #host: Pick<ReplicaHost, "stayEnded" | "superseded" | "askAgain">;

  constructor(
    replica: Replica,
    world: Pick<World, "id">,
    host: Pick<ReplicaHost, "stayEnded" | "superseded" | "askAgain">,
  ) {
    this.#replica = replica;
    this.#world = world;
    this.#host = host;
  }

  /** After another state took the place of ours: in it our stays may be gone, away, or spoken for by an earlier epoch. */
  reassert(): void {
    for (const stay of [...this.#replica.locals.all]) {
      const { phase } = stay;
      if (phase !== "in" && phase !== "replaying" && phase !== "unasked") continue;
      const member = this.#replica.room?.member(stay.member);
      const order = member === undefined ? 0 : compareEpochs(stay.epoch, member.epoch);
      if (phase === "unasked") {
        // Nobody waits for it: it is kept only as long as it is the one that speaks.
        if (member === undefined || order !== 0) this.#host.stayEnded(stay);
        continue;
      }
      if (member === undefined) this.refuseStay(stay, "expired");
      else if (order < 0) this.#host.superseded(stay);
      else if (order === 0 && member.state === "away") this.claimBack(stay.member);
      else if (order > 0 && stay.session.connection !== undefined) this.#proposeBack(stay);
    }
  }

  turnedAway(entry: Extract<Entry, { kind: "join" | "back" }>, effect: Extract<Effect, { type: "refused" }>): void {
    const stay = this.#replica.locals.get(entry.kind === "join" ? entry.from : entry.member);
    if (stay === undefined || !sameEpoch(stay.epoch, entry.epoch)) return;
    if (effect.reason === "superseded") {
      this.#host.superseded(stay);
      return;
    }
    const byPin = effect.reason === "pin_required" || effect.reason === "pin_wrong";
    if (entry.kind === "join" && byPin && this.#host.askAgain(stay, this.#replica, entry)) return;
    this.refuseStay(stay, effect.reason, effect.detail);
  }

  /** Answers a stay that cannot begin or go on, and ends it. */
  refuseStay(stay: Stay, reason: Extract<Effect, { type: "refused" }>["reason"], detail?: string): void {
    const n = stay.wish?.n;
    if (isChannel(stay)) stay.session.close("unavailable");
    else if (stay.phase === "resuming" || stay.resumeFrom !== undefined) {
      const position = this.#replica.room?.at ?? stay.resumeFrom ?? { seq: 0, index: 0, time: 0 };
      stay.session.deliver({
        type: "resumed",
        room: this.#replica.name,
        mark: 0,
        position,
        verdict: "expired",
        reason,
      });
    } else {
      stay.session.deliver({
        type: "refused",
        reason,
        room: this.#replica.name,
        ...(n === undefined ? {} : { n }),
        ...(detail === undefined ? {} : { detail }),
      });
    }
    this.#host.stayEnded(stay);
  }

  /** The log cannot be asked whether it comes in. Who is in only asked for the room as it is, and may ask again. */
  refuseJoin(stay: Stay): void {
    if (stay.phase === "in") {
      if (stay.wish === undefined) return;
      const { n } = stay.wish;
      stay.wish = undefined;
      // Nobody waits: it is in, and stays so.
      if (n === undefined) return;
      stay.session.deliver({ type: "refused", reason: "unavailable", room: this.#replica.name, n, retryIn: 1_000 });
    } else if (stay.phase === "joining" || stay.phase === "loading") this.refuseStay(stay, "unavailable");
  }

  /** Someone took our silence for death while the client is here: a higher bump says that it is not. */
  claimBack(member: MemberId): void {
    const stay = this.#replica.locals.get(member);
    const room = this.#replica.room;
    const epoch = room?.member(member)?.epoch;
    if (stay === undefined || epoch === undefined || stay.session.connection === undefined) return;
    if (stay.phase === "loading" || stay.phase === "unasked" || !sameEpoch(stay.epoch, epoch)) return;
    stay.epoch = { ...epoch, bump: epoch.bump + 1, node: this.#world.id };
    this.#proposeBack(stay);
  }

  #proposeBack(stay: Stay): void {
    this.#replica.propose({ kind: "back", member: stay.member, epoch: stay.epoch, session: stay.session.id });
  }

  endStay(member: Member, lost: boolean): void {
    const stay = this.#replica.locals.get(member.id);
    // While a room is loaded it tells of earlier stays too: what it makes of ours is asked when it is current.
    if (stay === undefined || stay.phase === "loading") return;
    if (compareEpochs(stay.epoch, member.epoch) > 0 && stay.session.connection !== undefined) {
      // A join or back of ours that is under way is answered by what the log makes of it.
      if (stay.phase !== "in") return;
      // So is a claim; repeated, since an adoption may have undone it.
      return this.#proposeBack(stay);
    }
    // Whoever waits for an answer to its join or resume gets no other any more.
    if (isAwaited(stay)) return this.refuseStay(stay, "expired");
    if (lost && stay.phase !== "unasked") {
      if (isChannel(stay)) stay.session.close("unavailable");
      else stay.session.deliver({ type: "refused", reason: "expired", room: this.#replica.name });
    }
    this.#host.stayEnded(stay);
  }

  /** Of a stay that is not in the room no `left` will ever tell. */
  #endIfStranger(stay: Stay): void {
    if (this.#replica.room !== undefined && this.#replica.room.member(stay.member) === undefined)
      this.#host.stayEnded(stay);
  }

  /** The log was out of reach for too long: whoever waits is told that the outcome is unknown. */
  unanswered(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if ("n" in entry) {
        this.settleOutstanding(entry);
        const stay = this.#replica.locals.get(entry.from);
        if (stay === undefined || !sameEpoch(stay.epoch, entry.epoch)) continue;
        stay.repeats = true;
        stay.session.deliver({
          type: "refused",
          reason: "unavailable",
          room: this.#replica.name,
          n: entry.n,
          retryIn: 1_000,
        });
      } else if (entry.kind === "join") {
        const stay = this.#replica.locals.get(entry.from);
        if (stay === undefined || !sameEpoch(stay.epoch, entry.epoch)) continue;
        if (stay.phase === "unasked") this.#endIfStranger(stay);
        // A room that is being loaded anew asks it again.
        else if (stay.phase !== "loading") this.refuseJoin(stay);
      } else if (entry.kind === "back") {
        const stay = this.#replica.locals.get(entry.member);
        if (stay === undefined || !sameEpoch(stay.epoch, entry.epoch)) continue;
        if (stay.phase === "unasked") {
          this.#endIfStranger(stay);
          continue;
        }
        stay.session.close("unavailable");
        // Nothing will answer it any more; the next connection begins it anew.
        if (stay.phase === "resuming") this.#host.stayEnded(stay);
        // It claimed its member back, who was removed meanwhile.
        else if (stay.phase !== "loading") this.#endIfStranger(stay);
      }
    }
  }

  settleOutstanding(entry: Entry): void {
    if (!("n" in entry) || entry.epoch.node !== this.#world.id) return;
    this.#replica.locals.get(entry.from)?.answered();
  }
}

/** A client cannot ask for its channel again, but by another connection. */
function isChannel({ room }: Stay): boolean {
  return ownerOf(room) !== undefined;
}

/** Its client has asked to come in or to go on, and has not been answered. */
function isAwaited({ phase, wish }: Stay): boolean {
  return (phase === "in" && wish !== undefined) || phase === "joining" || phase === "resuming" || phase === "replaying";
}
