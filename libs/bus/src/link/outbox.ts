// What waits to be said to the server, as the bytes of one write.

import type { Header } from "./nats-link.ts";

/** Bytes of the page, at first and at most while nothing waits. */
const firstPage = 64 * 1024;
const keptPage = 1024 * 1024;
/** Digits of the longest length. */
const mostDigits = 16;
const space = 0x20;

export class Outbox {
  #page = Buffer.allocUnsafeSlow(firstPage);
  #end = 0;

  get empty(): boolean {
    return this.#end === 0;
  }

  /** Subjects and headers are of ASCII. The payload is copied. */
  publish(subject: string, payload: Uint8Array, reply: string | undefined, header: Header | undefined): void {
    const headers = header === undefined ? "" : `NATS/1.0\r\n${header[0]}: ${header[1]}\r\n\r\n`;
    const size = headers.length + payload.length;
    const replyLength = reply === undefined ? 0 : reply.length + 1;
    this.#roomFor(8 + subject.length + replyLength + 2 * mostDigits + size + 4);
    const page = this.#page;
    let at = this.#end;
    at += page.write(header === undefined ? "PUB " : "HPUB ", at, "latin1");
    at += page.write(subject, at, "latin1");
    page[at++] = space;
    if (reply !== undefined) {
      at += page.write(reply, at, "latin1");
      page[at++] = space;
    }
    at += page.write(header === undefined ? `${size}\r\n` : `${headers.length} ${size}\r\n${headers}`, at, "latin1");
    page.set(payload, at);
    at += payload.length;
    page[at++] = 0x0d;
    page[at++] = 0x0a;
    this.#end = at;
  }

  /** A line without its break: SUB, UNSUB, PING, PONG, CONNECT. */
  say(line: string): void {
    this.#roomFor(line.length * 3 + 2);
    this.#end += this.#page.write(`${line}\r\n`, this.#end);
  }

  /**
   * Hands over everything that waits. `written` tells whether the bytes have been taken over when it returns: then the
   * page is used again, else the next one is new.
   */
  send(write: (bytes: Uint8Array) => boolean): void {
    if (this.#end === 0) return;
    const bytes = this.#page.subarray(0, this.#end);
    this.#end = 0;
    if (!write(bytes) || this.#page.length > keptPage) this.#page = Buffer.allocUnsafeSlow(firstPage);
  }

  #roomFor(bytes: number): void {
    const end = this.#end + bytes;
    if (end <= this.#page.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(end, this.#page.length * 2));
    this.#page.copy(larger, 0, 0, this.#end);
    this.#page = larger;
  }
}
