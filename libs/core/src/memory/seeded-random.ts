// Chance that replays from a seed: for simulations and tests, never for production, since anyone can foretell it.
import type { Random } from "../ports/random.ts";

export class SeededRandom implements Random {
  /** State of xoshiro128**: four words, never all zero. */
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    // A Weyl sequence through a mixer, so that neighbouring seeds share nothing.
    let word = seed >>> 0;
    const next = (): number => {
      word = (word + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next() | 1;
  }

  /** 32 random bits. */
  word(): number {
    const result = Math.imul(rotated(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotated(this.#d, 11);
    return result;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i += 1) bytes[i] = this.word() & 0xff;
    return bytes;
  }

  fraction(): number {
    return this.word() / 0x1_0000_0000;
  }
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
