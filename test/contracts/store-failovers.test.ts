// Servers of the memory that stand in for each other: who dies is replaced, and whoever hosts a room is told to look.
import type { RedisServer } from "@heliograph/cluster";
import { RedisCluster, RedisSentinel } from "@heliograph/cluster";
import { changesBetween } from "@heliograph/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { acl, open, user } from "./store-stage.ts";
import type { Watched } from "./store-watch.ts";
import { copyAt, expectBounded, freshRoom, keyOf, passing, template, watch } from "./store-watch.ts";

describe("Sentinels", () => {
  test("a primary lost with what it alone knew is replaced, and whoever hosts a room is told to look", async () => {
    const sentinel = passing(await RedisSentinel.start({ acl, password: "replicas-know-it" }));
    const watched = await watch(sentinel.address(user));
    const { copies } = watched.store;
    const [primary, replica] = sentinel.servers;
    if (primary === undefined || replica === undefined) throw new Error("two servers were started");
    const [kept, lost] = [freshRoom(), freshRoom()];
    await copies.replace(kept, copyAt(1));
    await until("the replica has it", async () => (await replica.command("EXISTS", keyOf(kept))) === "1");
    // From here on the replica learns nothing more.
    await replica.command("CONFIG", "SET", "masterauth", "wrong");
    await primary.command("CLIENT", "KILL", "TYPE", "replica");
    await copies.replace(lost, copyAt(1));
    await primary.kill();
    expect(await sentinel.replaced(primary)).toBe(replica);
    await until("the store is up", () => copies.link === "up");
    expect(watched.links).toEqual(["down", "up"]);
    expect(watched.losses).toBe(1);
    expect((await copies.load(kept))?.at.seq).toBe(1);
    expect(await copies.load(lost)).toBeUndefined();
    expect(await copies.replace(lost, copyAt(1))).toBe("replaced");
    await watched.store.close();
  });
});

describe("a Cluster", () => {
  let cluster: RedisCluster;
  let watched: Watched;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ acl, replicasPerMaster: 1 });
    watched = await watch(cluster.address(user));
  });
  afterAll(async () => {
    await watched.store.close();
    await cluster.stop();
  });

  /** By the ranges of the start: three of the same size. */
  function ownerOf(slot: string): RedisServer {
    const owner = cluster.servers[Math.floor(Number(slot) / Math.ceil(16_384 / 3))];
    if (owner === undefined) throw new Error("every slot has an owner");
    return owner;
  }

  test("one emptied master of three is noticed, and nothing is told without need", async () => {
    const last = cluster.servers[2];
    if (last === undefined) throw new Error("three masters were started");
    const looks = async (): Promise<number> => {
      const [, calls = "0"] = (await last.command("INFO", "commandstats")).match(/cmdstat_evalsha:calls=(\d+)/) ?? [];
      return Number(calls);
    };
    const before = await looks();
    await until("the store has looked twice", async () => (await looks()) >= before + 2);
    expect(watched.losses).toBe(0);
    await last.command("FLUSHALL");
    await until("the loss is told", () => watched.losses === 1);
    expect(watched.links).toEqual([]);
  });

  test("a question that comes to the wrong master finds the right one", async () => {
    const { copies } = watched.store;
    const room = freshRoom();
    const [first, ...others] = cluster.servers.slice(0, 3);
    if (first === undefined) throw new Error("three masters were started");
    const slot = await first.command("CLUSTER", "KEYSLOT", keyOf(room));
    // Nothing is in the slot yet, so it may simply become somebody else's.
    const ids = new Map<RedisServer, string>();
    for (const server of [first, ...others]) ids.set(server, await server.command("CLUSTER", "MYID"));
    const owner = ownerOf(slot);
    const to = [first, ...others].find((server) => server !== owner);
    if (to === undefined) throw new Error("another master was started");
    await to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids.get(owner) ?? "");
    await owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids.get(to) ?? "");
    for (const server of [to, owner]) await server.command("CLUSTER", "SETSLOT", slot, "NODE", ids.get(to) ?? "");
    expect(await copies.replace(room, copyAt(1))).toBe("replaced");
    expect(await copies.advance(room, copyAt(1).at, changesBetween(template, copyAt(2)))).toBe("advanced");
    expect((await copies.load(room))?.at.seq).toBe(2);
    expect((await to.command("CLUSTER", "COUNTKEYSINSLOT", slot)).trim()).toBe("1");
  });

  test("a master that dies is replaced by its replica, and whoever hosts a room is told to look", async () => {
    const before = watched.losses;
    watched.links.length = 0;
    await cluster.servers[0]?.kill();
    await until("the store is down", () => watched.store.copies.link === "down");
    await expectBounded(watched.store.copies.load(freshRoom()));
    await until("the store is up", () => watched.store.copies.link === "up");
    expect(watched.losses).toBe(before + 1);
    for (let i = 0; i < 20; i += 1) {
      expect(await watched.store.copies.replace(freshRoom(), copyAt(1))).toBe("replaced");
    }
    expect(watched.faults()).toEqual([]);
  });
});

describe("TLS and a password everywhere", () => {
  test("a Cluster, and a primary under Sentinels that speak TLS as well, are found and asked", async () => {
    const secured = { acl, tls: true, password: "pass-word" };
    for (const start of [() => RedisCluster.start(secured), () => RedisSentinel.start(secured)]) {
      const servers = passing(await start());
      const { store, seen } = await open(servers.address(user));
      const rooms = Array.from({ length: 20 }, freshRoom);
      for (const room of rooms) expect(await store.copies.replace(room, copyAt(1))).toBe("replaced");
      expect(seen).toEqual([]);
      await store.close();
    }
  });
});
