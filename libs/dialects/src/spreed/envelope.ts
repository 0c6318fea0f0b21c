// Envelopes around documents: which of From, To, Iid and A are there says who is told (sections 1.5 and 2.17).
import type { ConferenceDocument, Told } from "./told.ts";

/** Keys in the order of the wire. */
export interface Envelope {
  readonly Data: Told;
  readonly From?: string;
  readonly To?: string;
  readonly Iid?: string;
  readonly A?: string;
}

/** Whose word it is, with the attestation that proves it. */
export interface Sender {
  readonly id: string;
  readonly attestation: string;
}

/** Answers a request, or tells of the session's own affairs unasked: never of others. */
export function reply(data: Told, self: string, iid = ""): Envelope {
  return { Data: data, From: self, ...(iid === "" ? {} : { Iid: iid }) };
}

/**
 * To all other members of a room, and a hard Left to subscribers outside it: the same for every reader, so that one
 * encoding serves them all.
 */
export function broadcast(data: Told, sender: Sender): Envelope {
  return { Data: data, From: sender.id, A: sender.attestation };
}

/** To one session. */
export function unicast(data: Told, sender: Sender, to: string): Envelope {
  return { Data: data, From: sender.id, To: to, A: sender.attestation };
}

/** A chat's echo and its receipt: the sender's own word to itself. */
export function echo(data: Told, sender: Sender): Envelope {
  return unicast(data, sender, sender.id);
}

/** The server's own list of a conference room, to all members, the actor too: the same for every reader. */
export function conference(data: ConferenceDocument): Envelope {
  return { Data: data, To: data.Id };
}
