// What members say: whether it counts, and what it does.
import type { Position } from "@heliograph/protocol";
import { compareEpochs, sameEpoch } from "@heliograph/protocol";
import type { Effect } from "./effect.ts";
import type { SaidEntry } from "./entry.ts";
import { sayFarewell } from "./farewell.ts";
import type { Member } from "./member.ts";
import { moderate, whyNotModerate } from "./moderating.ts";
import { keptProfile, whyNotPresent } from "./profiles.ts";
import type { Refusal } from "./refusal.ts";
import { refusal, refusedFor } from "./refusal.ts";
import { mayDo } from "./roles.ts";
import { settle, whyNotSettle } from "./settings.ts";
import { share, whyNotShare } from "./sharing.ts";
import type { RoomState } from "./state.ts";

/** In the order of design: the connection that speaks, the counter, the role, the addressee. */
export function whyNotSay(state: RoomState, entry: SaidEntry): Refusal | "repeated" | undefined {
  const sender = state.seats.get(entry.from);
  if (sender === undefined) return whyNotStranger(state, entry);
  if (!sameEpoch(sender.epoch, entry.epoch)) return refusal("superseded");
  if (!Number.isSafeInteger(entry.n) || entry.n < 1) return refusal("malformed", "n");
  const verdict = sender.mark.judge(entry.n);
  switch (verdict) {
    case "new":
      return mayDo(sender.role, entry.kind) ? whyNotByKind(state, sender, entry) : refusal("forbidden", "role");
    case "applied":
      return "repeated";
    case "skipped":
      return refusal("retry");
    case "too_old":
      return refusal("unknown");
    default:
      return verdict satisfies never;
  }
}

function whyNotStranger(state: RoomState, entry: SaidEntry): Refusal {
  const departed = state.departed.get(entry.from);
  const superseded = departed !== undefined && compareEpochs(departed.epoch, entry.epoch) > 0;
  return refusal(superseded ? "superseded" : "not_a_member");
}

function whyNotByKind(state: RoomState, sender: Member, entry: SaidEntry): Refusal | undefined {
  switch (entry.kind) {
    case "signal":
      return state.seats.get(entry.to) === undefined ? refusal("unknown_peer") : undefined;
    case "data":
      return whyNotShare(state, sender, entry);
    case "settings":
      return whyNotSettle(state, entry.change);
    case "moderate":
      return whyNotModerate(state, sender, entry.action);
    case "profile":
      return whyNotPresent(state, entry.profile);
    case "leave":
    case "broadcast":
      return undefined;
    default:
      return entry satisfies never;
  }
}

export function say(state: RoomState, entry: SaidEntry, at: Position): Effect {
  const why = whyNotSay(state, entry);
  if (why === "repeated") return { type: "repeated" };
  if (why !== undefined) return refusedFor(why);
  const sender = state.seats.get(entry.from);
  if (sender === undefined) return refusedFor(refusal("not_a_member"));
  sender.mark.apply(entry.n);
  switch (entry.kind) {
    case "leave":
      return {
        type: "left",
        member: sender,
        why: entry.lost === true ? "lost" : "left",
        ...sayFarewell(state, sender, at),
      };
    case "signal": {
      const to = state.seats.get(entry.to);
      return to === undefined ? refusedFor(refusal("unknown_peer")) : { type: "signal", from: sender, to };
    }
    case "broadcast":
      return { type: "broadcast", from: sender };
    case "profile":
      sender.profile = keptProfile(state, entry.profile);
      return { type: "profile", member: sender };
    case "data":
      return { type: "data", change: share(state, sender, entry) };
    case "settings":
      settle(state, entry.change);
      return { type: "settings" };
    case "moderate":
      return moderate(state, entry.action, at);
    default:
      return entry satisfies never;
  }
}
