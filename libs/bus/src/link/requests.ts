// Questions to servers and other processes, each with an end in bounded time.
import type { Clock, Timer } from "@heliograph/core";
import { readStatus } from "../stream/stored-headers.ts";
import type { Inbox } from "./inbox.ts";
import type { Delivery, NatsLink } from "./nats-link.ts";

/** What the server says when nobody listens on a subject. */
const noResponders = 503;

/** Takes each answer; true: it was the last one. */
export type AnswerReader = (answer: Delivery, status: number) => boolean;

/** `nobody` listens there; `silent`: for too long nothing came; `down`: the link is, or went while we waited. */
export type AskOutcome = "answered" | "nobody" | "silent" | "down";

export class Requests {
  readonly #link: NatsLink;
  readonly #inbox: Inbox;
  readonly #clock: Clock;
  readonly #open = new Set<() => void>();

  constructor(link: NatsLink, inbox: Inbox, clock: Clock) {
    this.#link = link;
    this.#inbox = inbox;
    this.#clock = clock;
    link.onState((state) => {
      if (state === "down") this.giveUp();
    });
  }

  /** Resolves when `read` has taken the last answer, or none came for `patience` milliseconds. Rejects never. */
  ask(subject: string, payload: Uint8Array, patience: number, read: AnswerReader): Promise<AskOutcome> {
    if (this.#link.state === "down") return Promise.resolve("down");
    return new Promise((resolve) => {
      let heard = 0;
      const over = (outcome: AskOutcome): void => {
        timer.cancel();
        this.#open.delete(lost);
        this.#inbox.forget(reply);
        resolve(outcome);
      };
      const lost = (): void => over("down");
      // One look for each patience, not a timer for each of a thousand answers.
      const look = (before: number): Timer =>
        this.#clock.after(patience, () => {
          if (heard === before) over("silent");
          else timer = look(heard);
        });
      let timer = look(heard);
      const reply = this.#inbox.expect((answer) => {
        heard += 1;
        const status = readStatus(answer.bytes, answer.headerEnd);
        if (status === noResponders) over("nobody");
        else if (read(answer, status)) over("answered");
      });
      this.#open.add(lost);
      this.#link.publish(subject, payload, reply);
    });
  }

  giveUp(): void {
    for (const lost of [...this.#open]) lost();
  }
}
