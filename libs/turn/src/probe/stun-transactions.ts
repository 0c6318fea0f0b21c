// Questions to a STUN server and the answers to them, repeated over UDP until one comes (RFC 8489 section 6.2).

import { randomBytes } from "node:crypto";
import type { ReadStunMessage, StunAttribute } from "./stun-message.ts";
import { readStun, writeStun } from "./stun-message.ts";
import type { Told } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import type { Wire } from "./wire.ts";

/** Milliseconds until the first repetition; each pause is twice the one before. */
const firstPause = 500;

type Build = (transaction: Uint8Array) => readonly StunAttribute[];

export class StunTransactions {
  readonly #wire: Wire;
  readonly #waiting = new Map<string, (answer: Told<ReadStunMessage>) => void>();

  constructor(wire: Wire) {
    this.#wire = wire;
    wire.onFrame((frame) => {
      const message = readStun(frame);
      if (message === undefined || message.kind === "indication" || message.kind === "request") return;
      this.#waiting.get(nameOf(message.transaction))?.(told(message));
    });
  }

  /** Resolves with a success or an error of the server. `until`: on the clock of `performance.now`. */
  ask(method: number, build: Build, key: Uint8Array | undefined, until: number): Promise<Told<ReadStunMessage>> {
    const transaction = newTransaction();
    const frame = writeStun({ kind: "request", method, transaction, attributes: build(transaction) }, key);
    const name = nameOf(transaction);
    return new Promise((resolve) => {
      let repeat: NodeJS.Timeout | undefined;
      let over = false;
      const end = (answer: Told<ReadStunMessage>): void => {
        over = true;
        this.#waiting.delete(name);
        clearTimeout(repeat);
        clearTimeout(late);
        resolve(answer);
      };
      const late = setTimeout(
        () => end(failed({ is: "timeout", while: "asking" })),
        Math.max(1, until - performance.now()),
      );
      const send = (pause: number): void => {
        this.#wire.send(frame);
        if (!this.#wire.reliable && !over) repeat = setTimeout(() => send(pause * 2), pause);
      };
      this.#waiting.set(name, end);
      // It may have ended before anybody asked.
      this.#wire.onEnd((failure) => {
        if (!over) end(failed(failure));
      });
      if (!over) send(firstPause);
    });
  }

  /** Without an answer, and without a signature: an indication has none (RFC 8656 section 11). */
  tell(method: number, build: Build): void {
    const transaction = newTransaction();
    this.#wire.send(writeStun({ kind: "indication", method, transaction, attributes: build(transaction) }));
  }
}

function newTransaction(): Uint8Array {
  return Uint8Array.from(randomBytes(12));
}

function nameOf(transaction: Uint8Array): string {
  return Buffer.from(transaction).toString("hex");
}
