import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { runCommand } from "./command.ts";
import type { Tally } from "./mod.ts";
import { runConformance } from "./mod.ts";

async function typed(args: readonly string[], tally?: Tally) {
  const out: string[] = [];
  const err: string[] = [];
  const conform = tally === undefined ? runConformance : async () => tally;
  const code = await runCommand(
    args,
    (line) => out.push(line),
    (line) => err.push(line),
    conform,
  );
  return { code, out, err };
}

const url = "ws://127.0.0.1:1/v1/socket";

test("without an address of a socket it says what to type", async () => {
  for (const args of [[], ["http://127.0.0.1:8080/"], ["nonsense"], [url, url]]) {
    const { code, err } = await typed(args);
    expect([code, err[0]]).toStrictEqual([2, expect.stringContaining("npm run conformance -- ws://")]);
  }
});

test("the exit code tells whether a case failed; what is not applicable is no failure", async () => {
  expect(await typed([url], { passed: 5, failed: 0, skipped: 2 })).toMatchObject({
    code: 0,
    out: ["5 passed, 0 failed, 2 not applicable"],
  });
  expect(await typed([url], { passed: 5, failed: 1, skipped: 0 })).toMatchObject({ code: 1 });
});

test("where nobody listens it says what to do", async () => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  const { code, err } = await typed([`ws://127.0.0.1:${port}/v1/socket`]);
  expect(code).toBe(2);
  expect(err[0]).toMatch(/cannot be tried: .*ECONNREFUSED[\s\S]*npm start/);
});

test("a server that turns hello away cannot be tried either, and the reason is told", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const refusal = { type: "refused", code: 4401, reason: "unauthorized", retry: false };
  server.on("connection", (socket) => socket.on("message", () => socket.send(JSON.stringify(refusal))));
  const { code, err } = await typed([`ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/socket`]);
  for (const client of server.clients) client.terminate();
  server.close();
  expect(code).toBe(2);
  expect(err[0]).toMatch(/unauthorized/);
});
