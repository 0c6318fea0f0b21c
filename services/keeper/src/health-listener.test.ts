import { Health } from "@heliograph/system";
import { afterEach, expect, test } from "vitest";
import { type HealthListener, openHealthListener } from "./health-listener.ts";

const listeners: HealthListener[] = [];

afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

async function listening(health: Health): Promise<string> {
  const listener = await openHealthListener({ host: "127.0.0.1", port: 0 }, health);
  listeners.push(listener);
  return listener.address;
}

test("a keeper tells whether it is well, whatever the question carries behind its path", async () => {
  let missing: string | undefined = "log";
  const address = await listening(new Health([() => missing]));
  const ask = async (path: string) => {
    const answer = await fetch(new URL(path, address));
    return [answer.status, await answer.text()];
  };
  expect(await ask("/readyz")).toEqual([503, "missing: log\n"]);
  missing = undefined;
  expect(await ask("/readyz?from=probe")).toEqual([200, "ready\n"]);
  expect(await ask("/healthz")).toEqual([200, "ok\n"]);
  expect((await ask("/"))[0]).toBe(404);
  expect((await fetch(address, { method: "POST", body: "x" })).status).toBe(404);
});

test("a port that is taken is told by Node's own error", async () => {
  const address = new URL(await listening(new Health([])));
  const again = openHealthListener({ host: "127.0.0.1", port: Number(address.port) }, new Health([]));
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("it closes although a probe keeps its connection", async () => {
  const listener = await openHealthListener({ host: "127.0.0.1", port: 0 }, new Health([]));
  await (await fetch(listener.address)).text();
  await listener.close();
  await expect(fetch(listener.address)).rejects.toThrow();
});
