// How a stay comes into its room, once the room is at hand: by a `join`, or by the `back` of a session that resumes.
import type { Epoch, Reason } from "@heliograph/protocol";
import { compareEpochs, ownerOf, sameEpoch } from "@heliograph/protocol";
import { Guesses } from "./guesses.ts";
import type { Random } from "./ports/random.ts";
import { joinEntry } from "./proposals.ts";
import type { Replica } from "./replica.ts";
import type { JoinEntry } from "./room/entry.ts";
import { lettersFrom } from "./room/letters.ts";
import { pinProof } from "./room/pin.ts";
import { compareInTime } from "./room/positions.ts";
import type { Room } from "./room/room.ts";
import { firstRules } from "./room/state.ts";
import type { Stay } from "./stay.ts";
import type { World } from "./world.ts";

/** What becomes of stays that do not get in. */
export interface EntranceHost {
  /** Another connection speaks for the session. */
  superseded(stay: Stay): void;
  /** Too many wrong PINs: answered, and over. */
  shutOut(stay: Stay, reason: Reason, retryIn: number): void;
}

export class Entrance {
  readonly #host: EntranceHost;
  readonly #guesses: Guesses;
  readonly #random: Random;
  readonly #agreedRules: (needed: boolean) => number | undefined;

  /** `agreedRules`: the newest that every living process knows; where they are needed, that every process known to live does. */
  constructor(world: World, host: EntranceHost, agreedRules: (needed: boolean) => number | undefined) {
    this.#host = host;
    this.#random = world.random;
    this.#agreedRules = agreedRules;
    this.#guesses = new Guesses(world.counters, world.clock, () => world.settings);
  }

  /** The stay proposes what it came for, or is turned away at once, kindly, by what the replica knows. */
  enter(stay: Stay, replica: Replica): void {
    if (stay.resumeFrom === undefined) this.#join(stay, replica);
    else this.#comeBack(stay, replica);
  }

  #comeBack(stay: Stay, replica: Replica): void {
    const { room } = replica;
    const member = room?.member(stay.member);
    if (member === undefined) {
      // A client that has heard more than this replica may be a member by what is still to come: the log knows.
      const { resumeFrom } = stay;
      const behind = room !== undefined && resumeFrom !== undefined && compareInTime(resumeFrom, room.at) > 0;
      if (!behind) return replica.claims.refuseStay(stay, "expired");
    } else if (member.epoch.attempt > stay.epoch.attempt) return this.#host.superseded(stay);
    else if (member.state === "away" && sameEpoch(member.epoch, stay.epoch)) {
      // Declared away while the room was loaded anew: the same epoch would be answered, and stay away.
      stay.epoch = { ...stay.epoch, bump: stay.epoch.bump + 1 };
    }
    stay.phase = "resuming";
    stay.lastN = Math.max(stay.lastN, member?.mark.n ?? 0);
    replica.propose({ kind: "back", member: stay.member, epoch: stay.epoch, session: stay.session.id });
  }

  #join(stay: Stay, replica: Replica): void {
    const { room } = replica;
    const { wish, session } = stay;
    if (room === undefined || wish === undefined) return;
    const guessers = [session.id, session.origin.address];
    // Who is in asks for the room as it is: nothing that it guesses is judged.
    if (wish.pin !== undefined && room.settings.pin !== null && room.member(stay.member) === undefined) {
      const wait = this.#guesses.waitFor(replica.key, guessers);
      if (wait > 0) return this.#host.shutOut(stay, "too_many_guesses", wait);
    }
    stay.epoch = aboveWhatIsKnown(stay, room);
    const entry = joinEntry(stay, wish, room, this.#random);
    const verdict = room.judge(entry);
    if (verdict !== undefined && verdict !== "repeated") {
      if (verdict.reason === "pin_wrong") this.#guesses.wrong(replica.key, guessers);
      if (verdict.reason === "superseded") return this.#host.superseded(stay);
      // Nobody is in it, and whether its time is over by now only the log can say.
      if (!room.lingers) return replica.claims.refuseStay(stay, verdict.reason, verdict.detail);
    }
    if (replica.overdue) return replica.claims.refuseJoin(stay);
    if (stay.phase === "loading") stay.phase = "joining";
    this.#raise(replica, room, wish.opening !== undefined);
    replica.propose(entry);
  }

  /**
   * The log refused a join that was proved against no PIN, or against another one, than the room has now: of two that
   * open a room at once the second may know its PIN as well. Judged, and counted, as any guess. Whether it was done.
   */
  askAgain(stay: Stay, replica: Replica, refused: JoinEntry): boolean {
    const pin = replica.room?.settings.pin ?? null;
    const given = stay.wish?.pin;
    if (pin === null || given === undefined || stay.phase !== "joining") return false;
    if (refused.proof === pinProof(given, pin.salt)) return false;
    this.#join(stay, replica);
    return true;
  }

  /**
   * A room that this join opens begins with the newest rules, in the same bundle. Personal channels are of builds that
   * know letters alone: nobody else's word is needed. A join that brings settings cannot wait until everybody has been
   * heard: its room would begin without its PIN.
   */
  #raise(replica: Replica, room: Room, needed: boolean): void {
    const least = ownerOf(replica.name) === undefined ? firstRules : lettersFrom;
    const rules = room.size > 0 ? least : Math.max(least, this.#agreedRules(needed) ?? least);
    if (room.rules < rules) replica.propose({ kind: "upgrade", rules });
  }
}

/**
 * The same connection may have been here before. Having left, the bump tells the new stay from a late copy of the old;
 * away, the same epoch would be answered, and stay away; present, a claim may have raised it above the session's.
 */
function aboveWhatIsKnown(stay: Stay, room: Room): Epoch {
  const member = room.member(stay.member);
  const known = member?.epoch ?? room.departed(stay.member)?.epoch;
  if (known === undefined || known.attempt !== stay.epoch.attempt) return stay.epoch;
  // Another node's word for the same attempt: the fence decides between the two.
  if (member !== undefined && known.node !== stay.epoch.node) return stay.epoch;
  if (compareEpochs(stay.epoch, known) > 0) return stay.epoch;
  return member?.state === "present" ? known : { ...stay.epoch, bump: known.bump + 1 };
}
