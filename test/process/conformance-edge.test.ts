// The native protocol's kit against built edges over real NATS and Redis: two workers on one port, so that its clients meet two nodes.
import { runCommand } from "@heliograph/conformance";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterServices } from "../kit/cluster-services.ts";
import { until } from "../kit/until.ts";

let services: ClusterServices;

beforeAll(async () => {
  services = await ClusterServices.start();
});

afterAll(() => services.stop());

test("every case passes or does not apply", { timeout: 300_000 }, async () => {
  const settings = { LIMITS_GRACE: "2s", LIMITS_WINDOW: "10s", LIMITS_HEARTBEAT: "5s" };
  const edge = services.edge({ WORKERS: "2", ...settings });
  const ready = () => edge.lines.filter(({ msg }) => msg.startsWith("Heliograph is ready")).length === 2;
  await until("both workers are ready", ready);
  const said: string[] = [];
  const code = await runCommand(
    [`ws://127.0.0.1:${edge.port}/v1/socket`],
    (line) => said.push(line),
    (line) => said.push(line),
  );
  const failed = said.filter((line) => !line.startsWith("passed"));
  expect(code, failed.join("\n")).toBe(0);
  expect(edge.lines.filter(({ level }) => level === "error")).toStrictEqual([]);
});
