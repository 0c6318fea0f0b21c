// How a case ends when it does not pass.

/** The server did something else than the protocol says; the message tells what was seen. */
export class Fault extends Error {}

/** The case cannot be tried against this server; the message tells why. */
export class NotApplicable extends Error {}

/** Nothing could be tried at all; the message tells what to do about it. */
export class CannotConnect extends Error {}
