// Which servers will do, by how they describe themselves.
import { expect, test } from "vitest";
import { troubleWith } from "./server.ts";

function info(facts: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ redis_version: "7.0.15", redis_mode: "standalone", role: "master", ...facts });
  return `# Server\r\n${lines.map(([name, fact]) => `${name}:${fact}`).join("\r\n")}\r\n`;
}

test("Redis from 7.0 on and Valkey will do, each in the mode that was asked for", () => {
  for (const version of ["7.0.0", "7.0.15", "7.2.4", "8.0.1", "10.0.0"]) {
    expect(troubleWith(info({ redis_version: version }), "single")).toBeUndefined();
  }
  expect(troubleWith(info({}), "sentinel")).toBeUndefined();
  expect(troubleWith(info({ redis_mode: "cluster" }), "cluster")).toBeUndefined();
  // Some master of a Cluster may be a replica by now: the Cluster itself sends us on.
  expect(troubleWith(info({ redis_mode: "cluster", role: "slave" }), "cluster")).toBeUndefined();
});

test("what is too old or of another mode will never do, and says why", () => {
  for (const version of ["6.2.14", "2.8", "", "unknown"]) {
    expect(troubleWith(info({ redis_version: version }), "single")).toMatchObject({ lasting: true });
  }
  expect(troubleWith("", "single")).toMatchObject({ lasting: true });
  expect(troubleWith(info({ redis_mode: "cluster" }), "single")?.what).toContain("redis.mode to cluster");
  expect(troubleWith(info({}), "cluster")?.what).toContain("no member of a Cluster");
  expect(troubleWith(info({ redis_mode: "sentinel" }), "single")?.what).toContain("redis.mode to sentinel");
});

test("a server that still reads its data, or is a replica now, may do later", () => {
  expect(troubleWith(info({ loading: "1" }), "single")).toMatchObject({ lasting: false });
  expect(troubleWith(info({ role: "slave" }), "single")).toMatchObject({ lasting: false });
  expect(troubleWith(info({ role: "slave" }), "sentinel")).toMatchObject({ lasting: false });
});
