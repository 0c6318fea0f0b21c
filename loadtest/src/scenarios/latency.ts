// From a client on one node to a client on another: how long a durable message is under way at a given rate.
import { passed } from "../passed.ts";
import { numbered, Peer } from "../peer.ts";
import type { Target } from "../target.ts";
import { pace } from "./pace.ts";

export interface LatencyOptions {
  readonly pairs: number;
  readonly perSecond: number;
  readonly bytes: number;
  readonly warmUp: number;
  readonly measured: number;
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

/** Messages per second before a lower rate is measured: at a low one it would take minutes until the compiler has seen enough. */
const warmRate = 8_000;
/** Milliseconds after which what was said at the warm rate is over. */
const settling = 500;

/** As many numbers as a text's head can hold; far more than can be under way. */
const numbers = 100_000;

/** Rooms of two, one member on each of the first two nodes; the first speaks. */
export async function latency(target: Target, options: LatencyOptions, name: string): Promise<LatencyResult> {
  const [here = 0, there = 0] = target.ports;
  const speakers: Peer[] = [];
  const hearers: Peer[] = [];
  const sentAt = new Float64Array(numbers);
  const times: number[] = [];
  let measuring = false;
  let [said, heardOfSaid] = [0, 0];
  for (let i = 0; i < options.pairs; i += 1) {
    const room = `${name}${i}`;
    speakers.push(await Peer.open(target.kind, here, room, 2 * i));
    const hearer = await Peer.open(target.kind, there, room, 2 * i + 1);
    hearer.onBody(options.bytes, (number) => {
      const at = sentAt[number] ?? 0;
      // Negative: said before the measurement began.
      if (at <= 0) return;
      times.push(performance.now() - at);
      heardOfSaid += 1;
    });
    hearers.push(hearer);
  }
  let number = 0;
  const say = (): void => {
    number = (number + 1) % numbers;
    sentAt[number] = measuring ? performance.now() : -1;
    if (measuring) said += 1;
    const pair = number % options.pairs;
    speakers[pair]?.signal(`${name}${pair}`, hearers[pair]?.name ?? "", numbered(number, options.bytes));
  };
  const warming = pace(Math.max(options.perSecond, warmRate), say);
  await passed(options.warmUp);
  warming();
  const stop = pace(options.perSecond, say);
  await passed(settling);
  measuring = true;
  const [began, loop] = [performance.now(), performance.eventLoopUtilization()];
  await passed(options.measured);
  measuring = false;
  const [lasted, busy] = [performance.now() - began, performance.eventLoopUtilization(loop).utilization];
  stop();
  await passed(2_000);
  for (const peer of [...speakers, ...hearers]) peer.close();
  times.sort((a, b) => a - b);
  return {
    p50: times[Math.floor(times.length * 0.5)] ?? Number.NaN,
    p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN,
    perSecond: (said / lasted) * 1_000,
    unheard: said - heardOfSaid,
    busy,
  };
}
