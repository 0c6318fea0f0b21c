import { expect, test } from "vitest";
import { Health } from "./health.ts";

test("the process lives, whatever is missing and while it drains", () => {
  const health = new Health([() => "log"]);
  health.drain();
  expect(health.answer("/healthz")).toMatchObject({ status: 200 });
});

test("it is ready when nothing is missing, and says what is", () => {
  let log: string | undefined;
  const health = new Health([() => log, () => undefined]);
  expect(health.answer("/readyz")).toMatchObject({ status: 200 });
  log = "log";
  expect(health.answer("/readyz")).toMatchObject({ status: 503, body: "missing: log\n" });
  log = undefined;
  expect(health.answer("/readyz")).toMatchObject({ status: 200 });
  health.drain();
  expect(health.answer("/readyz")).toMatchObject({ status: 503, body: "missing: draining\n" });
});

test("what it can do without is told, and turns nothing red", () => {
  let memory: string | undefined = "memory";
  let log: string | undefined;
  const health = new Health([() => log], [() => memory]);
  expect(health.answer("/readyz")).toMatchObject({ status: 200, body: "ready\nwithout: memory\n" });
  log = "log";
  expect(health.answer("/readyz")).toMatchObject({ status: 503, body: "missing: log\nwithout: memory\n" });
  memory = undefined;
  log = undefined;
  expect(health.answer("/readyz")).toMatchObject({ status: 200, body: "ready\n" });
});

test("its answers are asked for anew each time", () => {
  for (const path of ["/healthz", "/readyz"]) {
    expect(new Health([]).answer(path)?.headers["cache-control"]).toBe("no-store");
  }
});

test("other paths are not its own", () => {
  for (const path of ["/", "/healthz/", "/HEALTHZ", "/readyz/x"]) {
    expect(new Health([]).answer(path)).toBeUndefined();
  }
});
