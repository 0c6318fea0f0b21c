// The choice between the two listeners.

import { expect, onTestFinished, test } from "vitest";
import type { ListenerOptions } from "./listener.ts";
import { openListener } from "./open-listener.ts";

const options: ListenerOptions = {
  host: "127.0.0.1",
  port: 0,
  sockets: [],
  http: () => undefined,
  onError: () => undefined,
};

test("uWebSockets.js is taken where it loads", async () => {
  const reasons: unknown[] = [];
  const listener = await openListener(options, (reason) => reasons.push(reason));
  onTestFinished(() => listener.close());
  expect(listener.kind).toBe("uws");
  expect(reasons).toEqual([]);
});

test("where the addon cannot load, ws is taken and the reason is told", async () => {
  const reasons: unknown[] = [];
  const reason = new Error("no binary for this platform");
  const listener = await openListener(
    options,
    (why) => reasons.push(why),
    () => Promise.reject(reason),
  );
  onTestFinished(() => listener.close());
  expect(listener.kind).toBe("ws");
  expect(reasons).toEqual([reason]);
});

test("an address that cannot be listened on is an error, and no reason to try ws", async () => {
  const first = await openListener(options, () => undefined);
  onTestFinished(() => first.close());
  const reasons: unknown[] = [];
  const second = openListener({ ...options, port: first.port }, (reason) => reasons.push(reason));
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect(reasons).toEqual([]);
});
