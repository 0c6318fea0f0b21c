// What a NATS server says, read from the chunks of its socket (the client protocol of NATS, as of server 2.12).
import type { Delivery } from "./nats-link.ts";

/** Bytes of one message, its headers included: no server is set so high, so beyond it the stream of bytes is no protocol. */
const mostMessage = 256 << 20;
/** Bytes of a line: INFO names every server of a large cluster. */
const mostLine = 1 << 20;

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** Called in the order of the bytes, within `take`. */
export interface Hearer {
  message(sid: number, delivery: Delivery): void;
  /** The server's description of itself, as JSON: first thing it says, and again when its cluster changes. */
  info(json: Uint8Array): void;
  /** It wants a PONG. */
  serverPing(): void;
  pong(): void;
  /** What stands between the quotes of -ERR. */
  refusal(says: string): void;
}

/** A message as views into its chunk; subject and reply become strings only where somebody asks. */
class WireMessage implements Delivery {
  readonly bytes: Uint8Array;
  readonly headerEnd: number;
  readonly #chunk: Buffer;
  readonly #subject: number;
  readonly #subjectEnd: number;
  readonly #reply: number;
  readonly #replyEnd: number;

  constructor(chunk: Buffer, line: Line, from: number) {
    this.#chunk = chunk;
    this.#subject = line.subject;
    this.#subjectEnd = line.subjectEnd;
    this.#reply = line.reply;
    this.#replyEnd = line.replyEnd;
    this.headerEnd = line.headers;
    // A plain view: those of Buffers cost more, and their `slice` means something else.
    this.bytes = new Uint8Array(chunk.buffer, chunk.byteOffset + from, line.size);
  }

  get subject(): string {
    return this.#chunk.toString("latin1", this.#subject, this.#subjectEnd);
  }

  get reply(): string {
    return this.#chunk.toString("latin1", this.#reply, this.#replyEnd);
  }
}

/** The parts of a message's first line; one for all lines, since each is used up before the next is read. */
interface Line {
  sid: number;
  subject: number;
  subjectEnd: number;
  reply: number;
  replyEnd: number;
  /** Bytes of headers, and of everything. */
  headers: number;
  size: number;
}

export class ServerWords {
  #hearer: Hearer;
  readonly #line: Line = { sid: 0, subject: 0, subjectEnd: 0, reply: 0, replyEnd: 0, headers: 0, size: 0 };
  /** The beginning of what is not whole yet: in memory for all of it where its length is known, else by itself. */
  #part: Buffer | undefined;
  #filled = 0;
  #over = false;

  constructor(hearer: Hearer) {
    this.#hearer = hearer;
  }

  /** Who hears from now on, the rest of the chunk that is being read included. */
  tell(hearer: Hearer): void {
    this.#hearer = hearer;
  }

  /** Nothing more is told, not even of the chunk that is being read. */
  end(): void {
    this.#over = true;
    this.#part = undefined;
  }

  /** False: these bytes are not the protocol's, and none after them can be understood. */
  take(chunk: Buffer): boolean {
    const part = this.#part;
    if (part === undefined) return this.#read(chunk);
    if (this.#filled === part.length) {
      this.#part = undefined;
      return this.#read(Buffer.concat([part, chunk]));
    }
    // A large message is filled up where it lies, however many chunks it comes in.
    const copied = chunk.copy(part, this.#filled);
    this.#filled += copied;
    if (this.#filled < part.length) return true;
    this.#part = undefined;
    return this.#read(part) && this.#read(chunk.subarray(copied));
  }

  /** Reads what is whole and keeps what is not; false: it is no protocol. */
  #read(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && !this.#over) {
      const next = this.#one(chunk, at);
      if (next < 0) return false;
      if (next === at) {
        this.#keep(chunk, at);
        return true;
      }
      at = next;
    }
    return true;
  }

  /** Reads one thing from `at` and gives where it ended; `at` itself: it is not whole; -1: it is none. */
  #one(chunk: Buffer, at: number): number {
    const first = chunk[at];
    // H and M: nearly everything.
    if (first === 0x48 || first === 0x4d) return this.#message(chunk, at);
    const lineEnd = chunk.indexOf(newline, at);
    if (lineEnd < 0) return chunk.length - at > mostLine ? -1 : at;
    const end = chunk[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
    const word = chunk.toString("latin1", at, Math.min(at + 4, end)).toUpperCase();
    if (word === "PING") this.#hearer.serverPing();
    else if (word === "PONG") this.#hearer.pong();
    else if (word === "INFO") this.#hearer.info(new Uint8Array(chunk.subarray(at + 5, end)));
    else if (word === "-ERR") this.#hearer.refusal(chunk.toString("latin1", at + 5, end).replace(/^'|'$/g, ""));
    else if (word !== "+OK") return -1;
    return lineEnd + 1;
  }

  #message(chunk: Buffer, at: number): number {
    const lineEnd = this.#lineOf(chunk, at);
    if (lineEnd <= 0) return lineEnd < 0 || chunk.length - at > mostLine ? -1 : at;
    const line = this.#line;
    const end = lineEnd + line.size;
    // The message, and the line break behind it.
    if (end + 2 > chunk.length) return at;
    this.#hearer.message(line.sid, new WireMessage(chunk, line, lineEnd));
    return end + 2;
  }

  /** Where the line of a message ends; 0: not here; -1: it is none. */
  #lineOf(chunk: Buffer, at: number): number {
    const headed = chunk[at] === 0x48;
    // `MSG subject sid [reply] size`, `HMSG subject sid [reply] headers size`.
    let from = at + (headed ? 5 : 4);
    const line = this.#line;
    line.subject = from;
    const subjectEnd = wordEnd(chunk, from);
    if (subjectEnd < 0) return 0;
    line.subjectEnd = subjectEnd;
    from = subjectEnd + 1;
    const sidEnd = wordEnd(chunk, from);
    if (sidEnd < 0) return 0;
    line.sid = numberIn(chunk, from, sidEnd);
    from = sidEnd + 1;
    let last = wordEnd(chunk, from);
    if (last < 0) return 0;
    // Two or three further words for a message with headers, one or two for one without: the first is a reply if there is one more.
    let [first, second, third] = [from, -1, -1];
    let [firstEnd, secondEnd] = [last, -1];
    if (chunk[last] === space) {
      second = last + 1;
      last = wordEnd(chunk, second);
      if (last < 0) return 0;
      secondEnd = last;
      if (chunk[last] === space) {
        third = last + 1;
        last = wordEnd(chunk, third);
        if (last < 0) return 0;
      }
    }
    const hasReply = headed ? third >= 0 : second >= 0;
    line.reply = hasReply ? first : 0;
    line.replyEnd = hasReply ? firstEnd : 0;
    if (hasReply) {
      first = second;
      firstEnd = secondEnd;
      second = third;
      secondEnd = last;
    }
    line.headers = headed ? numberIn(chunk, first, firstEnd) : 0;
    line.size = headed ? (second < 0 ? Number.NaN : numberIn(chunk, second, last)) : numberIn(chunk, first, firstEnd);
    const sound = line.size <= mostMessage && line.headers <= line.size && line.sid >= 0;
    if (!sound || chunk[last] !== carriageReturn) return -1;
    // The line break may be cut in two.
    if (last + 1 >= chunk.length) return 0;
    return chunk[last + 1] === newline ? last + 2 : -1;
  }

  #keep(chunk: Buffer, at: number): void {
    const first = chunk[at];
    const lineEnd = first === 0x48 || first === 0x4d ? this.#lineOf(chunk, at) : 0;
    this.#filled = chunk.length - at;
    this.#part = Buffer.allocUnsafe(lineEnd > 0 ? lineEnd - at + this.#line.size + 2 : this.#filled);
    chunk.copy(this.#part, 0, at);
  }
}

/** Where the word ends, by a space or the end of the line; -1: not in this chunk. */
function wordEnd(chunk: Buffer, from: number): number {
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at];
    if (byte === space || byte === carriageReturn || byte === newline) return at;
  }
  return -1;
}

/** NaN for anything but digits. */
function numberIn(chunk: Buffer, from: number, end: number): number {
  if (from >= end) return Number.NaN;
  let value = 0;
  for (let at = from; at < end; at += 1) {
    const digit = (chunk[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
