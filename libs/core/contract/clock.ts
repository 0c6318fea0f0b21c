// What every Clock promises.
import { describe, expect } from "vitest";
import type { Clock } from "../src/ports/clock.ts";
import type { Stage } from "./stage.ts";
import { casesOn } from "./stage.ts";

export interface ClockUnderTest extends Stage {
  readonly clock: Clock;
}

export function clockContract(name: string, make: () => Promise<ClockUnderTest>): void {
  const on = casesOn(make);

  describe(`Clock: ${name}`, () => {
    on("a timer calls once, and not before its time", async (stage) => {
      const began = stage.clock.now();
      const calls: number[] = [];
      stage.clock.after(20, () => calls.push(stage.clock.now() - began));
      let later = false;
      stage.clock.after(60, () => {
        later = true;
      });
      expect(calls).toEqual([]);
      await stage.until(() => later);
      expect(calls.length).toBe(1);
      // Timers and the time of day may be two clocks of the machine: a millisecond between them is none too early.
      expect(calls[0]).toBeGreaterThanOrEqual(19);
    });

    on("a cancelled timer never calls, and cancelling late does no harm", async (stage) => {
      const called: string[] = [];
      const cancelled = stage.clock.after(5, () => called.push("cancelled"));
      const fired = stage.clock.after(10, () => called.push("fired"));
      cancelled.cancel();
      await stage.until(() => called.length > 0);
      fired.cancel();
      cancelled.cancel();
      expect(called).toEqual(["fired"]);
    });

    on("timers call in the order of their times", async (stage) => {
      const called: number[] = [];
      for (const ms of [30, 10, 20]) stage.clock.after(ms, () => called.push(ms));
      await stage.until(() => called.length === 3);
      expect(called).toEqual([10, 20, 30]);
    });

    on("the end of a turn comes after its promises, never inside the call", async (stage) => {
      const called: string[] = [];
      stage.clock.endOfTurn(() => called.push("end"));
      void Promise.resolve()
        .then(() => called.push("promise"))
        .then(() => called.push("its sequel"));
      called.push("call");
      await stage.until(() => called.length === 4);
      expect(called).toEqual(["call", "promise", "its sequel", "end"]);
    });

    on("an end of a turn may ask for the next one", async (stage) => {
      let ends = 0;
      const again = (): void => {
        ends += 1;
        if (ends < 3) stage.clock.endOfTurn(again);
      };
      stage.clock.endOfTurn(again);
      await stage.until(() => ends === 3);
    });
  });
}
