import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findClock } from "./clock-offset.ts";

const now = () => Date.UTC(2026, 10, 21);

/** A server whose clock is ahead by so many seconds. */
function server(ahead: number) {
  return async (lastSecond: number) => now() / 1_000 + ahead <= lastSecond;
}

describe("the clock of a TURN server", () => {
  test("is told to the second where it is off, and is near within two", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -1e8, max: 1e8 })),
        async (ahead) => {
          const found = await findClock(server(ahead), now);
          expect(found).toEqual(Math.abs(ahead) <= 2 ? { is: "near" } : { is: "off", seconds: ahead });
        },
      ),
    );
  });

  test("is not why where the server takes none of our logins", async () => {
    expect(await findClock(async () => false, now)).toEqual({ is: "secret" });
  });

  test("is unknown where the server takes every login, or does not answer", async () => {
    expect(await findClock(async () => true, now)).toEqual({ is: "unknown" });
    expect(await findClock(async () => undefined, now)).toEqual({ is: "unknown" });
  });
});
