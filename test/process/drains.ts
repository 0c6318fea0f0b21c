// What a process with clients does when it is told to end: the same whether it is an edge or runs alone.
import { expect } from "vitest";
import WebSocket from "ws";
import type { ServiceProcess } from "../kit/service-process.ts";
import { until } from "../kit/until.ts";

type Drained = Pick<ServiceProcess, "signal" | "ended">;

/** Its deadline must be short. `url`: of its socket. */
export async function expectClosedAtTheDeadline(drained: Drained, url: string): Promise<void> {
  const ann = new WebSocket(url, "heliograph.v1.json");
  const closed = new Promise<number>((resolve) => ann.on("close", resolve));
  let welcome = false;
  ann.on("message", () => {
    welcome = true;
  });
  ann.on("open", () => ann.send('{"type":"hello","attempt":1}'));
  await until("it is welcome", () => welcome);
  drained.signal("SIGTERM");
  // Resumable.
  expect(await closed).toBe(4000);
  expect(await drained.ended).toStrictEqual({ code: 0, signal: null });
}
