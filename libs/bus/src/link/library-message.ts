// The raw bytes of a message, from the private parts of the library that holds them; pinned by its version and by tests.
import type { Msg } from "@nats-io/transport-node";
import type { Delivery } from "./nats-link.ts";

/** The library's own way to headers decodes all of them into a map, 3 us a message (measured); we need three numbers. */
export class LibraryMessage implements Delivery {
  readonly bytes: Uint8Array;
  readonly headerEnd: number;
  readonly #message: Msg;

  constructor(message: Msg) {
    this.#message = message;
    const raw: unknown = "_rdata" in message ? message._rdata : undefined;
    const parts: unknown = "_msg" in message ? message._msg : undefined;
    const end = hasHeaderEnd(parts) ? parts.hdr : -1;
    const bytes = raw instanceof Uint8Array ? raw : message.data;
    // The socket's chunks are Buffers, whose views cost more and whose `slice` means something else.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.headerEnd = raw instanceof Uint8Array && end > 0 ? end : 0;
  }

  get subject(): string {
    return this.#message.subject;
  }

  get reply(): string {
    return this.#message.reply ?? "";
  }
}

function hasHeaderEnd(parts: unknown): parts is { readonly hdr: number } {
  return typeof parts === "object" && parts !== null && "hdr" in parts && typeof parts.hdr === "number";
}
