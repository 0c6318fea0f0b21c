import { expect, test } from "vitest";
import { readRetryAfter } from "./retry-after.ts";
import { verdictOn } from "./verdict.ts";

const now = Date.parse("2026-11-21T16:00:00Z");

const verdict = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  verdictOn({ status, header: (name) => headers[name] }, now);

const json = { "content-type": "application/json" };

test.each(["application/json", "Application/JSON; charset=utf-8", "application/problem+json", "application/json ;x"])(
  "an answer of type %s is read",
  (type) => {
    expect(verdict(200, { "content-type": type })).toBeUndefined();
    expect(verdict(201, { "content-type": type })).toBeUndefined();
  },
);

test.each(["text/html", "text/json", "application/jsonp", "application/json-seq", "text/html; application/json", ""])(
  "[turn 14] an answer of type %j is bad",
  (type) => expect(verdict(200, { "content-type": type })).toMatchObject({ class: "bad" }),
);

test("an answer without a type is bad", () => {
  expect(verdict(200)).toEqual({ class: "bad", why: "status 200: not a JSON media type" });
});

test.each([202, 204, 206, 299, 300, 301, 302, 303, 307, 308, 600, 999])(
  "status %i is bad, with or without JSON",
  (status) => expect(verdict(status, { ...json, location: "https://elsewhere.example" })?.class).toBe("bad"),
);

test.each([408, 425, 500, 502, 503, 504, 599])("status %i passes", (status) => {
  expect(verdict(status, json)).toEqual({ class: "transient", why: `status ${status}` });
});

test.each([400, 401, 403, 404, 405, 410, 422, 451, 499])("[turn 15] status %i is a refusal", (status) => {
  expect(verdict(status, json)).toEqual({ class: "refused", why: `status ${status}` });
});

test("[turn 15] too many requests throttle, with the pause that the service names", () => {
  expect(verdict(429)).toEqual({ class: "throttled", why: "status 429" });
  expect(verdict(429, { "retry-after": "120" })).toEqual({ class: "throttled", why: "status 429", wait: 120_000 });
  expect(verdict(429, { "retry-after": "Sat, 21 Nov 2026 16:02:00 GMT" })).toMatchObject({ wait: 120_000 });
  expect(verdict(503, { "retry-after": "7" })).toEqual({ class: "throttled", why: "status 503", wait: 7_000 });
  expect(verdict(500, { "retry-after": "7" })).toEqual({ class: "transient", why: "status 500" });
});

test.each([
  ["1", 1_000],
  [" 30 ", 30_000],
  ["601", 600_000],
  ["999999999999999", 600_000],
  ["Sat, 21 Nov 2026 16:00:01 GMT", 1_000],
  ["Sun, 21 Nov 2027 16:00:00 GMT", 600_000],
])("Retry-After %j is so many milliseconds: %i", (header, wait) => expect(readRetryAfter(header, now)).toBe(wait));

test.each([
  "0",
  "-5",
  "1.5",
  "soon",
  "",
  "9".repeat(400),
  "2026-11-21T17:00:00Z",
  "Sat, 21 Nov 2026 16:00:00 GMT",
  "Sat, 21 Nov 2026 15:00:00 GMT",
  "Sat, 99 Nov 2026 17:00:00 GMT",
  undefined,
])("Retry-After %j names no pause", (header) => expect(readRetryAfter(header, now)).toBeUndefined());
