// The codes of Error documents (section 1.6), and which one stands for each refusal of the cluster.
import type { Reason } from "@heliograph/protocol";

export type SpreedErrorCode =
  | "bad_request"
  | "unknown"
  | "default_room_disabled"
  | "room_join_requires_account"
  | "authorization_required"
  | "authorization_not_required"
  | "invalid_credentials"
  | "not_in_room"
  | "already_authenticated"
  | "invalid_session_token"
  | "contacts_not_enabled"
  | "bad_attestation"
  | "no_such_session";

/** What has no word in the dialect is `unknown`; its message tells our word. */
const codes: Readonly<Record<Reason, SpreedErrorCode>> = {
  malformed: "bad_request",
  unauthorized: "invalid_session_token",
  forbidden: "unknown",
  not_a_member: "not_in_room",
  unknown_peer: "no_such_session",
  unknown_type: "bad_request",
  too_early: "bad_request",
  already: "bad_request",
  superseded: "unknown",
  expired: "not_in_room",
  unknown: "unknown",
  conflict: "unknown",
  too_large: "bad_request",
  banned: "unknown",
  locked: "unknown",
  pin_required: "authorization_required",
  pin_wrong: "invalid_credentials",
  full: "unknown",
  too_many_rooms: "unknown",
  // The web client asks for the PIN again: by the time a person has typed it, it may be tried.
  too_many_guesses: "invalid_credentials",
  pin_not_needed: "authorization_not_required",
  retry: "unknown",
  slow_down: "unknown",
  unavailable: "unknown",
};

export function errorCodeOf(reason: Reason): SpreedErrorCode {
  return codes[reason];
}
