// What members said, one behind the other in a block of bytes: thousands of them are few objects to the garbage collector.
import type { Body, CodecName, MemberId, Position, RoomName } from "@heliograph/protocol";
import type { Told } from "./told.ts";

/** A signal or broadcast that was applied: all that can be packed. */
export type ToldSaid = Told & {
  readonly event: Extract<Told["event"], { readonly type: "signal" | "broadcast" }>;
};

/** Where the parts of a record stand: its length with all of these, flags, position, counter, weight; then the body. */
const at = { length: 0, flags: 4, seq: 5, time: 13, index: 21, n: 25, weight: 33, body: 37 } as const;
const broadcast = 1;
const msgpack = 2;

/** Whether nothing of it is lost in a block: the rest of what a room is told is rare. */
export function isSaid(told: Told): told is ToldSaid {
  const { event, audience, author, answer, detail } = told;
  if (event === undefined || (event.type !== "signal" && event.type !== "broadcast")) return false;
  if (answer !== "ack" || detail !== undefined || author !== event.from || event.position !== told.position)
    return false;
  return event.type === "signal" ? audience !== "all" && audience !== "others" : audience === "others";
}

/** Bytes that it takes in a block. */
export function packedBytes({ event }: ToldSaid): number {
  return at.body + event.body.bytes.length;
}

/** Oldest first. Bodies are given out as copies, since a block is used again when it is empty. */
export class SaidBlock {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Two for each record: who said it, and to whom. Strings that members and sessions hold as well. */
  readonly #names: MemberId[] = [];
  #start = 0;
  #end = 0;
  #firstName = 0;
  #endName = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  get empty(): boolean {
    return this.#start === this.#end;
  }

  /** Begins anew where nothing is left. */
  reuse(): void {
    this.#start = 0;
    this.#end = 0;
    this.#firstName = 0;
    this.#endName = 0;
  }

  /** False: it does not fit. */
  add(told: ToldSaid): boolean {
    const { event, position, audience, n } = told;
    const { bytes, codec } = event.body;
    const start = this.#end;
    const end = start + at.body + bytes.length;
    if (end > this.#bytes.length) return false;
    const view = this.#view;
    view.setUint32(start + at.length, end - start);
    view.setUint8(start + at.flags, (event.type === "broadcast" ? broadcast : 0) | (codec === "msgpack" ? msgpack : 0));
    view.setFloat64(start + at.seq, position.seq);
    view.setFloat64(start + at.time, position.time);
    view.setUint32(start + at.index, position.index);
    view.setFloat64(start + at.n, n);
    view.setUint32(start + at.weight, told.bytes);
    this.#bytes.set(bytes, start + at.body);
    this.#names[this.#endName] = event.from;
    const toOne = event.type === "signal" && audience !== "all" && audience !== "others";
    this.#names[this.#endName + 1] = toOne ? audience : event.from;
    this.#endName += 2;
    this.#end = end;
    return true;
  }

  // Of the oldest that is left: defined only while the block is not empty.

  get oldestTime(): number {
    return this.#view.getFloat64(this.#start + at.time);
  }

  get oldestWeight(): number {
    return this.#view.getUint32(this.#start + at.weight);
  }

  get oldestPosition(): Position {
    return this.#positionAt(this.#start);
  }

  dropOldest(): void {
    this.#start += this.#view.getUint32(this.#start + at.length);
    this.#firstName += 2;
  }

  /** To be read at once: before anything else is added. */
  *told(room: RoomName): Generator<Told> {
    const end = this.#end;
    let name = this.#firstName;
    for (let start = this.#start; start < end; ) {
      const length = this.#view.getUint32(start + at.length);
      const from = this.#names[name];
      const to = this.#names[name + 1];
      if (from !== undefined && to !== undefined) yield this.#toldAt(start, length, room, from, to);
      start += length;
      name += 2;
    }
  }

  #toldAt(start: number, length: number, room: RoomName, from: MemberId, to: MemberId): Told {
    const view = this.#view;
    const flags = view.getUint8(start + at.flags);
    const codec: CodecName = (flags & msgpack) === 0 ? "json" : "msgpack";
    const body: Body = { codec, bytes: this.#bytes.slice(start + at.body, start + length) };
    const position = this.#positionAt(start);
    const type = (flags & broadcast) === 0 ? "signal" : "broadcast";
    return {
      position,
      bytes: view.getUint32(start + at.weight),
      event: { type, room, from, body, position },
      audience: type === "signal" ? to : "others",
      author: from,
      n: view.getFloat64(start + at.n),
      answer: "ack",
      detail: undefined,
    };
  }

  #positionAt(start: number): Position {
    const view = this.#view;
    return {
      seq: view.getFloat64(start + at.seq),
      index: view.getUint32(start + at.index),
      time: view.getFloat64(start + at.time),
    };
  }
}
