// Every promise of the shared memory's ports, kept by Redis and Valkey, alone, as a Cluster and under Sentinels.

import { Gate, RedisServer } from "@heliograph/cluster";
import {
  codesContract,
  countersContract,
  directoryContract,
  picturesContract,
  roomCopiesContract,
} from "@heliograph/core/contract";
import { afterAll, describe } from "vitest";
import type { Memory } from "./store-stage.ts";
import { acl, stageOver, user } from "./store-stage.ts";

async function alone(program: "redis" | "valkey"): Promise<Memory & { stop(): Promise<void> }> {
  const server = await RedisServer.start({ program, acl, durable: true });
  const gate = await Gate.before(server.host, server.port);
  const options = server.address(user);
  return {
    options,
    everywhere: async (...words) => [await server.command(...words)],
    outage: { begin: () => server.kill(), end: () => server.start() },
    link: {
      options: { ...options, nodes: [{ host: "127.0.0.1", port: gate.port }] },
      cut: async () => gate.cut(),
      mend: async () => gate.mend(),
    },
    stop: async () => {
      await gate.close();
      await server.stop();
    },
  };
}

for (const program of ["redis", "valkey"] as const) {
  describe(`${program}, one server`, () => {
    let started: ReturnType<typeof alone> | undefined;
    const stage = async () => {
      started ??= alone(program);
      return stageOver(await started);
    };
    afterAll(async () => (await started)?.stop());
    roomCopiesContract(program, async () => {
      const one = await stage();
      return { ...one, copies: [one.stores[0].copies, one.stores[1].copies] };
    });
    directoryContract(program, async () => {
      const one = await stage();
      return { ...one, directories: [one.stores[0].directory, one.stores[1].directory] };
    });
    picturesContract(program, async () => {
      const one = await stage();
      return { ...one, pictures: [one.stores[0].pictures, one.stores[1].pictures] };
    });
    countersContract(program, async () => {
      const one = await stage();
      return { ...one, counters: [one.stores[0].counters, one.stores[1].counters] };
    });
    codesContract(program, async () => {
      const one = await stage();
      return { ...one, codes: [one.stores[0].codes, one.stores[1].codes] };
    });
  });
}
