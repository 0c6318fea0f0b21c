// What stands in a room's log: every change of a room is one of these, in one order for all hosts.
import type {
  Body,
  Epoch,
  MemberId,
  ModerateAction,
  NodeId,
  PresenceMode,
  Profile,
  Role,
  RoomType,
  SessionId,
} from "@heliograph/protocol";
import type { RoomCopy } from "./copy.ts";
import type { PinVerifier } from "./pin.ts";

/** Who says it, through which connection, as its how-manieth in this room. */
export interface Said {
  readonly from: MemberId;
  readonly epoch: Epoch;
  /** Counts per session and room, from 1. */
  readonly n: number;
}

/** A proposal to become a member, or to take the stay over with a higher epoch. */
export interface JoinEntry {
  readonly kind: "join";
  readonly from: MemberId;
  readonly epoch: Epoch;
  readonly session: SessionId;
  readonly profile: Profile;
  /** Milliseconds between `away` and `left`: the dialect's. */
  readonly grace: number;
  /** What bans are compared with besides the session: a digest of the address, a user. At most 4, of 64 characters. */
  readonly marks: readonly string[];
  /** Proof of the PIN that the node's replica had; compared with the verifier in force at apply. */
  readonly proof?: string;
  /** Asked for by whoever may grant it (a token's claim); otherwise the rules give one. */
  readonly role?: Role;
  /** Not counted against capacity, PIN and lock: administrators, bots of the house. */
  readonly exempt?: true;
  /** The proposer knew neither a state nor an entry of the room: a log that begins with it tells the whole room. */
  readonly fresh?: true;
  /** What it gives the room if nobody is in it and nothing is left of it. */
  readonly opening?: OpeningEntry;
  /** It came with a PIN, and is refused where none is wanted. */
  readonly exactPin?: true;
}

/** As Opening of the protocol, the PIN already turned into its verifier. */
export interface OpeningEntry {
  readonly pin?: PinVerifier;
  readonly linger?: number;
}

export type SaidEntry =
  /** `lost`: it went with its connection, without a word. The same to the room, not to who is told. */
  | ({ readonly kind: "leave"; readonly lost?: true } & Said)
  | ({ readonly kind: "signal"; readonly to: MemberId; readonly body: Body } & Said)
  | ({ readonly kind: "broadcast"; readonly body: Body } & Said)
  | ({ readonly kind: "profile"; readonly profile: Profile } & Said)
  | ({
      readonly kind: "data";
      readonly key: string;
      /** Absent: removed. */
      readonly value?: Body;
      readonly ifVersion?: number;
      readonly owned: boolean;
    } & Said)
  | ({ readonly kind: "settings"; readonly change: SettingsEntryChange } & Said)
  | ({ readonly kind: "moderate"; readonly action: ModerateAction } & Said);

/** As SettingsChange of the protocol, the PIN already turned into its verifier. */
export interface SettingsEntryChange {
  readonly capacity?: number;
  readonly pin?: PinVerifier | null;
  readonly locked?: boolean;
  readonly type?: RoomType;
  readonly presence?: PresenceMode;
  readonly linger?: number;
}

/** What hosts and keepers say about members. */
export type CareEntry =
  | { readonly kind: "away"; readonly member: MemberId; readonly epoch: Epoch }
  | { readonly kind: "back"; readonly member: MemberId; readonly epoch: Epoch; readonly session: SessionId }
  | { readonly kind: "left"; readonly member: MemberId; readonly epoch: Epoch };

/** What a session is sent outside any room: it stands in the log of the session's personal channel. */
export interface LetterEntry {
  readonly kind: "letter";
  /** The node that wrote it there, as its how-manieth letter to anyone: an append may be doubled. */
  readonly by: NodeId;
  readonly count: number;
  /** Absent: the house. */
  readonly sender?: SessionId;
  readonly body: Body;
}

/** What hosts say about the room itself. */
export type HouseEntry =
  | { readonly kind: "keep"; readonly by: NodeId }
  /** The first one at a sequence wins everywhere. */
  | { readonly kind: "adopt"; readonly by: NodeId; readonly copy: RoomCopy }
  | { readonly kind: "upgrade"; readonly rules: number };

export type Entry = JoinEntry | SaidEntry | CareEntry | LetterEntry | HouseEntry;
export type EntryKind = Entry["kind"];

/**
 * Bytes an entry weighs in a bundle, near enough for caps: bodies count whole, the rest by a flat rate. A large state
 * weighs what it is, so that it goes alone: beside others it might not fit where it does by itself.
 */
export function entryBytes(entry: Entry): number {
  switch (entry.kind) {
    case "signal":
    case "broadcast":
    case "letter":
      return 96 + entry.body.bytes.length;
    case "data":
      return 96 + entry.key.length * 3 + (entry.value?.bytes.length ?? 0);
    case "join":
    case "profile":
      return 256 + profileBytes(entry.profile);
    case "adopt":
      return stateBytes(entry.copy);
    default:
      return 128;
  }
}

function stateBytes({ members, departed, bans, data, effects, idle }: RoomCopy): number {
  let bytes = 1_024 + 320 * members.length + 128 * (departed.length + bans.length);
  bytes += 24 * (effects.length + idle.length);
  for (const { key, value } of data) bytes += 128 + 3 * key.length + value.bytes.length;
  for (const { profile } of members) bytes += profile.own?.bytes.length ?? 0;
  return bytes;
}

function profileBytes({ name, status, picture, own }: Profile): number {
  return 3 * ((name?.length ?? 0) + (status?.length ?? 0) + (picture?.length ?? 0)) + (own?.bytes.length ?? 0);
}
