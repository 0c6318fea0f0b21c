// What nobody caught: told as a fault, and whether the process goes on.
import type { EventEmitter } from "node:events";
import type { Observer } from "@heliograph/core";

/**
 * A rejection that nobody handled goes on: what had to happen afterwards did not, for one room or one client, and
 * everything else is as it was. A node that ended for it could be ended by whoever finds out how, and its clients would
 * take the same to the next node. An exception is another matter: it broke a call off in the middle, of a socket or a
 * timer, and what that left half done nobody knows. So the process ends, but in good order: it drains, clients resume
 * elsewhere, and whoever supervises it starts it anew.
 */
export class Uncaught {
  readonly #process: Pick<EventEmitter, "on" | "off">;
  readonly #observer: Observer;
  #break: (() => void) | undefined;
  /** Resolves when the process should end. */
  readonly broken: Promise<void>;

  constructor(process: Pick<EventEmitter, "on" | "off">, observer: Observer) {
    this.#process = process;
    this.#observer = observer;
    this.broken = new Promise((resolve) => {
      this.#break = resolve;
    });
    process.on("unhandledRejection", this.#rejected);
    process.on("uncaughtException", this.#thrown);
  }

  close(): void {
    this.#process.off("unhandledRejection", this.#rejected);
    this.#process.off("uncaughtException", this.#thrown);
  }

  readonly #rejected = (error: unknown): void => {
    this.#observer.observe({ type: "fault", where: "a promise that nobody handled", error });
  };

  readonly #thrown = (error: unknown): void => {
    this.#observer.observe({ type: "fault", where: "an exception that nobody caught", error });
    this.#break?.();
  };
}
