// Profiles as they are kept: with what the member's own dialect says, where the rules know of that.
import type { Profile } from "@heliograph/protocol";
import { ownBytes } from "@heliograph/protocol";
import type { Refusal } from "./refusal.ts";
import { refusal } from "./refusal.ts";
import type { RoomState } from "./state.ts";

/** The rules from which on it is kept: an older build would have none of it in its state. */
const ownFrom = 2;

export function whyNotPresent(state: RoomState, { own }: Profile): Refusal | undefined {
  const tooLarge = own !== undefined && state.rules >= ownFrom && own.bytes.length > ownBytes;
  return tooLarge ? refusal("too_large", "own") : undefined;
}

/** The entry's bytes may lie in a buffer of the wire. */
export function keptProfile(state: RoomState, profile: Profile): Profile {
  const { own, ...plain } = profile;
  if (own === undefined) return profile;
  return state.rules < ownFrom ? plain : { ...plain, own: { codec: own.codec, bytes: new Uint8Array(own.bytes) } };
}
