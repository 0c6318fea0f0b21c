// Volatile messages between the nodes of a cluster in memory.
import type { RoomKey } from "@heliograph/protocol";
import type { Whisper, WhisperMessage, WhisperReach } from "../ports/whisper.ts";
import type { MemoryLink } from "./link.ts";

interface Listener {
  readonly link: MemoryLink;
  /** Undefined once it wants to hear no more: what is under way to it is dropped. */
  hear: ((message: WhisperMessage) => void) | undefined;
}

/** What the nodes' whispers share. */
export class WhisperHub {
  /** Lists are replaced, never changed: a listener may come or go while others hear. */
  readonly #listeners = new Map<RoomKey, readonly Listener[]>();
  #said: { readonly room: RoomKey; readonly message: WhisperMessage }[] = [];
  readonly #tell = (): void => this.#tellSaid();

  /** Heard in a microtask: never inside the call. */
  say(room: RoomKey, message: WhisperMessage): void {
    if (this.#said.push({ room, message }) === 1) void Promise.resolve().then(this.#tell);
  }

  listen(room: RoomKey, listener: Listener): void {
    this.#listeners.set(room, [...(this.#listeners.get(room) ?? []), listener]);
  }

  unlisten(room: RoomKey, listener: Listener): void {
    const left = (this.#listeners.get(room) ?? []).filter((other) => other !== listener);
    if (left.length === 0) this.#listeners.delete(room);
    else this.#listeners.set(room, left);
  }

  #tellSaid(): void {
    const said = this.#said;
    this.#said = [];
    for (const { room, message } of said) {
      for (const listener of this.#listeners.get(room) ?? []) {
        if (listener.link.plain) listener.hear?.(message);
        else listener.link.passOrLose(() => listener.hear?.(message));
      }
    }
  }
}

export class MemoryWhisper implements Whisper {
  readonly #hub: WhisperHub;
  readonly #link: MemoryLink;

  constructor(hub: WhisperHub, link: MemoryLink) {
    this.#hub = hub;
    this.#link = link;
  }

  /** All nodes are in one memory: there is no network to spare. */
  send(room: RoomKey, message: WhisperMessage, _reach: WhisperReach): void {
    if (this.#link.plain) this.#hub.say(room, message);
    else this.#link.passOrLose(() => this.#hub.say(room, message));
  }

  follow(room: RoomKey, hear: (message: WhisperMessage) => void): () => void {
    const listener: Listener = { link: this.#link, hear };
    this.#hub.listen(room, listener);
    return () => {
      listener.hear = undefined;
      this.#hub.unlisten(room, listener);
    };
  }
}
