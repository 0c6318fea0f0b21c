// From a refused join to what the person is told and can do about it.
import type { Refusal } from "./sdk.ts";

export type Prompt =
  | { readonly kind: "pin"; readonly says: string; readonly wrong: boolean }
  | {
      readonly kind: "turned-away";
      readonly title: string;
      readonly says: string;
      /** Whether another attempt may bring another answer. */
      readonly again: boolean;
      /** Milliseconds before that attempt makes sense. */
      readonly wait: number;
    };

export function promptFor(refusal: Refusal, room: string): Prompt {
  const wait = refusal.retryIn ?? 0;
  switch (refusal.reason) {
    case "pin_required":
      return { kind: "pin", wrong: false, says: `“${room}” is protected. Ask whoever invited you for its PIN.` };
    case "pin_wrong":
      return { kind: "pin", wrong: true, says: "That PIN is not right. Check it and try again." };
    case "too_many_guesses":
      return away("Too many wrong PINs", "The room takes no PIN from you for a while.", true, Math.max(wait, 1000));
    case "full":
      return away("The room is full", "Every seat is taken. You can try again when somebody has left.", true, wait);
    case "locked":
      return away(
        "The room is locked",
        "A host has closed the door. Ask them to unlock the room, then try again.",
        true,
        wait,
      );
    case "banned":
      return away("You cannot join this room", "A host has removed you and does not let you back in.", false, 0);
    case "unavailable":
    case "slow_down":
    case "retry":
      return away(
        "The room cannot be reached",
        "The service is busy or cut off just now. It usually heals by itself.",
        true,
        wait,
      );
    case "unauthorized":
    case "forbidden":
      return away(
        "You are not allowed to join",
        "This service wants a permission that this page does not have.",
        false,
        0,
      );
    case "too_many_rooms":
      return away("You are in too many rooms", "Leave another room first, then try again.", true, wait);
    case "unreachable":
      return away("No connection", "The service does not answer. Check your connection, then try again.", true, wait);
    default:
      return away("Joining did not work", `The service refused: ${refusal.reason}.`, true, wait);
  }
}

function away(title: string, says: string, again: boolean, wait: number): Prompt {
  return { kind: "turned-away", title, says, again, wait };
}

/** Why something asked of the room inside a call was not done, in half a sentence. */
export function whyNot(refusal: Refusal): string {
  switch (refusal.reason) {
    case "forbidden":
      return "only a host may do that";
    case "unknown_peer":
      return "they have left";
    case "slow_down":
      return "too much at once, wait a moment";
    case "unavailable":
    case "retry":
      return "the service cannot decide just now";
    case "too_large":
      return "it is too long";
    case "expired":
    case "not_a_member":
      return "you are no longer in the room";
    default:
      return refusal.reason.replaceAll("_", " ");
  }
}
