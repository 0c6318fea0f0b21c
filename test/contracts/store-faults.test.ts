// What becomes of the memory's server, and what the store makes of it: it fails at once, heals by itself, tells of loss.
import { Gate, RedisServer } from "@heliograph/cluster";
import type { CopyChanges } from "@heliograph/core";
import { changesBetween, Unreachable } from "@heliograph/core";
import type { Position } from "@heliograph/protocol";
import { parseNodeId, parsePictureId, parseSessionId } from "@heliograph/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { acl, keeper, open, user } from "./store-stage.ts";
import type { Watched } from "./store-watch.ts";
import {
  bounded,
  connectionsOf,
  copyAt,
  crowd,
  expectBounded,
  freshRoom,
  keyOf,
  node,
  passing,
  realm,
  template,
  value,
  watch,
} from "./store-watch.ts";

const picture = value(parsePictureId("picture-1-----------"));

describe("one server", () => {
  let server: RedisServer;
  let watched: Watched;
  beforeAll(async () => {
    server = await RedisServer.start({ acl, durable: true, settings: ["enable-debug-command local"] });
    watched = await watch(server.address(user));
  });
  afterAll(async () => {
    await watched.store.close();
    await server.stop();
  });

  test("killed: whatever is asked fails at once; started again: it heals by itself and tells that something may be lost", async () => {
    const room = freshRoom();
    await watched.store.copies.replace(room, copyAt(1));
    const before = watched.losses;
    watched.links.length = 0;
    await server.kill();
    await until("the store is down", () => watched.store.copies.link === "down");
    await expectBounded(watched.store.copies.load(room));
    await server.start();
    await until("the store is up", () => watched.store.copies.link === "up");
    expect(watched.links).toEqual(["down", "up"]);
    expect(watched.losses).toBe(before + 1);
    expect((await watched.store.copies.load(room))?.at.seq).toBe(1);
    expect(watched.faults()).toEqual([]);
  });

  test("paused: answers are given up in time, then nothing waits at all; woken: it heals by itself", async () => {
    const room = freshRoom();
    server.pause();
    await Promise.all(Array.from({ length: 50 }, () => expectBounded(watched.store.copies.load(room))));
    await until("the store is down", () => watched.store.copies.link === "down");
    const before = Date.now();
    for (let i = 0; i < 1_000; i += 1) {
      await expect(watched.store.counters.peek("a")).rejects.toBeInstanceOf(Unreachable);
    }
    expect(Date.now() - before).toBeLessThan(bounded);
    server.wake();
    await until("the store is up", () => watched.store.copies.link === "up");
    expect(await watched.store.copies.load(room)).toBeUndefined();
    expect(watched.faults()).toEqual([]);
  });

  test("turned into a replica: a write is enough to notice; turned back: it heals by itself", async () => {
    await server.command("REPLICAOF", "127.0.0.1", "1");
    await expectBounded(watched.store.copies.replace(freshRoom(), copyAt(1)));
    await until("the store is down", () => watched.store.copies.link === "down");
    await server.command("REPLICAOF", "NO", "ONE");
    await until("the store is up", () => watched.store.copies.link === "up");
    expect(await watched.store.copies.replace(freshRoom(), copyAt(1))).toBe("replaced");
  });

  test("without memory left it still tells what it knows and takes things out, and says so once", async () => {
    const [known, fresh] = [freshRoom(), freshRoom()];
    await watched.store.copies.replace(known, copyAt(1));
    await server.command("CONFIG", "SET", "maxmemory", "1");
    for (let i = 0; i < 5; i += 1) await expectBounded(watched.store.copies.replace(fresh, copyAt(1)));
    expect((await watched.store.copies.load(known))?.at.seq).toBe(1);
    expect(watched.store.copies.link).toBe("up");
    await watched.store.copies.forget(known, copyAt(1).at);
    expect(await watched.store.copies.load(known)).toBeUndefined();
    await server.command("CONFIG", "SET", "maxmemory", "0");
    expect(await watched.store.copies.replace(fresh, copyAt(1))).toBe("replaced");
    const full = watched.seen.filter((one) => one.type === "fault" && String(one.error).includes("OOM"));
    expect(full.length).toBe(1);
  });

  test("a list of what is known outlives none of its names, and is not believed where it is wrong", async () => {
    const { directory } = watched.store;
    const [early, late] = ["node-2", "node-3"].map((name) => value(parseNodeId(name.padEnd(22, "-"))));
    if (early === undefined || late === undefined) throw new Error("two nodes were named");
    await directory.addRooms(late, [freshRoom()], 60_000);
    await directory.addRooms(early, [freshRoom()], 40);
    await until("one has gone", async () => (await directory.nodes()).join() === late);
    const session = value(parseSessionId("session-1-------------"));
    await directory.put({ realm, session, node, user: "ann", dialect: "native", rooms: [], since: 1 }, 60_000);
    await server.command("ZADD", "hg:{u:faults:bob}", "9999999999999", session);
    expect(await directory.sessionsOf(realm, "bob")).toEqual([]);
    expect((await directory.sessionsOf(realm, "ann")).length).toBe(1);
  });

  test("a database of its own is used where one is named", async () => {
    const { store } = await open({ ...server.address(user), database: 3 });
    await store.counters.add("a", 60_000);
    expect(await server.command("INFO", "keyspace")).toContain("db3:");
    await store.close();
  });

  test("a server that forgot its scripts is told them again", async () => {
    const room = freshRoom();
    await watched.store.copies.replace(room, copyAt(1));
    await server.command("SCRIPT", "FLUSH");
    expect(await watched.store.copies.replace(room, copyAt(2))).toBe("replaced");
  });

  test("what is no position, time or size is never sent, and hangs nothing up", async () => {
    const { copies, counters, pictures } = watched.store;
    const room = freshRoom();
    const before = watched.faults().length;
    const odd: readonly Position[] = [Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY].map((seq) => ({
      seq,
      index: 0,
      time: 0,
    }));
    const none: CopyChanges = changesBetween(template, copyAt(1));
    for (const at of odd) {
      await expect(copies.advance(room, at, none)).rejects.toBeInstanceOf(Unreachable);
      await expect(copies.replace(room, { ...template, at })).rejects.toBeInstanceOf(Unreachable);
      await expect(copies.forget(room, at)).rejects.toBeInstanceOf(Unreachable);
    }
    await expect(counters.add("a", Number.NaN)).rejects.toBeInstanceOf(Unreachable);
    const huge = { bytes: new Uint8Array(40 << 20), type: "image/png", digest: "d" } as const;
    await expect(pictures.put(picture, huge, node, 1_000)).rejects.toBeInstanceOf(Unreachable);
    expect(watched.faults().length).toBeGreaterThan(before);
    // A window without an end ends some day all the same.
    expect((await counters.add("for ever", Number.POSITIVE_INFINITY)).count).toBe(1);
    expect(Number(await server.command("PTTL", "hg:{k:for%20ever}"))).toBeGreaterThan(0);
    expect(copies.link).toBe("up");
  });

  test("a copy that somebody spoilt is out of reach, not absent, until a host writes it again", async () => {
    const { copies } = watched.store;
    const spoilt = ["at", "state", "m:x", "d:x"];
    for (const field of spoilt) {
      const room = freshRoom();
      await copies.replace(room, copyAt(5));
      await server.command("HSET", keyOf(room), field, "rubbish");
      await expect(copies.load(room), field).rejects.toBeInstanceOf(Unreachable);
      expect(await copies.replace(room, copyAt(6)), field).toBe("replaced");
      expect((await copies.load(room))?.at.seq).toBe(6);
    }
  });

  test("a larger room than any is written, moved on and read, and the server is held up by nothing", async () => {
    const room = freshRoom();
    const large = crowd(1_000);
    await server.command("CONFIG", "SET", "slowlog-log-slower-than", "100000");
    await server.command("SLOWLOG", "RESET");
    expect(await watched.store.copies.replace(room, large)).toBe("replaced");
    const next = { ...large, at: { ...large.at, seq: 2_000 }, members: large.members.slice(1) };
    expect(await watched.store.copies.advance(room, large.at, changesBetween(large, next))).toBe("advanced");
    expect(await watched.store.copies.load(room)).toEqual(next);
    expect(await server.command("SLOWLOG", "LEN")).toBe("0");
  });
});

describe("what is left", () => {
  test("when everybody has gone nothing stays without an end but the counts of codes, which a realm owns", async () => {
    const server = passing(await RedisServer.start({ acl }));
    const { store, faults } = await open(server.address(user));
    const { copies, directory, pictures, codes, counters } = store;
    const [over, gone, kept] = [freshRoom(), freshRoom(), freshRoom()];
    const session = value(parseSessionId("session-1-------------"));
    await copies.replace(over, copyAt(1));
    await copies.replace(over, copyAt(2), { ttl: 60_000 });
    await copies.replace(gone, copyAt(1));
    await copies.forget(gone, copyAt(1).at);
    await copies.replace(kept, copyAt(1));
    const record = { realm, session, node, dialect: "native", rooms: [], since: 1 };
    for (const name of ["ann", "bob"]) await directory.put({ ...record, user: name }, 60_000);
    await directory.addRooms(node, [over, gone, kept], 60_000);
    await pictures.put(picture, { bytes: new Uint8Array(9), type: "image/png", digest: "d" }, node, 60_000);
    await counters.add("a", 60_000);
    const keepers = await open(server.address(keeper));
    const { iceSets } = keepers.store;
    for (const provider of ["claimed", "failed", "stored"]) await iceSets.claim(provider, "token");
    await iceSets.fail("failed", "token", 60_000);
    await iceSets.commit("stored", "token", new Uint8Array(9), 60_000);
    await keepers.store.close();
    const draft = { name: "n", polite: true };
    await codes.offer(realm, { ...draft, code: "AAAA" });
    await codes.answer(realm, { ...draft, code: "BBBB" }, "AAAA");
    await codes.post(realm, "AAAA", "hello");
    const endless = async (): Promise<string[]> => {
      const all = (await server.command("KEYS", "*")).split("\n");
      const ends = await Promise.all(all.map((key) => server.command("PTTL", key)));
      return all.filter((_, i) => Number(ends[i]) < 0).sort();
    };
    expect(await endless()).toEqual(["hg:{c:faults}:counts:", expect.stringMatching(/^hg:\{r:faults:/)]);
    await copies.forget(kept, copyAt(1).at);
    await directory.remove(realm, session, node);
    await directory.removeRooms(node, [over, gone, kept]);
    await directory.forgetNode(node);
    await pictures.remove(picture, node);
    await counters.clear("a");
    expect(await endless()).toEqual(["hg:{c:faults}:counts:"]);
    const left = (await server.command("KEYS", "hg:*")).split("\n").filter((key) => !key.startsWith("hg:{c:"));
    expect(left.filter((key) => key.startsWith("hg:{turn:")).sort()).toEqual([
      "hg:{turn:claimed}:lock",
      "hg:{turn:failed}:fails",
      "hg:{turn:failed}:wait",
      "hg:{turn:stored}:gen",
      "hg:{turn:stored}:set",
    ]);
    const rest = left.filter((key) => !key.startsWith("hg:{turn:"));
    expect(rest.sort()).toEqual(["hg:{life:0}", expect.stringMatching(/^hg:\{r:faults:/)]);
    expect(faults()).toEqual([]);
    await store.close();
  });
});

describe("a way that goes silent", () => {
  test("a connection that passes nothing any more is given up, and so is each attempt at another", async () => {
    const server = passing(await RedisServer.start({ acl }));
    const gate = await Gate.before(server.host, server.port);
    const watched = await watch({ ...server.address(user), nodes: [{ host: "127.0.0.1", port: gate.port }] });
    const { store } = watched;
    gate.blackhole();
    await expectBounded(store.counters.peek("a"));
    await until("the store is down", () => store.copies.link === "down");
    gate.mend();
    await until("the store is up", () => store.copies.link === "up");
    expect(watched.losses).toBe(1);
    await store.close();
    await until("no connection is left", async () => (await connectionsOf(server)) === 0);
    await gate.close();
  });
});

describe("a start without a server", () => {
  test("a store opens although nobody answers, and finds the server once it is there", async () => {
    const server = passing(await RedisServer.start({ acl }));
    const options = server.address(user);
    await server.kill();
    const watched = await watch(options);
    expect(watched.store.copies.link).toBe("down");
    await expectBounded(watched.store.codes.counts(realm));
    await server.start();
    await until("the store is up", () => watched.store.copies.link === "up");
    expect(watched.losses).toBe(1);
    await watched.store.close();
    await until("no connection is left", async () => (await connectionsOf(server)) === 0);
    expect(watched.links).toEqual(["up"]);
  });
});
