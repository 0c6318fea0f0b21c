// A host's whole state in place of everybody's, after an alarm or a reborn log.
import type { Position } from "@heliograph/protocol";
import { comparePositions } from "@heliograph/protocol";
import type { DataCopy, MemberCopy, RoomCopy } from "./copy.ts";
import { compareInTime } from "./positions.ts";
import { RoomState } from "./state.ts";

/**
 * One alarm may bring several: a copy from before the last adoption knows nothing of it and comes too late.
 * Compared by time first, since a copy of an earlier life of the log may stand at any sequence.
 */
export function isOvertaken(state: RoomState, copy: RoomCopy): boolean {
  const { adopted } = state.memory;
  return adopted !== null && compareInTime(copy.at, adopted.at) < 0;
}

/** Made from the copy and its place alone, so that hosts which differed before agree afterwards. */
export function adoptedState(copy: RoomCopy, at: Position): RoomState {
  const reborn = comparePositions(copy.at, at) >= 0;
  const data = copy.data.map(ownDatum);
  const members = copy.members.map(ownMember);
  return new RoomState({ ...copy, at, data, members, effects: [at], idle: [], adopted: { at, reborn } });
}

function ownMember(member: MemberCopy): MemberCopy {
  const { own } = member.profile;
  if (own === undefined) return member;
  return { ...member, profile: { ...member.profile, own: { codec: own.codec, bytes: new Uint8Array(own.bytes) } } };
}

/** The entry's bytes may lie in a buffer of the wire. */
function ownDatum(datum: DataCopy): DataCopy {
  return { ...datum, value: { codec: datum.value.codec, bytes: new Uint8Array(datum.value.bytes) } };
}
