// What the SDK needs of the place it runs in: sockets, time, chance, storage, page events. All of it can be injected.

/** Time in milliseconds, and something to do later. */
export interface Clock {
  now(): number;
  /** The wall clock in milliseconds, where there is one: it goes on while a machine sleeps, which `now` need not. */
  wall?(): number;
  /** Calls once after `delay` milliseconds; the returned function calls it off. */
  after(delay: number, call: () => void): () => void;
}

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

/** The part of `Storage` (HTML, section 12.2) that the SDK uses. */
export interface SessionStorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What is read of the events of a socket: `data` of a message, `code` and `reason` of a close. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}

/** The part of `WebSocket` (WHATWG WebSockets) that the SDK uses. */
export interface SocketLike {
  binaryType: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: string, listener: (event: SocketEvent) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** Where `online` and `pagehide` are heard. */
export interface PageEvents {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delay, call) {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};

/** The tab's own storage; undefined where there is none or the browser forbids it. */
export function tabStorage(): SessionStorageLike | undefined {
  try {
    return typeof sessionStorage === "undefined" ? undefined : sessionStorage;
  } catch {
    // Browsers throw on the mere look at it where cookies are blocked; a page that cannot resume still works.
    return undefined;
  }
}

/** The platform's own WebSocket. Node has one from version 22 on; before, `ws` fits. */
export function platformSocket(): SocketConstructor {
  if (typeof WebSocket === "undefined") throw new TypeError("There is no WebSocket here: give one as `webSocket`.");
  return WebSocket;
}

export function pageEvents(): PageEvents | undefined {
  return typeof addEventListener === "function" ? globalThis : undefined;
}
