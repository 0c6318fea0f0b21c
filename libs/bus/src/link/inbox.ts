// One subscription for every answer that this process waits for: each question has a reply subject of its own under it.
import { lastNumber, UnderWay } from "../under-way.ts";
import type { Delivery, NatsLink, Subscription } from "./nats-link.ts";

/** Numbers in reply subjects are short so. */
const base = 36;

/** The library's promise per request costs twice as much as the request (measured), and most answers are acknowledgements. */
export class Inbox {
  readonly #prefix: string;
  readonly #waiting = new UnderWay<(delivery: Delivery) => void>();
  readonly #subscription: Subscription;

  constructor(link: NatsLink, prefix: string) {
    this.#prefix = prefix;
    this.#subscription = link.subscribe(`${prefix}>`, (delivery) => {
      this.#waiting.get(this.#numberOf(delivery.subject))?.(delivery);
    });
  }

  /** The reply subject under which `hear` is told every answer, until `forget`. */
  expect(hear: (delivery: Delivery) => void): string {
    const number = this.#waiting.next();
    this.#waiting.set(number, hear);
    return `${this.#prefix}${number.toString(base)}`;
  }

  forget(reply: string): void {
    this.#waiting.delete(this.#numberOf(reply));
  }

  /** 0, which nobody has, for a subject that is not one of ours. */
  #numberOf(reply: string): number {
    const number = Number.parseInt(reply.slice(this.#prefix.length), base);
    return number <= lastNumber ? number : 0;
  }

  get size(): number {
    return this.#waiting.size;
  }

  end(): void {
    this.#waiting.clear();
    this.#subscription.end();
  }
}
