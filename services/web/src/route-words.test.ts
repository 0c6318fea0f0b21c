import { expect, test } from "vitest";
import { routeChip, routeSentence } from "./route-words.ts";

test("a path is told by its candidate types and its round trip", () => {
  expect(routeChip({ local: "host", remote: "host", roundTrip: 2.6 })).toBe("host · 3 ms");
  expect(routeChip({ local: "relay", remote: "srflx", roundTrip: 41 })).toBe("relay–srflx · 41 ms");
  expect(routeSentence({ local: "relay", remote: "host", roundTrip: 41 })).toBe(
    "You through a TURN relay, they through a direct address, round trip 41 milliseconds",
  );
});

test("what is not known is not told", () => {
  expect(routeChip({})).toBe("");
  expect(routeChip({ local: "host" })).toBe("host");
  expect(routeSentence({ roundTrip: 9 })).toBe("round trip 9 milliseconds");
});
