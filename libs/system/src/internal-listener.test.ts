import { once } from "node:events";
import { connect } from "node:net";
import { Metrics } from "@heliograph/telemetry";
import { expect, onTestFinished, test } from "vitest";
import { Health } from "./health.ts";
import type { InternalPage } from "./internal-listener.ts";
import { openInternalListener } from "./internal-listener.ts";
import { metricsPage } from "./metrics-page.ts";

async function listening(...pages: readonly InternalPage[]) {
  const errors: unknown[] = [];
  const listener = await openInternalListener({
    host: "127.0.0.1",
    port: 0,
    pages,
    says: "Ask for something else.",
    onError: (error) => errors.push(error),
  });
  let open = true;
  const close = async () => {
    if (open) await listener.close();
    open = false;
  };
  onTestFinished(close);
  const ask = async (path: string, how: RequestInit = {}) => {
    const answer = await fetch(`${listener.address}${path}`, how);
    return [answer.status, await answer.text()];
  };
  return { errors, close, ask, address: listener.address };
}

test("health is told whatever the question carries behind its path", async () => {
  let missing: string | undefined = "log";
  const health = new Health([() => missing]);
  const { ask } = await listening((path) => health.answer(path));
  expect(await ask("/readyz")).toEqual([503, "missing: log\n"]);
  missing = undefined;
  expect(await ask("/readyz?from=probe")).toEqual([200, "ready\n"]);
  expect(await ask("/healthz")).toEqual([200, "ok\n"]);
  expect(await ask("/")).toEqual([404, "Ask for something else.\n"]);
  expect((await ask("/healthz", { method: "POST", body: "x" }))[0]).toBe(404);
  expect(await ask("/healthz", { method: "HEAD" })).toEqual([200, ""]);
});

test("metrics are told as they are when they are asked for", async () => {
  const metrics = new Metrics();
  onTestFinished(() => metrics.close());
  const { ask, address } = await listening(metricsPage(metrics));
  metrics.count("sig_turn_grants_limited_total", { by: "user" });
  expect((await ask("/metrics"))[1]).toContain('sig_turn_grants_limited_total{by="user"} 1\n');
  metrics.count("sig_turn_grants_limited_total", { by: "user" });
  expect((await ask("/metrics"))[1]).toContain('sig_turn_grants_limited_total{by="user"} 2\n');
  const answer = await fetch(`${address}/metrics`);
  expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test("a page hears the query, whatever it is made of, and the first that answers is asked alone", async () => {
  const heard: string[] = [];
  const answer = { status: 200, headers: {}, body: "here" };
  const { ask } = await listening(
    (path, query) => {
      heard.push(`${path} ${query.get("key")}`);
      return path === "/a" ? answer : undefined;
    },
    (path) => {
      heard.push(`second ${path}`);
      return path === "/b" ? answer : undefined;
    },
  );
  expect(await ask("/a?key=%zz%20k")).toEqual([200, "here"]);
  expect(await ask("/b?key=a&key=b?")).toEqual([200, "here"]);
  expect(heard).toEqual(["/a %zz k", "/b a", "second /b"]);
});

test("a fault of a page is told to the log, and to who asked only that it was one", async () => {
  const { ask, errors } = await listening(() => Promise.reject(new Error("with a secret")));
  expect(await ask("/metrics")).toEqual([500, "a fault; the log says which\n"]);
  expect(errors).toHaveLength(1);
});

test("a port that is taken is told by Node's own error", async () => {
  const { address } = await listening();
  const again = openInternalListener({
    host: "127.0.0.1",
    port: Number(new URL(address).port),
    pages: [],
    says: "",
    onError: () => undefined,
  });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("it closes although a scraper keeps its connection, and somebody never ends a question", async () => {
  const { ask, close, address } = await listening(() => ({ status: 200, headers: {}, body: "" }));
  await ask("/");
  const halfway = connect(Number(new URL(address).port), "127.0.0.1");
  await once(halfway, "connect");
  halfway.write("GET / HTTP/1.1\r\n");
  const cut = once(halfway, "close");
  // What it cuts it does not read: that may end as an error.
  halfway.on("error", () => undefined);
  await ask("/");
  await close();
  await cut;
  await expect(ask("/")).rejects.toThrow();
});
