// Handlers that write down what they were called with, and let a test wait for it.
import type { Socket, SocketHandlers, UpgradeAnswer, UpgradeRequest } from "../src/socket/listener.ts";

export type Happening =
  | { readonly type: "opened"; readonly socket: Socket; readonly context: string }
  | { readonly type: "message"; readonly socket: Socket; readonly text: string; readonly binary: boolean }
  | { readonly type: "drained"; readonly socket: Socket }
  | { readonly type: "ponged"; readonly socket: Socket }
  | { readonly type: "closed"; readonly socket: Socket; readonly code: number; readonly reason: string };

type Named<T extends Happening["type"]> = Extract<Happening, { type: T }>;

export class Recorder implements SocketHandlers<string> {
  readonly happenings: Happening[] = [];
  /** What a test puts here happens inside the handler. */
  onUpgrade: (request: UpgradeRequest) => UpgradeAnswer<string> = () => ({ accept: true, context: "context" });
  onOpened: (socket: Socket) => void = () => undefined;
  onMessage: (socket: Socket, bytes: Uint8Array, binary: boolean) => void = () => undefined;
  onDrained: (socket: Socket) => void = () => undefined;
  onPonged: (socket: Socket) => void = () => undefined;
  onClosed: (socket: Socket) => void = () => undefined;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  upgrade(request: UpgradeRequest): UpgradeAnswer<string> {
    return this.onUpgrade(request);
  }

  opened(socket: Socket, context: string): void {
    this.#note({ type: "opened", socket, context });
    this.onOpened(socket);
  }

  message(socket: Socket, _context: string, bytes: Uint8Array, binary: boolean): void {
    this.#note({ type: "message", socket, text: Buffer.from(bytes).toString("latin1"), binary });
    this.onMessage(socket, bytes, binary);
  }

  drained(socket: Socket): void {
    this.#note({ type: "drained", socket });
    this.onDrained(socket);
  }

  ponged(socket: Socket): void {
    this.#note({ type: "ponged", socket });
    this.onPonged(socket);
  }

  closed(socket: Socket, _context: string, code: number, reason: string): void {
    this.#note({ type: "closed", socket, code, reason });
    this.onClosed(socket);
  }

  count(type: Happening["type"]): number {
    return this.happenings.filter((one) => one.type === type).length;
  }

  /** The next one of this type; those between are skipped. */
  async next<T extends Happening["type"]>(type: T): Promise<Named<T>> {
    return this.until(() => {
      while (this.#taken < this.happenings.length) {
        const one = this.happenings[this.#taken++];
        if (one !== undefined && isNamed(one, type)) return one;
      }
      return undefined;
    });
  }

  /** Asks `ready` now and after every call of a handler. */
  async until<T>(ready: () => T | undefined): Promise<T> {
    for (;;) {
      const result = ready();
      if (result !== undefined) return result;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #note(happening: Happening): void {
    this.happenings.push(happening);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function isNamed<T extends Happening["type"]>(happening: Happening, type: T): happening is Named<T> {
  return happening.type === type;
}
