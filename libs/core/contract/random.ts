// What every Random promises.
import { describe, expect } from "vitest";
import type { Random } from "../src/ports/random.ts";
import type { Stage } from "./stage.ts";
import { casesOn } from "./stage.ts";

export interface RandomUnderTest extends Stage {
  readonly random: Random;
}

export function randomContract(name: string, make: () => Promise<RandomUnderTest>): void {
  const on = casesOn(make);

  describe(`Random: ${name}`, () => {
    on("bytes are as many as asked for and never the same twice", async ({ random }) => {
      for (const length of [0, 1, 16, 33]) expect(random.bytes(length).length).toBe(length);
      const drawn = new Set(Array.from({ length: 1000 }, () => random.bytes(16).join(" ")));
      expect(drawn.size).toBe(1000);
    });

    on("bytes drawn before do not change when more are drawn", async ({ random }) => {
      const first = random.bytes(16);
      const kept = [...first];
      for (let i = 0; i < 1000; i += 1) random.bytes(16);
      expect([...first]).toEqual(kept);
    });

    on("every bit is set half of the time", async ({ random }) => {
      const bytes = random.bytes(80_000);
      for (let bit = 0; bit < 8; bit += 1) {
        const set = bytes.reduce((sum, byte) => sum + ((byte >> bit) & 1), 0);
        // Six standard deviations of a fair coin.
        expect(Math.abs(set - 40_000)).toBeLessThan(850);
      }
    });

    on("a fraction lies between 0 and 1, and is spread over all of it", async ({ random }) => {
      const tenths = new Array<number>(10).fill(0);
      for (let i = 0; i < 10_000; i += 1) {
        const fraction = random.fraction();
        expect(fraction >= 0 && fraction < 1).toBe(true);
        const tenth = Math.floor(fraction * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(200);
    });
  });
}
