// What hosts and keepers say about members whose connection was lost, found again or given up.
import type { Position } from "@heliograph/protocol";
import { compareEpochs, sameEpoch } from "@heliograph/protocol";
import type { Effect } from "./effect.ts";
import { takeOver } from "./entering.ts";
import type { CareEntry } from "./entry.ts";
import { sayFarewell } from "./farewell.ts";
import type { Member } from "./member.ts";
import { refusal, refusedFor } from "./refusal.ts";
import type { RoomState } from "./state.ts";

type Care<Kind extends CareEntry["kind"]> = Extract<CareEntry, { readonly kind: Kind }>;

const nothing: Effect = { type: "none" };

export function away(state: RoomState, entry: Care<"away">, at: Position): Effect {
  const member = spokenForBy(state, entry);
  if (member?.state !== "present") return nothing;
  member.state = "away";
  member.since = at.time;
  return { type: "away", member };
}

export function back(state: RoomState, entry: Care<"back">, at: Position): Effect {
  const member = state.seats.get(entry.member);
  if (member?.session !== entry.session) return refusedFor(refusal("expired"));
  if (compareEpochs(entry.epoch, member.epoch) < 0) return refusedFor(refusal("superseded"));
  return takeOver(member, entry.epoch, at);
}

/** The time of the log decides: no host's clock can end a stay early. */
export function left(state: RoomState, entry: Care<"left">, at: Position): Effect {
  const member = spokenForBy(state, entry);
  if (member?.state !== "away" || at.time < member.since + member.grace) return nothing;
  return { type: "left", member, why: "lost", ...sayFarewell(state, member, at) };
}

function spokenForBy(state: RoomState, entry: Care<"away" | "left">): Member | undefined {
  const member = state.seats.get(entry.member);
  return member !== undefined && sameEpoch(member.epoch, entry.epoch) ? member : undefined;
}
