// Asking someone to talk, and being asked: rings and their answers, over the signals of a room.
import type { SignalBody } from "@heliograph/protocol/schema";
import type { Clock, Random } from "./surroundings.ts";

/** Milliseconds that a ring waits for its answer. */
const patience = 30_000;

export type RingAnswer = "accepted" | "declined" | "busy" | "timeout";
export type RingBody = Extract<SignalBody, { kind: "ring" | "accept" | "decline" | "busy" | "hangup" }>;

export interface RingMedia {
  readonly audio?: boolean;
  readonly video?: boolean;
}

/** A ring of ours. */
export interface Ringing {
  readonly id: string;
  readonly to: string;
  /** Never rejects: a member that cannot be reached is a `timeout`. */
  readonly answered: Promise<RingAnswer>;
  /** Takes the ring back. */
  cancel(): void;
}

/** A ring of someone else; the first answer counts. */
export interface IncomingRing {
  readonly id: string;
  readonly from: string;
  readonly media: RingMedia;
  accept(): void;
  decline(why?: string): void;
  busy(): void;
}

export interface RingReply {
  readonly from: string;
  readonly call: string;
  readonly why?: string;
}

export interface RingerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: (to: string, body: RingBody) => Promise<void>;
  readonly ring: (ring: IncomingRing) => void;
  readonly reply: (kind: "accept" | "decline" | "busy" | "hangup", reply: RingReply) => void;
}

const answers = { accept: "accepted", decline: "declined", busy: "busy" } as const;

export class Ringer {
  readonly #parts: RingerParts;
  readonly #ringing = new Map<string, { readonly to: string; readonly answer: (answer: RingAnswer) => void }>();

  constructor(parts: RingerParts) {
    this.#parts = parts;
  }

  ring(to: string, media: RingMedia = {}): Ringing {
    const id = this.#newId();
    let answer: (answer: RingAnswer) => void = () => undefined;
    const answered = new Promise<RingAnswer>((resolve) => {
      answer = resolve;
    });
    const giveUp = () => {
      if (!this.#ringing.has(id)) return;
      settle("timeout");
      void this.#parts.signal(to, { kind: "hangup", call: id });
    };
    const stopTimer = this.#parts.clock.after(patience, giveUp);
    const settle = (what: RingAnswer) => {
      stopTimer();
      this.#ringing.delete(id);
      answer(what);
    };
    this.#ringing.set(id, { to, answer: settle });
    this.#parts.signal(to, { kind: "ring", call: id, media }).catch(() => settle("timeout"));
    return { id, to, answered, cancel: giveUp };
  }

  receive(from: string, body: RingBody): void {
    if (body.kind === "ring") {
      this.#parts.ring(this.#incoming(from, body.call, body.media ?? {}));
      return;
    }
    const ringing = this.#ringing.get(body.call);
    // Only the one who was asked may answer.
    if (ringing?.to === from && body.kind !== "hangup") ringing.answer(answers[body.kind]);
    this.#parts.reply(body.kind, { from, call: body.call, ...(body.why === undefined ? {} : { why: body.why }) });
  }

  close(): void {
    for (const { answer } of [...this.#ringing.values()]) answer("timeout");
  }

  #incoming(from: string, id: string, media: RingMedia): IncomingRing {
    let answered = false;
    const reply = (kind: "accept" | "decline" | "busy", why?: string) => {
      if (answered) return;
      answered = true;
      void this.#parts.signal(from, { kind, call: id, ...(why === undefined ? {} : { why }) });
    };
    return {
      id,
      from,
      media,
      accept: () => reply("accept"),
      decline: (why) => reply("decline", why),
      busy: () => reply("busy"),
    };
  }

  #newId(): string {
    const part = () => this.#parts.random().toString(36).slice(2, 12);
    return `${part()}${part()}` || "call";
  }
}
