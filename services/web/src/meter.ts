// Listens to sound tracks and tells how loud they are, all with one audio context.
import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import type { Clock, Stop } from "./clock.ts";
import { levelOf, settled } from "./level.ts";

/** Ten readings a second look alive and cost nothing that can be measured. */
const rate = 100;

export interface Meters {
  /** @param hear is given a level from 0 to 1, again and again */
  listen(track: MediaStreamTrack, hear: (level: number) => void): Stop;
  /** Browsers hold sound back until the person has touched the page. */
  wake(): void;
}

export class PageMeters implements Meters {
  readonly #clock: Clock;
  #context: AudioContext | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(track: MediaStreamTrack, hear: (level: number) => void): Stop {
    if (typeof AudioContext === "undefined") return () => undefined;
    this.#context ??= new AudioContext();
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    const analyser = new AnalyserNode(this.#context, { fftSize: 512 });
    source.connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    let level = 0;
    const stop = this.#clock.every(rate, () => {
      analyser.getByteTimeDomainData(samples);
      const next = settled(level, levelOf(samples));
      if (next !== level) hear(next);
      level = next;
    });
    return () => {
      stop();
      source.disconnect();
    };
  }

  wake(): void {
    if (this.#context?.state !== "suspended") return;
    // Refused without a gesture: the meter stays flat until the next one.
    this.#context.resume().catch(() => undefined);
  }
}

/** A level that follows whatever track it is pointed at. */
export class Level {
  readonly value: Signal<number> = signal(0);
  readonly #meters: Meters;
  #track: MediaStreamTrack | undefined;
  #stop: Stop | undefined;

  constructor(meters: Meters) {
    this.#meters = meters;
  }

  follow(track: MediaStreamTrack | undefined): void {
    if (track === this.#track) return;
    this.#stop?.();
    this.#track = track;
    this.value.value = 0;
    this.#stop = track === undefined ? undefined : this.#meters.listen(track, (level) => (this.value.value = level));
  }
}
