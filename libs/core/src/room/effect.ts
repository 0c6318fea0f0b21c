// What one entry did to a room. Everything that a node tells its clients follows from the entry and its effect.
import type { Body, Epoch, MemberId, Reason } from "@heliograph/protocol";
import type { Member } from "./member.ts";

export type Effect =
  /** Nothing changed and nobody hears: late `away`, early `left`, `keep` heard again. */
  | { readonly type: "none" }
  /** A kind of a newer version: skipped and counted. */
  | { readonly type: "unknown_kind" }
  /** The author hears why; the room is as before. */
  | { readonly type: "refused"; readonly reason: Reason; readonly detail?: string }
  /** This `n` was applied before: the author gets the ack as before, nobody else hears. */
  | { readonly type: "repeated" }
  | { readonly type: "joined"; readonly member: Member }
  /** A join or back of the epoch that speaks already: the same answer again. */
  | { readonly type: "answered_again"; readonly member: Member }
  /**
   * A higher epoch took over, by `join` or `back`. `was`: the epoch that no longer speaks; `fromAway`: peers hear `back`;
   * `since`: log time at which it came into the state that it had before.
   */
  | {
      readonly type: "back";
      readonly member: Member;
      readonly was: Epoch;
      readonly fromAway: boolean;
      readonly since: number;
    }
  | { readonly type: "away"; readonly member: Member }
  | ({ readonly type: "left"; readonly member: Member; readonly why: "left" | "lost" } & Farewell)
  | { readonly type: "profile"; readonly member: Member }
  | { readonly type: "signal"; readonly from: Member; readonly to: Member }
  | { readonly type: "broadcast"; readonly from: Member }
  | { readonly type: "letter"; readonly to: Member }
  | { readonly type: "data"; readonly change: DataChange }
  | { readonly type: "settings" }
  /** `farewell` is there when the target was a member and is none any more (remove, ban). */
  | { readonly type: "moderated"; readonly target: Member | undefined; readonly farewell?: Farewell }
  | { readonly type: "kept" }
  | { readonly type: "adopted" }
  | { readonly type: "upgraded" };

/** What else a leaving changes. */
export interface Farewell {
  /** Became moderator because the last one left. */
  readonly successor?: Member;
  /** Owned values that went with their owner; versions go on counting. */
  readonly removed: readonly DataChange[];
  /** The room was ad hoc, does not linger, and this was its last member: settings, data and bans are as new. */
  readonly emptied: boolean;
}

export interface DataChange {
  readonly key: string;
  readonly version: number;
  readonly value?: Body;
  readonly owner?: MemberId;
}
