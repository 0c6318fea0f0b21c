// What was said in the room as the person reads it: lines, how far own ones got, what was missed, what is unread.
import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import { whyNot } from "./prompt.ts";
import type { Answer, Gap } from "./sdk.ts";

/** In characters. */
export const longestLine = 2000;
/** Older lines are forgotten, so that a long call does not grow without end. */
const mostLines = 500;

export type Delivery = { readonly state: "sending" | "sent" } | { readonly state: "failed"; readonly why: string };

export interface Said {
  readonly kind: "said";
  readonly id: number;
  readonly name: string;
  readonly mine: boolean;
  readonly text: string;
  readonly at: number;
  readonly delivery: Delivery;
}

export interface Missed {
  readonly kind: "missed";
  readonly id: number;
  readonly at: number;
  /** When the last thing before the gap was heard; undefined: nothing was. */
  readonly since: number | undefined;
  readonly gap: Gap;
}

export type Line = Said | Missed;

export class Chat {
  readonly lines: Signal<readonly Line[]> = signal([]);
  readonly unread = signal(0);
  readonly #send: (body: unknown) => Promise<Answer>;
  readonly #now: () => number;
  #reading = false;
  #lastHeard: number | undefined;
  #ids = 0;

  constructor(send: (body: unknown) => Promise<Answer>, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Whether the person has the chat before their eyes. */
  set reading(reading: boolean) {
    this.#reading = reading;
    if (reading) this.unread.value = 0;
  }

  /** Says something, under the name others know the sender by. Empty and overlong texts are not sent. */
  async say(name: string, typed: string): Promise<void> {
    const text = typed.trim();
    if (text === "" || text.length > longestLine) return;
    const id = this.#nextId();
    this.#add({ kind: "said", id, name, mine: true, text, at: this.#now(), delivery: { state: "sending" } });
    await this.#deliver(id, text);
  }

  async sayAgain(id: number): Promise<void> {
    const line = this.lines.peek().find((one) => one.id === id);
    if (line?.kind !== "said" || line.delivery.state !== "failed") return;
    this.#mark(id, { state: "sending" });
    await this.#deliver(id, line.text);
  }

  /** @returns the text, when the broadcast was a line of chat */
  hear(name: string, body: unknown): string | undefined {
    this.noteActivity();
    const text = chatText(body);
    if (text === undefined) return undefined;
    const delivery: Delivery = { state: "sent" };
    this.#add({ kind: "said", id: this.#nextId(), name, mine: false, text, at: this.#now(), delivery });
    if (!this.#reading) this.unread.value += 1;
    return text;
  }

  /** Anything heard from the room narrows down the time in which something can be missing. */
  noteActivity(): void {
    this.#lastHeard = this.#now();
  }

  miss(gap: Gap): void {
    this.#add({ kind: "missed", id: this.#nextId(), at: this.#now(), since: this.#lastHeard, gap });
    this.noteActivity();
    if (!this.#reading) this.unread.value += 1;
  }

  async #deliver(id: number, text: string): Promise<void> {
    const refusal = await this.#send({ kind: "chat", text });
    this.#mark(id, refusal === undefined ? { state: "sent" } : { state: "failed", why: whyNot(refusal) });
  }

  #mark(id: number, delivery: Delivery): void {
    this.lines.value = this.lines
      .peek()
      .map((line) => (line.id === id && line.kind === "said" ? { ...line, delivery } : line));
  }

  #add(line: Line): void {
    this.lines.value = [...this.lines.peek().slice(1 - mostLines), line];
  }

  #nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }
}

/** Other clients may broadcast whatever they like: only this shape is chat. */
function chatText(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("kind" in body) || !("text" in body)) return undefined;
  if (body.kind !== "chat" || typeof body.text !== "string") return undefined;
  const text = body.text.trim();
  return text === "" ? undefined : text.slice(0, longestLine);
}
