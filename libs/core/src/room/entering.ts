// Coming into a room, and taking a stay over with a newer connection.
import type { Epoch, Position } from "@heliograph/protocol";
import { compareEpochs, sameEpoch } from "@heliograph/protocol";
import { isBanned } from "./bans.ts";
import type { Effect } from "./effect.ts";
import type { JoinEntry } from "./entry.ts";
import { isLinger, lingerFrom, settingsFor } from "./lingering.ts";
import { Member } from "./member.ts";
import { sameProof } from "./pin.ts";
import { keptProfile, whyNotPresent } from "./profiles.ts";
import type { Refusal } from "./refusal.ts";
import { refusal, refusedFor } from "./refusal.ts";
import { knownRole } from "./roles.ts";
import type { RoomState } from "./state.ts";

const newMark = { n: 0, low: 0, high: 0 };

export function whyNotJoin(state: RoomState, entry: JoinEntry): Refusal | undefined {
  const member = state.seats.get(entry.from);
  if (member !== undefined) return whyNotRejoin(member, entry);
  const departed = state.departed.get(entry.from);
  // The same epoch too: a join that stands in the log twice must not bring back who has left in between.
  if (departed !== undefined && compareEpochs(departed.epoch, entry.epoch) >= 0) return refusal("superseded");
  const unsound = whyNotPresent(state, entry.profile) ?? whyNotOpen(state, entry);
  if (unsound !== undefined) return unsound;
  if (isBanned(state.bans, entry.from, entry.session, entry.marks)) return refusal("banned");
  if (entry.exempt === true) return undefined;
  const { locked, capacity } = state.settings;
  if (locked) return refusal("locked");
  const wrong = whyNotByPin(state, entry);
  if (wrong !== undefined) return wrong;
  return capacity > 0 && state.seats.size >= capacity ? refusal("full") : undefined;
}

function whyNotRejoin(member: Member, entry: JoinEntry): Refusal | undefined {
  if (member.session !== entry.session) return refusal("forbidden", "another session is this member");
  return compareEpochs(entry.epoch, member.epoch) < 0 ? refusal("superseded") : undefined;
}

function whyNotOpen(state: RoomState, { opening }: JoinEntry): Refusal | undefined {
  const wrong = opening?.linger !== undefined && state.rules >= lingerFrom && !isLinger(opening.linger);
  return wrong ? refusal("malformed", "linger") : undefined;
}

function whyNotByPin(state: RoomState, { opening, exactPin, proof }: JoinEntry): Refusal | undefined {
  const settings = settingsFor(state, opening);
  const { pin } = settings;
  if (pin === null) {
    return exactPin === true && state.rules >= lingerFrom ? refusal("pin_not_needed") : undefined;
  }
  // Who opens the room brings its PIN.
  if (settings !== state.settings) return undefined;
  if (proof === undefined) return refusal("pin_required");
  return sameProof(pin.proof, proof) ? undefined : refusal("pin_wrong");
}

export function join(state: RoomState, entry: JoinEntry, at: Position): Effect {
  const why = whyNotJoin(state, entry);
  if (why !== undefined) return refusedFor(why);
  const seated = state.seats.get(entry.from);
  if (seated !== undefined) return takeOver(seated, entry.epoch, at);
  const member = new Member({
    id: entry.from,
    session: entry.session,
    profile: keptProfile(state, entry.profile),
    role: knownRole(entry.role) ?? (state.seats.size === 0 ? "moderator" : "participant"),
    state: "present",
    since: at.time,
    grace: entry.grace,
    epoch: entry.epoch,
    // Counters go on above an earlier stay, so that what was said in it and comes late is still judged.
    mark: state.departed.get(entry.from)?.mark ?? newMark,
    joined: at,
    marks: entry.marks,
  });
  state.settings = settingsFor(state, entry.opening);
  state.emptied = undefined;
  state.departed.remove(entry.from);
  state.seats.add(member);
  return { type: "joined", member };
}

/** By `join` or `back`, of an epoch that is not below the member's own. */
export function takeOver(member: Member, epoch: Epoch, at: Position): Effect {
  if (sameEpoch(member.epoch, epoch)) return { type: "answered_again", member };
  const was = member.epoch;
  const fromAway = member.state === "away";
  const { since } = member;
  member.epoch = epoch;
  if (fromAway) {
    member.state = "present";
    member.since = at.time;
  }
  return { type: "back", member, was, fromAway, since };
}
