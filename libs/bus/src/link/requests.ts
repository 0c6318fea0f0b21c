// Questions to servers and other processes, each with an end in bounded time.
import type { Clock } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { readStatus } from "../stream/stored-headers.ts";
import type { Inbox } from "./inbox.ts";
import type { Delivery, NatsLink } from "./nats-link.ts";

/** What the server says when nobody listens on a subject. */
const noResponders = 503;

/** Takes each answer; true: it was the last one. */
export type AnswerReader = (answer: Delivery, status: number) => boolean;

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

  /**
   * Resolves when `read` has taken the last answer. Rejects with `Unreachable` when the link is or goes down, when
   * nobody listens, and when nothing came for `patience` milliseconds.
   */
  ask(subject: string, payload: Uint8Array, patience: number, read: AnswerReader): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#link.state === "down") {
        reject(new Unreachable("the link to NATS is down"));
        return;
      }
      const over = (error?: Unreachable): void => {
        timer.cancel();
        this.#open.delete(lost);
        this.#inbox.forget(reply);
        if (error === undefined) resolve();
        else reject(error);
      };
      const silent = (): void => over(new Unreachable(`no answer to ${subject}`));
      const lost = (): void => over(new Unreachable("the link to NATS went down"));
      let timer = this.#clock.after(patience, silent);
      const reply = this.#inbox.expect((answer) => {
        const status = readStatus(answer.bytes, answer.headerEnd);
        if (status === noResponders) over(new Unreachable(`nobody answers ${subject}`));
        else if (read(answer, status)) over();
        else {
          timer.cancel();
          timer = this.#clock.after(patience, silent);
        }
      });
      this.#open.add(lost);
      this.#link.publish(subject, payload, reply);
    });
  }

  giveUp(): void {
    for (const lost of [...this.#open]) lost();
  }
}
