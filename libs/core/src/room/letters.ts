// What is sent to a session outside any room: it counts where the addressee is, and once.
import type { SessionId } from "@heliograph/protocol";
import { memberOfSession } from "@heliograph/protocol";
import type { LettersCopy } from "./copy.ts";
import type { Effect } from "./effect.ts";
import type { LetterEntry } from "./entry.ts";
import type { RoomState } from "./state.ts";

/** The rules from which on letters have an effect: those of an older build skip them. */
export const lettersFrom = 2;

/** Writers whose last letter is remembered: more nodes than these write to one session within no retry's time. */
const remembered = 64;

const nothing: Effect = { type: "none" };

/** `owner`: whose personal channel the room is. */
export function deliver(state: RoomState, entry: LetterEntry, owner: SessionId | undefined): Effect {
  if (owner === undefined || state.rules < lettersFrom) return nothing;
  const to = state.seats.get(memberOfSession(owner));
  if (to === undefined || isDoubled(state.letters, entry)) return nothing;
  const { by, count } = entry;
  state.letters = [...state.letters.filter((other) => other.by !== by), { by, count }].slice(-remembered);
  return { type: "letter", to };
}

/** A node has one append of letters to a session in flight, and counts them: whatever comes late was there before. */
function isDoubled(letters: readonly LettersCopy[], { by, count }: LetterEntry): boolean {
  return letters.some((last) => last.by === by && last.count >= count);
}
