// A room's whole state as plain values: what Redis keeps, what a host answers, what `adopt` carries.
import type {
  Body,
  Epoch,
  MemberId,
  MemberState,
  NodeId,
  Position,
  PresenceMode,
  Profile,
  Role,
  RoomType,
  SessionId,
} from "@heliograph/protocol";
import type { PinVerifier } from "./pin.ts";

/** The highest counter applied, and which of the 64 below it were: bit 0 of `low` is `n - 1`, bit 31 of `high` `n - 64`. */
export interface MarkCopy {
  readonly n: number;
  readonly low: number;
  readonly high: number;
}

export interface MemberCopy {
  readonly id: MemberId;
  readonly session: SessionId;
  readonly profile: Profile;
  readonly role: Role;
  readonly state: MemberState;
  /** Log time of the last change of `state`. */
  readonly since: number;
  readonly grace: number;
  readonly epoch: Epoch;
  readonly mark: MarkCopy;
  /** Of the join that began this stay. */
  readonly joined: Position;
  readonly marks: readonly string[];
}

/** Someone who left, remembered for the log's life so that late entries are judged rightly. */
export interface DepartedCopy {
  readonly id: MemberId;
  readonly epoch: Epoch;
  readonly mark: MarkCopy;
  /** Log time. */
  readonly left: number;
}

export interface DataCopy {
  readonly key: string;
  readonly version: number;
  readonly value: Body;
  readonly owner?: MemberId;
}

/** The last letter of a node that counted. */
export interface LettersCopy {
  readonly by: NodeId;
  readonly count: number;
}

export interface SettingsCopy {
  readonly capacity: number;
  readonly pin: PinVerifier | null;
  readonly locked: boolean;
  readonly type: RoomType;
  readonly presence: PresenceMode;
  /** Milliseconds of log time that an ad-hoc room outlives its last member; absent: none. Never 0. */
  readonly linger?: number;
}

/** The last `adopt` that this state took over: what stood before it cannot be told any more. */
export interface AdoptionCopy {
  readonly at: Position;
  /** The state came from an earlier life of the log. */
  readonly reborn: boolean;
}

export interface RoomCopy {
  /** Everything up to and including this position is in the copy. */
  readonly at: Position;
  readonly rules: number;
  readonly adopted: AdoptionCopy | null;
  readonly settings: SettingsCopy;
  /** Oldest first; each as `bans.ts` writes it. */
  readonly bans: readonly string[];
  /** In order of their joins. */
  readonly members: readonly MemberCopy[];
  /** In the order in which they left. */
  readonly departed: readonly DepartedCopy[];
  /** In order of their versions. */
  readonly data: readonly DataCopy[];
  /** The last version given to any key: one counter for all, so that a key removed and set again never repeats one. */
  readonly versions: number;
  /** Log time at which the last member left; present while the room lingers. */
  readonly emptied?: number;
  /** Of the last 64 nodes whose letters counted, the latest last; absent: there were none. */
  readonly letters?: readonly LettersCopy[];
  /** The last 64 entries that had an effect, oldest first. */
  readonly effects: readonly Position[];
  /** Entries of the log's life that had none, oldest first. */
  readonly idle: readonly Position[];
}
