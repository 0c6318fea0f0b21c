import { expect, test } from "vitest";
import { Health } from "./health.ts";
import type { HttpRequest } from "./socket/http.ts";

const asked = (path: string): HttpRequest => ({
  method: "GET",
  path,
  query: "",
  remoteAddress: "127.0.0.1",
  header: () => undefined,
  readBody: () => Promise.resolve({ ok: false, reason: "aborted" }),
});

test("the process lives, whatever is missing and while it drains", () => {
  const health = new Health([() => "log"]);
  health.drain();
  expect(health.answer(asked("/healthz"))).toMatchObject({ status: 200 });
});

test("it is ready when nothing is missing, and says what is", () => {
  let log: string | undefined;
  const health = new Health([() => log, () => undefined]);
  expect(health.answer(asked("/readyz"))).toMatchObject({ status: 200 });
  log = "log";
  expect(health.answer(asked("/readyz"))).toMatchObject({ status: 503, body: "missing: log\n" });
  log = undefined;
  expect(health.answer(asked("/readyz"))).toMatchObject({ status: 200 });
  health.drain();
  expect(health.answer(asked("/readyz"))).toMatchObject({ status: 503, body: "missing: draining\n" });
});

test("its answers are asked for anew each time", () => {
  for (const path of ["/healthz", "/readyz"]) {
    expect(new Health([]).answer(asked(path))?.headers["cache-control"]).toBe("no-store");
  }
});

test("other paths are not its own", () => {
  for (const path of ["/", "/healthz/", "/HEALTHZ", "/readyz/x"]) {
    expect(new Health([]).answer(asked(path))).toBeUndefined();
  }
});
