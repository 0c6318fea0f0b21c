// What must hold for every frame on every connection, whatever a case is about.

import { reasonOf, reasons } from "@heliograph/protocol";
import type { ServerFrame } from "@heliograph/protocol/schema";
import { checkServerFrame } from "@heliograph/protocol/validators";
import { told } from "./like.ts";

export type Inspected =
  | { readonly ok: true; readonly frame: ServerFrame }
  /** Of a type that we do not know: a newer server may send it. */
  | { readonly ok: true; readonly frame: undefined }
  | { readonly ok: false; readonly why: string };

export class Invariants {
  /** Room and position of every durable frame that told something: one entry, one frame. */
  readonly #heard = new Set<string>();
  /** Rooms that may speak to this client: joined or resumed, and not left. */
  readonly #over = new Set<string>();

  inspect(value: unknown): Inspected {
    const checked = checkServerFrame(value);
    if (!checked.ok) {
      if (checked.reason === "unknown_type") return { ok: true, frame: undefined };
      return { ok: false, why: `a frame against its schema at ${checked.detail ?? "?"}: ${told(value)}` };
    }
    const why = this.#fault(checked.value);
    return why === undefined ? { ok: true, frame: checked.value } : { ok: false, why: `${why}: ${told(value)}` };
  }

  #fault(frame: ServerFrame): string | undefined {
    switch (frame.type) {
      case "refused":
        return faultOfCode(frame.code, frame.reason) ?? faultOfRetry(frame.reason, frame.retry);
      case "resumed":
        return frame.verdict === "expired" ? faultOfCode(frame.code, frame.reason) : undefined;
      case "ack":
        return this.#faultOfSilence(frame.room);
      case "joined":
        // A new stay.
        this.#over.delete(frame.room);
        return undefined;
      case "member":
        if (frame.change === "count") return this.#faultOfSilence(frame.room);
        return this.#faultOfPlace(frame.room, frame.position) ?? this.#faultOfSilence(frame.room);
      case "signal":
      case "broadcast":
      case "data":
      case "room":
      case "moderated":
        return this.#faultOfPlace(frame.room, frame.position) ?? this.#faultOfSilence(frame.room);
      default:
        return undefined;
    }
  }

  /** The stay in the room has ended in the client's sight: nothing may come from it any more. */
  left(room: string): void {
    this.#over.add(room);
  }

  #faultOfPlace(room: string, position: string | undefined): string | undefined {
    if (position === undefined) return undefined;
    const place = `${position} ${room}`;
    if (this.#heard.has(place)) return "a second frame of one entry";
    this.#heard.add(place);
    return undefined;
  }

  #faultOfSilence(room: string): string | undefined {
    return this.#over.has(room) ? "a frame of a room that was left" : undefined;
  }
}

function faultOfCode(code: number, reason: string): string | undefined {
  const known = reasonOf(code);
  return known === reason ? undefined : `the code ${code} is not that of ${reason}`;
}

function faultOfRetry(reason: keyof typeof reasons, retry: boolean): string | undefined {
  return reasons[reason].retry === retry ? undefined : `retry is wrong for ${reason}`;
}
