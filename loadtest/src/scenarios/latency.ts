// From a client on one node to a client on another: how long a durable message is under way at a given rate.
import { passed } from "../passed.ts";
import { numbered, Peer } from "../peer.ts";
import type { Target } from "../target.ts";
import { pace } from "./pace.ts";

export interface LatencyOptions {
  readonly pairs: number;
  /** Messages per second, one rate after the other. */
  readonly rates: readonly number[];
  readonly bytes: number;
  /** Milliseconds at the warm rate before the first rate, and that each rate is measured. */
  readonly warmUp: number;
  readonly measured: number;
  progress(rate: number): void;
}

/** Milliseconds. */
export interface LatencyResult {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Said while it was measured and not heard within two seconds after it. */
  readonly unheard: number;
  /** Of the time that passed, how much the bench's own loop was busy: near 1 it measures itself. */
  readonly busy: number;
}

/** Messages per second before anything is measured: at a low rate it would take minutes until the compiler has seen enough. */
const warmRate = 8_000;
/** Milliseconds after which what was said at the rate before is over. */
const settling = 500;
/** Milliseconds for which a message that was said is waited for. */
const patience = 2_000;

/** As many numbers as a text's head can hold; far more than can be under way. */
const numbers = 100_000;

/**
 * Rooms of two, one member on each of the first two nodes; the first speaks. The same rooms serve every rate: what is
 * measured is a service in its stride, not one whose memory still grows.
 */
export async function latency(target: Target, options: LatencyOptions): Promise<LatencyResult[]> {
  const { pairs, rates, bytes, warmUp, measured, progress } = options;
  const stage = await Stage.open(target, pairs, bytes);
  const warming = pace(warmRate, () => stage.say());
  await passed(warmUp);
  warming();
  const results: LatencyResult[] = [];
  for (const rate of rates) {
    progress(rate);
    const stop = pace(rate, () => stage.say());
    await passed(settling);
    const [began, loop] = [performance.now(), performance.eventLoopUtilization()];
    stage.measure();
    await passed(measured);
    const said = stage.measured();
    const [lasted, busy] = [performance.now() - began, performance.eventLoopUtilization(loop).utilization];
    stop();
    await passed(patience);
    const times = stage.times.sort((a, b) => a - b);
    const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN;
    results.push({
      p50: at(0.5),
      p99: at(0.99),
      perSecond: (said / lasted) * 1_000,
      unheard: said - times.length,
      busy,
    });
  }
  stage.close();
  return results;
}

/** Who speaks and who hears, and when what was said. */
class Stage {
  /** Milliseconds, of what was said while it was measured. */
  times: number[] = [];
  readonly #speakers: Peer[] = [];
  readonly #hearers: Peer[] = [];
  readonly #sentAt = new Float64Array(numbers);
  readonly #bytes: number;
  #number = 0;
  #measuring = false;
  #said = 0;

  private constructor(bytes: number) {
    this.#bytes = bytes;
  }

  static async open(target: Target, pairs: number, bytes: number): Promise<Stage> {
    const [here = 0, there = 0] = target.ports;
    const stage = new Stage(bytes);
    for (let i = 0; i < pairs; i += 1) {
      stage.#speakers.push(await Peer.open(target.kind, here, roomOf(i), 2 * i));
      const hearer = await Peer.open(target.kind, there, roomOf(i), 2 * i + 1);
      hearer.onBody(bytes, (number) => stage.#heard(number));
      stage.#hearers.push(hearer);
    }
    return stage;
  }

  say(): void {
    this.#number = (this.#number + 1) % numbers;
    this.#sentAt[this.#number] = this.#measuring ? performance.now() : -1;
    if (this.#measuring) this.#said += 1;
    const pair = this.#number % this.#speakers.length;
    const body = numbered(this.#number, this.#bytes);
    this.#speakers[pair]?.signal(roomOf(pair), this.#hearers[pair]?.name ?? "", body);
  }

  measure(): void {
    this.times = [];
    this.#said = 0;
    this.#measuring = true;
  }

  /** How many were said meanwhile. */
  measured(): number {
    this.#measuring = false;
    return this.#said;
  }

  close(): void {
    for (const peer of [...this.#speakers, ...this.#hearers]) peer.close();
  }

  #heard(number: number): void {
    const at = this.#sentAt[number] ?? 0;
    // Negative: said before the measurement began.
    if (at > 0) this.times.push(performance.now() - at);
  }
}

function roomOf(pair: number): string {
  return `pair${pair}`;
}
