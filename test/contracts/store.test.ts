// Every promise of the shared memory's ports, kept by Redis and Valkey, alone, as a Cluster and under Sentinels, for a
// user that may do no more than it has to.
import { Gate, RedisCluster, RedisSentinel, RedisServer } from "@heliograph/cluster";
import {
  codesContract,
  countersContract,
  directoryContract,
  iceSetsContract,
  picturesContract,
  roomCopiesContract,
} from "@heliograph/core/contract";
import { afterAll, describe, expect } from "vitest";
import type { Memory, StoreStage } from "./store-stage.ts";
import { Administrator, acl, keeper, open, stageOver, user } from "./store-stage.ts";

interface Started extends Memory {
  stop(): Promise<void>;
}

async function alone(program: "redis" | "valkey"): Promise<Started> {
  const server = await RedisServer.start({ program, acl, durable: true });
  const gate = await Gate.before(server.host, server.port);
  const administrator = new Administrator([server]);
  const options = server.address(user);
  return {
    options,
    everywhere: (...words) => administrator.everywhere(...words),
    // In good order: a server that is killed may have put off its last writes behind a slow fsync, for two seconds.
    outage: { begin: () => server.terminate(), end: () => server.start() },
    link: {
      options: { ...options, nodes: [{ host: "127.0.0.1", port: gate.port }] },
      cut: async () => gate.cut(),
      mend: async () => gate.mend(),
    },
    stop: async () => {
      administrator.leave();
      await gate.close();
      await server.stop();
    },
  };
}

async function asCluster(): Promise<Started> {
  const cluster = await RedisCluster.start({ acl, durable: true });
  const administrator = new Administrator(cluster.servers);
  const [, one] = cluster.servers;
  return {
    options: cluster.address(user),
    everywhere: (...words) => administrator.everywhere(...words),
    // One part out of reach is a memory out of reach.
    outage: {
      begin: async () => one?.terminate(),
      end: async () => {
        await one?.start();
        await cluster.settled();
      },
    },
    link: { lacks: "the servers of a Cluster name each other, so nothing can stand before them for one store only" },
    stop: () => {
      administrator.leave();
      return cluster.stop();
    },
  };
}

async function underSentinels(): Promise<Started> {
  const sentinel = await RedisSentinel.start({ acl });
  const administrator = new Administrator(sentinel.servers.slice(0, 1));
  return {
    options: sentinel.address(user),
    everywhere: (...words) => administrator.everywhere(...words),
    outage: { lacks: "the Sentinels would put another server in its place, which store-failovers tells of" },
    link: { lacks: "the Sentinels name the server, so nothing can stand before it for one store only" },
    stop: () => {
      administrator.leave();
      return sentinel.stop();
    },
  };
}

type Suite = "copies" | "directory" | "pictures" | "counters" | "codes" | "ice sets";

const all: readonly Suite[] = ["copies", "directory", "pictures", "counters", "codes", "ice sets"];

function suites(name: string, start: () => Promise<Started>, wanted: readonly Suite[]): void {
  describe(name, () => {
    let started: Promise<Started> | undefined;
    const on = async <T extends object>(take: (stage: StoreStage) => T): Promise<StoreStage & T> => {
      started ??= start();
      const stage = await stageOver(await started);
      return { ...stage, ...take(stage) };
    };
    afterAll(async () => (await started)?.stop());
    for (const suite of wanted) {
      switch (suite) {
        case "copies":
          roomCopiesContract(name, () =>
            on(({ stores: [one, two] }) => ({ copies: [one.copies, two.copies] as const })),
          );
          break;
        case "directory":
          directoryContract(name, () =>
            on(({ stores: [one, two] }) => ({ directories: [one.directory, two.directory] as const })),
          );
          break;
        case "pictures":
          picturesContract(name, () =>
            on(({ stores: [one, two] }) => ({ pictures: [one.pictures, two.pictures] as const })),
          );
          break;
        case "counters":
          countersContract(name, () =>
            on(({ stores: [one, two] }) => ({ counters: [one.counters, two.counters] as const })),
          );
          break;
        case "codes":
          codesContract(name, () => on(({ stores: [one, two] }) => ({ codes: [one.codes, two.codes] as const })));
          break;
        case "ice sets":
          iceSetsContract(name, async () => {
            started ??= start();
            const memory = await started;
            const stage = await stageOver(memory, keeper);
            const edge = await open(memory.options);
            const [one, two] = stage.stores;
            return {
              ...stage,
              iceSets: [one.iceSets, two.iceSets],
              reader: edge.store.iceSets,
              // A keeper counts nothing.
              round: async () => void (await edge.store.iceSets.read("round")),
              end: async () => {
                await edge.store.close();
                expect(edge.faults()).toEqual([]);
                await stage.end();
              },
            };
          });
          break;
        default:
          suite satisfies never;
      }
    }
  });
}

suites("Redis, one server", () => alone("redis"), all);
suites("Valkey, one server", () => alone("valkey"), all);
suites("Redis Cluster of three masters", asCluster, all);
suites("Redis under Sentinels", underSentinels, ["copies", "directory", "pictures", "ice sets"]);
