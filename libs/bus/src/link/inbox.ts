// One subscription for every answer that this process waits for: each question has a reply subject of its own under it.
import type { Delivery, NatsLink, Subscription } from "./nats-link.ts";

/** The library's promise per request costs twice as much as the request (measured), and most answers are acknowledgements. */
export class Inbox {
  readonly #prefix: string;
  readonly #waiting = new Map<string, (delivery: Delivery) => void>();
  readonly #subscription: Subscription;
  #count = 0;

  constructor(link: NatsLink, prefix: string) {
    this.#prefix = prefix;
    this.#subscription = link.subscribe(`${prefix}>`, (delivery) => this.#waiting.get(delivery.subject)?.(delivery));
  }

  /** The reply subject under which `hear` is told every answer, until `forget`. */
  expect(hear: (delivery: Delivery) => void): string {
    this.#count += 1;
    const reply = `${this.#prefix}${this.#count.toString(36)}`;
    this.#waiting.set(reply, hear);
    return reply;
  }

  forget(reply: string): void {
    this.#waiting.delete(reply);
  }

  get size(): number {
    return this.#waiting.size;
  }

  end(): void {
    this.#waiting.clear();
    this.#subscription.end();
  }
}
