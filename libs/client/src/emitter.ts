// Typed events whose listeners cannot break the loop that feeds them.

export type Listener<Event> = (event: Event) => void;
/** Ends a subscription; calling it again does nothing. */
export type Off = () => void;

export class Emitter<Events extends object> {
  readonly #listeners: { [Type in keyof Events]?: Set<Listener<Events[Type]>> } = {};
  readonly #onThrow: (error: unknown, where: string) => void;

  constructor(onThrow: (error: unknown, where: string) => void) {
    this.#onThrow = onThrow;
  }

  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): Off {
    const known = this.#listeners[type];
    const listeners = known ?? new Set<Listener<Events[Type]>>();
    if (known === undefined) this.#listeners[type] = listeners;
    // A listener of its own per call, so that the same function given twice is heard twice and each `off` ends its own.
    const own: Listener<Events[Type]> = (event) => listener(event);
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }

  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    // A copy: listeners may come and go while they are called.
    for (const listener of [...(this.#listeners[type] ?? [])]) {
      try {
        listener(event);
      } catch (error) {
        this.#onThrow(error, String(type));
      }
    }
  }
}
