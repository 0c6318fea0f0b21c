// Envelopes as frames, bodies as bytes and back, and the attestations that go with what is relayed: one for each node.
import type { Codec, PlainObject, PlainValue } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import type { Envelope, Sender, SessionEntry } from "@heliograph/dialects/spreed";
import type { Body, CodecName, SessionId } from "@heliograph/protocol";
import { parseSessionId } from "@heliograph/protocol";
import type { Attestations } from "./attestations.ts";
import { Attestation } from "./attestations.ts";
import { joinedEntries, type ListedEntry, type Listing } from "./listed-entry.ts";

/** Senders whose attestations are kept at hand; beyond it the one asked for longest ago is made again. */
const mostKept = 4_096;

export interface VoiceParts {
  /** With the limits of this door's frames. */
  readonly frames: Codec;
  /** For bodies out of the log, by codec: what one node let in, every node reads. */
  readonly bodies: ReadonlyMap<CodecName, Codec>;
  readonly attestations: Attestations;
  readonly clock: Clock;
}

export class Voice {
  readonly #parts: VoiceParts;
  readonly #kept = new Map<string, Attestation>();

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  get now(): number {
    return this.#parts.clock.now();
  }

  /** Undefined: no JSON within the limits. */
  read(bytes: Uint8Array): { readonly value: unknown } | undefined {
    const decoded = this.#parts.frames.decode(bytes);
    return decoded.ok ? { value: decoded.value } : undefined;
  }

  frame(envelope: Envelope): Uint8Array {
    return this.#encode(envelope);
  }

  /** An entry of a list of sessions, to be kept: memory of its own. */
  entry(entry: SessionEntry): Uint8Array {
    return this.#encode(entry).slice();
  }

  /** The envelope of a document with a list, whose entries have been encoded before. */
  listing(envelope: Envelope, { Users: _none, ...document }: Listing, entries: readonly ListedEntry[]): Uint8Array {
    const { frames } = this.#parts;
    const { Data: _empty, ...head } = envelope;
    // As below: plain values.
    const data = frames.splice(document as PlainObject, "Users", joinedEntries(entries));
    return frames.splice(head as PlainObject, "Data", data);
  }

  /** @param value plain values only */
  body(value: unknown): Body {
    return { codec: "json", bytes: this.#encode(value) };
  }

  /** Undefined: no codec here can read it. */
  open(body: Body): unknown {
    const decoded = this.#parts.bodies.get(body.codec)?.decode(body.bytes);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** Whoever is no session of ours has nothing that could be redeemed. */
  sender(id: string): Sender {
    const session = parseSessionId(id);
    return { id, attestation: session.ok ? this.#attest(session.value) : "" };
  }

  #attest(session: SessionId): string {
    const { attestations, clock } = this.#parts;
    const kept = this.#kept.get(session) ?? new Attestation(attestations, session);
    this.#kept.delete(session);
    this.#kept.set(session, kept);
    if (this.#kept.size > mostKept) for (const oldest of this.#kept.keys()) if (this.#kept.delete(oldest)) break;
    return kept.at(clock.now());
  }

  #encode(value: unknown): Uint8Array {
    // Documents are made of plain values by the dialect's promise; their types cannot say so.
    return this.#parts.frames.encode(value as PlainValue);
  }
}
