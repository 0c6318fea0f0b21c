import { expect, test } from "vitest";
import { readChaosArguments, readClusterArguments } from "./arguments.ts";

test("nothing typed is a cluster of three, with nothing that dies", () => {
  expect(readClusterArguments([])).toMatchObject({
    kind: "run",
    arguments: { port: 8080, edges: 3, keepers: 2, nats: 3, redis: "single", workers: 1, chaos: false },
  });
});

test("chaos has its own choice of what dies and how often", () => {
  expect(readClusterArguments(["chaos", "--kinds", "edge, nats", "--every=2", "--seed", "7"])).toMatchObject({
    kind: "run",
    arguments: { chaos: true, kinds: ["edge", "nats"], every: 2_000, seed: 7 },
  });
});

test("the companion does one thing when one is typed", () => {
  expect(readChaosArguments(["kill", "edge-1", "--port", "9000"])).toMatchObject({
    kind: "run",
    arguments: { port: 9_000, line: "kill edge-1" },
  });
});

test.each([
  [["--edges", "0"], "--edges is 0. Give a whole number from 1 to 16."],
  [["--nats", "2"], "--nats is 2. Give one of 1, 3."],
  [["--kinds", "edge,database"], "--kinds is database. Give one of edge, keeper, nats, redis, haproxy."],
  [["--port", "http"], "--port is http. Give a whole number from 1 to 65535."],
  [["mayhem"], "mayhem cannot be typed here."],
])("%j is a mistake that is told", (args, text) => {
  expect(readClusterArguments(args)).toStrictEqual({ kind: "mistake", text });
});

test("an option that nobody knows is a mistake, not a crash", () => {
  expect(readClusterArguments(["--speed"])).toMatchObject({ kind: "mistake" });
  expect(readChaosArguments(["--edges", "3"])).toMatchObject({ kind: "mistake" });
});

test("help names every option", () => {
  const help = readClusterArguments(["--help"]);
  const text = help.kind === "help" ? help.text : "";
  for (const option of ["port", "edges", "keepers", "nats", "redis", "workers", "every", "kinds", "seed"]) {
    expect(text).toContain(`--${option} `);
  }
  expect(readChaosArguments(["--help"])).toMatchObject({ kind: "help" });
});
