// Core's Whisper over core NATS: no store, no acknowledgement, and no network between sessions of one node.
import type { Codec } from "@heliograph/codec";
import type { Whisper, WhisperMessage, WhisperReach } from "@heliograph/core";
import type { RoomKey } from "@heliograph/protocol";
import { parseMemberId } from "@heliograph/protocol";
import type { Delivery, NatsLink, Subscription } from "./link/nats-link.ts";
import { subjectsOf } from "./stream/subjects.ts";
import { Fields } from "./wire/fields.ts";
import { codecNames, epochFields, positionFields, readEpoch, readPosition } from "./wire/vocabulary.ts";

type Hear = (message: WhisperMessage) => void;

interface Room {
  readonly subscription: Subscription;
  /** Replaced, never changed: a listener may come or go while others hear. */
  listeners: readonly Hear[];
}

/** Length of the head before it, and the body behind it. */
const lengthBytes = 2;

export class NatsWhisper implements Whisper {
  readonly #link: NatsLink;
  readonly #codec: Codec;
  readonly #shards: number;
  readonly #rooms = new Map<RoomKey, Room>();
  #said: { readonly room: RoomKey; readonly message: WhisperMessage }[] = [];

  constructor(link: NatsLink, codec: Codec, shards: number) {
    this.#link = link;
    this.#codec = codec;
    this.#shards = shards;
  }

  /** The connection asks for no echo, so what this node says reaches its own followers here, and only here. */
  send(room: RoomKey, message: WhisperMessage, reach: WhisperReach): void {
    if (reach === "everywhere") {
      const subjects = subjectsOf(room, this.#shards);
      if (subjects === undefined) return;
      this.#link.publish(subjects.whisper, writeWhisper(this.#codec, message));
    }
    if (!this.#rooms.has(room)) return;
    if (this.#said.push({ room, message }) === 1) void Promise.resolve().then(this.#tellSaid);
  }

  follow(room: RoomKey, hear: Hear): () => void {
    // Its own function, so that the same one given twice is heard twice and taken back once.
    const listener: Hear = (message) => hear(message);
    const there = this.#rooms.get(room);
    if (there === undefined) this.#rooms.set(room, { subscription: this.#listen(room), listeners: [listener] });
    else there.listeners = [...there.listeners, listener];
    return () => this.#leave(room, listener);
  }

  close(): void {
    for (const { subscription } of this.#rooms.values()) subscription.end();
    this.#rooms.clear();
  }

  get size(): number {
    return this.#rooms.size;
  }

  #listen(room: RoomKey): Subscription {
    const subjects = subjectsOf(room, this.#shards);
    if (subjects === undefined) return { end: () => undefined };
    return this.#link.subscribe(subjects.whisper, ({ bytes, headerEnd }: Delivery) => {
      const message = readWhisper(this.#codec, bytes.subarray(headerEnd));
      if (message !== undefined) this.#tell(room, message);
    });
  }

  #leave(room: RoomKey, listener: Hear): void {
    const there = this.#rooms.get(room);
    if (there === undefined) return;
    there.listeners = there.listeners.filter((other) => other !== listener);
    if (there.listeners.length > 0) return;
    there.subscription.end();
    this.#rooms.delete(room);
  }

  readonly #tellSaid = (): void => {
    const said = this.#said;
    this.#said = [];
    for (const { room, message } of said) this.#tell(room, message);
  };

  #tell(room: RoomKey, message: WhisperMessage): void {
    const there = this.#rooms.get(room);
    if (there === undefined) return;
    for (const hear of there.listeners) if (there.listeners.includes(hear)) hear(message);
  }
}

export function writeWhisper(codec: Codec, { from, epoch, to, body, asOf }: WhisperMessage): Uint8Array {
  const head = codec.encode([from, epochFields(epoch), to ?? null, body.codec, positionFields(asOf)]);
  const bytes = new Uint8Array(lengthBytes + head.length + body.bytes.length);
  new DataView(bytes.buffer).setUint16(0, head.length);
  bytes.set(head, lengthBytes);
  bytes.set(body.bytes, lengthBytes + head.length);
  return bytes;
}

/** Undefined for what is none: it is lost, as any whisper may be. */
export function readWhisper(codec: Codec, bytes: Uint8Array): WhisperMessage | undefined {
  const headEnd = lengthBytes + (((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0));
  if (headEnd > bytes.length) return undefined;
  const head = codec.decode(bytes.subarray(lengthBytes, headEnd));
  const fields = new Fields(head.ok ? head.value : null);
  const from = fields.by(parseMemberId);
  const epoch = readEpoch(fields.next());
  const addressee = fields.next();
  const name = fields.oneOf(codecNames);
  const asOf = readPosition(fields.next());
  if (!fields.sound || from === undefined || epoch === undefined || name === undefined || asOf === undefined) {
    return undefined;
  }
  const body = { codec: name, bytes: bytes.subarray(headEnd) };
  if (addressee === null) return { from, epoch, body, asOf };
  const to = parseMemberId(addressee);
  return to.ok ? { from, epoch, to: to.value, body, asOf } : undefined;
}
