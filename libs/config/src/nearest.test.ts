import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const words = ["frameBytes", "bodyBytes", "heartbeat", "grace", "guesses", "port"];

test.for([
  ["framebytes", "frameBytes"],
  ["frame_bytes", "frameBytes"],
  ["heartbaet", "heartbeat"],
  ["gracee", "grace"],
  ["prot", "port"],
] as const)("%s was meant to be %s", ([wrong, right]) => expect(nearest(wrong, words)).toBe(right));

test.for(["x", "colour", "frames", ""])("%j resembles nothing", (wrong) =>
  expect(nearest(wrong, words)).toBeUndefined(),
);
