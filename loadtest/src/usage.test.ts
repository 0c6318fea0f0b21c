import { expect, test } from "vitest";
import { cpuOf, rssOf } from "./usage.ts";

test("the kernel's figures of this process agree with its own", () => {
  const until = performance.now() + 100;
  while (performance.now() < until);
  const { user, system } = process.cpuUsage();
  expect(Math.abs(cpuOf(process.pid) - (user + system))).toBeLessThan(100_000);
  const own = process.memoryUsage.rss();
  expect(Math.abs(rssOf(process.pid) - own)).toBeLessThan(own / 4);
});
