// A client's place in one room: its counter there, and what it may expect of a command.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Client, Pattern } from "./client.ts";
import { anything } from "./like.ts";

export class Seat {
  readonly client: Client;
  readonly room: string;
  #n: number;

  /** `mark`: as `joined` or `resumed` told it. */
  constructor(client: Client, room: string, mark = 0) {
    this.client = client;
    this.room = room;
    this.#n = mark;
  }

  get id(): string {
    return this.client.id;
  }

  /** The counter of the last command. */
  get n(): number {
    return this.#n;
  }

  /** The command with its room and the next n, which is returned. */
  send(frame: PlainObject): number {
    this.#n += 1;
    this.client.send({ ...frame, n: this.#n, room: this.room });
    return this.#n;
  }

  /** Sends, and expects the ack and, where the author hears its own change, the echo; nothing else. */
  async done(frame: PlainObject, echo?: Pattern): Promise<void> {
    const n = this.send(frame);
    const ack = { type: "ack", room: this.room, n };
    await this.client.expectAll(echo === undefined ? [ack] : [{ room: this.room, ...echo }, ack]);
  }

  async refused(frame: PlainObject, reason: string): Promise<void> {
    const n = this.send(frame);
    await this.client.expect("refused", { n, room: this.room, reason });
  }

  async broadcast(body: PlainValue): Promise<void> {
    await this.done({ type: "broadcast", body });
  }

  async settle(set: PlainObject): Promise<void> {
    await this.done({ type: "room", set }, { type: "room", by: this.id });
  }

  /** Leaves; nothing may come from the room afterwards. */
  async leave(): Promise<void> {
    const n = this.send({ type: "leave" });
    await this.client.expect("ack", { n, room: this.room });
    this.client.left(this.room);
  }

  /** Hears the other say so next. */
  async hears(from: Seat, body: unknown): Promise<void> {
    await this.client.expect("broadcast", { room: this.room, from: from.id, body, position: anything });
  }
}

/**
 * A barrier across nodes: what the others hear next is this, so whatever came before it in the room's order has either
 * been heard or will never be.
 */
export async function barrier(from: Seat, ...others: readonly Seat[]): Promise<void> {
  const body = { barrier: from.n + 1 };
  await from.broadcast(body);
  for (const other of others) await other.hears(from, body);
}
