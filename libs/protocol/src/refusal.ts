// Why a command was refused: one table, shared by server and client.

/**
 * Codes are on the wire: never renumbered, never reused. `retry` says that a later attempt may succeed without the
 * client changing anything; a command refused with `retry` gets a new `n`.
 */
export const reasons = {
  malformed: { code: 4400, retry: false, says: "The frame or one of its members does not follow the protocol." },
  unauthorized: { code: 4401, retry: false, says: "The token is missing, wrong or of an unknown issuer." },
  forbidden: { code: 4403, retry: false, says: "The role of the sender does not allow this." },
  not_a_member: { code: 4404, retry: false, says: "The sender is not a member of this room." },
  unknown_peer: { code: 4405, retry: false, says: "The addressee is not a member of this room." },
  unknown_type: { code: 4406, retry: false, says: "There is no command of this type in this protocol version." },
  too_early: { code: 4407, retry: false, says: "The first frame of a connection must be hello or resume." },
  already: {
    code: 4408,
    retry: false,
    says: "The connection has said hello already, or the room is being joined already.",
  },
  superseded: { code: 4409, retry: false, says: "A newer connection speaks for this session." },
  expired: { code: 4410, retry: false, says: "The session or the stay in the room is over: say hello or join again." },
  unknown: { code: 4411, retry: false, says: "The command is too old to know whether it was applied." },
  conflict: { code: 4412, retry: false, says: "The shared value has another version than the command expected." },
  too_large: {
    code: 4413,
    retry: false,
    says: "The frame, a body or a name is larger than the limits told in welcome.",
  },
  banned: { code: 4420, retry: false, says: "A moderator has banned this session or address from the room." },
  locked: { code: 4421, retry: false, says: "The room is locked: a moderator must unlock it first." },
  pin_required: { code: 4422, retry: false, says: "The room wants a PIN." },
  pin_wrong: { code: 4423, retry: false, says: "The PIN is wrong." },
  full: { code: 4424, retry: true, says: "Every seat of the room is taken." },
  too_many_rooms: { code: 4425, retry: false, says: "The session is in as many rooms as it may be." },
  too_many_guesses: { code: 4426, retry: true, says: "Too many wrong PINs: wait before the next attempt." },
  pin_not_needed: { code: 4427, retry: false, says: "The room has no PIN, and the join insisted on the one it gave." },
  retry: {
    code: 4428,
    retry: true,
    says: "The command came out of order and was not applied: send it again with a new n.",
  },
  slow_down: { code: 4429, retry: true, says: "Too much at once: wait retryIn milliseconds." },
  unavailable: {
    code: 4503,
    retry: true,
    says: "The cluster cannot decide now, the outcome is unknown: the same n again later makes it once.",
  },
} as const satisfies Record<string, { readonly code: number; readonly retry: boolean; readonly says: string }>;

export type Reason = keyof typeof reasons;

const byCode: ReadonlyMap<number, Reason> = new Map(
  (Object.keys(reasons) as Reason[]).map((reason) => [reasons[reason].code, reason]),
);

/** The reason behind a code on the wire; undefined for a code of a newer server. */
export function reasonOf(code: number): Reason | undefined {
  return byCode.get(code);
}
