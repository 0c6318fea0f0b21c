// Plays what others send: on the chosen speaker, and again after a gesture where the browser held sound back.
import type { Signal } from "@preact/signals";
import { effect, signal } from "@preact/signals";

export class Playback {
  /** The browser refuses sound until the person has touched the page. */
  readonly blocked = signal(false);
  readonly #speaker: Signal<string>;
  readonly #playing = new Set<HTMLMediaElement>();

  constructor(speaker: Signal<string>) {
    this.#speaker = speaker;
    effect(() => {
      const sink = speaker.value;
      for (const element of this.#playing) void route(element, sink);
    });
  }

  /** @returns ends the playing */
  play(element: HTMLMediaElement, stream: MediaStream): () => void {
    this.#playing.add(element);
    element.srcObject = stream;
    void route(element, this.#speaker.peek());
    void this.#begin(element);
    return () => {
      this.#playing.delete(element);
      element.srcObject = null;
    };
  }

  /** To be called from a gesture. */
  unblock(): void {
    this.blocked.value = false;
    for (const element of this.#playing) void this.#begin(element);
  }

  async #begin(element: HTMLMediaElement): Promise<void> {
    try {
      await element.play();
    } catch (error) {
      // AbortError: another stream took its place meanwhile, and is played by its own call.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.blocked.value = true;
    }
  }
}

async function route(element: HTMLMediaElement, sink: string): Promise<void> {
  // Not every browser lets pages choose speakers.
  if (!("setSinkId" in element) || element.sinkId === sink) return;
  try {
    await element.setSinkId(sink);
  } catch (error) {
    // The remembered speaker is gone: the usual one plays on.
    if (!(error instanceof DOMException)) throw error;
  }
}
