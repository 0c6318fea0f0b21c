// One subject, on whichever connection there is.
import type { Subscription as LibrarySubscription, Msg, NatsConnection } from "@nats-io/transport-node";
import { LibraryMessage } from "./library-message.ts";
import type { Delivery } from "./nats-link.ts";

export class LinkSubscription {
  readonly #subject: string;
  #hear: ((delivery: Delivery) => void) | undefined;
  readonly #failed: (error: unknown) => void;
  #standing: LibrarySubscription | undefined;
  #connection: NatsConnection | undefined;

  /** `failed` hears what the server refuses, and what `hear` throws. */
  constructor(subject: string, hear: (delivery: Delivery) => void, failed: (error: unknown) => void) {
    this.#subject = subject;
    this.#hear = hear;
    this.#failed = failed;
  }

  standOn(connection: NatsConnection): void {
    if (this.#hear === undefined || this.#connection === connection || connection.isClosed()) return;
    this.#connection = connection;
    this.#standing = connection.subscribe(this.#subject, {
      callback: (error: Error | null, message: Msg) => {
        // A connection that was given up may still have something to say.
        if (this.#connection !== connection) return;
        if (error !== null) this.#failed(error);
        else this.#tell(message);
      },
    });
  }

  /** Its connection is gone. */
  fall(): void {
    this.#connection = undefined;
    this.#standing = undefined;
  }

  end(): void {
    this.#hear = undefined;
  }

  leave(): void {
    if (this.#connection?.isClosed() === false) this.#standing?.unsubscribe();
    this.fall();
  }

  /**
   * Whoever hears should not throw. If one does, the library would read nothing more from the connection: every room of
   * this node would fall silent for the fault of one.
   */
  #tell(message: Msg): void {
    try {
      this.#hear?.(new LibraryMessage(message));
    } catch (error) {
      this.#failed(error);
    }
  }
}
