// What each client sent, was answered and heard, in the order of time: all that the checker is given.
import type { Gap, MemberId, Position, Reason, RoomName } from "@heliograph/protocol";

/** What one event of a room said, as far as any two clients must agree on it. */
export type Fact =
  /** `id` names the command that said it; no two commands share one. */
  | {
      readonly type: "said";
      readonly id: string;
      readonly attempt: number;
      readonly from: MemberId;
      readonly to?: MemberId;
    }
  | { readonly type: "joined" | "back" | "updated" | "away" | "left"; readonly member: MemberId; readonly text: string }
  | { readonly type: "gone"; readonly member: MemberId; readonly by: MemberId; readonly text: string }
  | { readonly type: "changed"; readonly by: MemberId; readonly text: string };

interface About {
  /** Milliseconds of virtual time. */
  readonly at: number;
  /** The session that sent or heard it, by its member id. */
  readonly who: MemberId;
  readonly room: RoomName;
}

/** The room as the client shows it after this line: who is in it, how it is set, and what is shared. */
export interface Shown {
  /** Everyone with role, state and name. */
  readonly people: string;
  readonly members: readonly { readonly id: MemberId; readonly state: "present" | "away" }[];
  readonly text: string;
}

export type Line = About &
  (
    | {
        readonly what: "sent";
        readonly id: string;
        readonly kind: string;
        readonly to?: MemberId;
        /** The newest position that the client knew when it first sent this. */
        readonly known: Position;
      }
    | { readonly what: "answered"; readonly id: string; readonly outcome: "applied"; readonly by: Position }
    | { readonly what: "answered"; readonly id: string; readonly outcome: "refused"; readonly reason: Reason }
    /** Refused for now, and sent again later. */
    | { readonly what: "again"; readonly id: string }
    /** The client was told that the outcome is unknown, or lost its memory of having asked. */
    | { readonly what: "answered"; readonly id: string; readonly outcome: "unknown" }
    | { readonly what: "heard"; readonly fact: Fact; readonly position: Position; readonly attempt: number }
    /** Volatile: at most once, without a place. */
    | { readonly what: "whispered"; readonly fact: Extract<Fact, { type: "said" }>; readonly attempt: number }
    /** Everything up to the position has been heard, by the node's word. */
    | { readonly what: "as of"; readonly position: Position }
    | { readonly what: "joined"; readonly position: Position; readonly again: boolean; readonly shown: Shown }
    | {
        readonly what: "resumed";
        readonly position: Position;
        /** What the client named. */
        readonly from: Position;
        readonly shown: Shown | undefined;
      }
    | {
        readonly what: "gap";
        readonly gap: Gap;
        readonly position: Position;
        /** How long the client had heard nothing of the room, in milliseconds. */
        readonly silent: number;
        readonly shown: Shown;
      }
    /** `silent`: milliseconds since anything was heard of the room. */
    | { readonly what: "ended"; readonly why: string; readonly silent: number }
    /** Nothing more is going to come: the conversation is over, and this client is still in the room. */
    | { readonly what: "stays"; readonly shown: Shown; readonly unanswered: readonly string[] }
  );

type Body<L> = L extends Line ? Omit<L, keyof About> : never;

/** A line as its client says it: when, by whom and where is added. */
export type Said = Body<Line>;

/** Across the lives of a log: the time never goes back, sequences do. */
export function order(a: Position, b: Position): number {
  return a.time - b.time || a.seq - b.seq || a.index - b.index;
}

export function place({ seq, index, time }: Position): string {
  return `${seq}.${index}@${time}`;
}
