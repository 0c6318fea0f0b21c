// What becomes of the memory's servers, and what the store makes of it: it fails at once, heals by itself, tells of loss.

import { Gate, RedisCluster, RedisSentinel, RedisServer } from "@heliograph/cluster";
import type { CopyChanges, RoomCopy } from "@heliograph/core";
import { changesBetween, Room, Unreachable } from "@heliograph/core";
import type { Position, RoomKey } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseRealm, parseRoomName, parseSessionId, roomKey } from "@heliograph/protocol";
import type { StoreOptions } from "@heliograph/store";
import { redisPermissions } from "@heliograph/store";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../kit/until.ts";
import type { Opened } from "./store-stage.ts";
import { acl, keeper, open, user } from "./store-stage.ts";

/** Longer than any answer may take, far shorter than what a test waits for. */
const bounded = 3_000;

function value<T>(outcome: { ok: true; value: T } | { ok: false }): T {
  if (!outcome.ok) throw new Error("a name was refused");
  return outcome.value;
}

const realm = value(parseRealm("faults"));
let rooms = 0;

function freshRoom(): RoomKey {
  rooms += 1;
  return roomKey(realm, value(parseRoomName(`{a}:b ${rooms}`)));
}

const template = Room.fresh(freshRoom(), { version: 1, logLife: 300_000 }).toCopy();

function copyAt(seq: number): RoomCopy {
  return { ...template, at: { seq, index: 0, time: seq * 10 } };
}

/** An open store that counts what it tells. */
interface Watched extends Opened {
  losses: number;
  readonly links: string[];
}

async function watch(options: StoreOptions): Promise<Watched> {
  const watched: Watched = { ...(await open(options)), losses: 0, links: [] };
  watched.store.copies.onLoss(() => {
    watched.losses += 1;
  });
  watched.store.copies.onLink((link) => watched.links.push(link));
  return watched;
}

/** Rejects as unreachable, and within the bound. */
async function expectBounded(asked: Promise<unknown>): Promise<void> {
  const before = Date.now();
  await expect(asked).rejects.toBeInstanceOf(Unreachable);
  expect(Date.now() - before).toBeLessThan(bounded);
}

/** Servers of one test alone: they end with it, however it ends. */
function passing<T extends { stop(): Promise<void> }>(servers: T): T {
  onTestFinished(() => servers.stop());
  return servers;
}

/** How many connections a server has that bear our name. */
async function connectionsOf(server: RedisServer): Promise<number> {
  return (await server.command("CLIENT", "LIST")).split("\n").filter((line) => line.includes("heliograph")).length;
}

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
    const owner = value(parseSessionId("session-1-------------"));
    const huge = { bytes: new Uint8Array(40 << 20), type: "image/png", digest: "d", owner } as const;
    await expect(pictures.put(realm, huge, 1_000)).rejects.toBeInstanceOf(Unreachable);
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
      const [key = ""] = (await server.command("KEYS", `*${rooms}}`)).split("\n");
      await server.command("HSET", key, field, "rubbish");
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

const node = value(parseNodeId("node-1----------------"));

/** A room of so many members, each with all that a member has. */
function crowd(size: number): RoomCopy {
  const room = Room.fresh(freshRoom(), { version: 1, logLife: 300_000 });
  for (let i = 1; i <= size; i += 1) {
    const join = {
      kind: "join",
      from: value(parseMemberId(`member ${i}`)),
      session: value(parseSessionId(`session-${i}`.padEnd(22, "-"))),
      epoch: { attempt: 1, bump: 0, node },
      profile: { name: `Member number ${i}`, status: "here", picture: "x".repeat(200) },
      grace: 30_000,
      marks: ["203.0.113.7"],
    } as const;
    room.apply(join, { seq: i, index: 0, time: i });
  }
  return room.toCopy();
}

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
    await pictures.put(realm, { bytes: new Uint8Array(9), type: "image/png", digest: "d", owner: session }, 60_000);
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
    await pictures.remove(realm, session);
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

describe("Sentinels", () => {
  test("a primary lost with what it alone knew is replaced, and whoever hosts a room is told to look", async () => {
    const sentinel = passing(await RedisSentinel.start({ acl, password: "replicas-know-it" }));
    const watched = await watch(sentinel.address(user));
    const { copies } = watched.store;
    const [primary, replica] = sentinel.servers;
    if (primary === undefined || replica === undefined) throw new Error("two servers were started");
    const [kept, lost] = [freshRoom(), freshRoom()];
    await copies.replace(kept, copyAt(1));
    await until("the replica has it", async () => (await replica.command("EXISTS", await keyOf(primary))) === "1");
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

  async function keyOf(server: RedisServer): Promise<string> {
    const [key = ""] = (await server.command("KEYS", "hg:{r:*")).split("\n");
    return key;
  }
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
    const slot = await first.command("CLUSTER", "KEYSLOT", `hg:{r:faults:${encodeURIComponent(`{a}:b ${rooms}`)}}`);
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

describe("what may not start", () => {
  let server: RedisServer;
  beforeAll(async () => {
    const meagre = `${redisPermissions("edge", { ...user, username: "meagre" })} -pexpire`;
    const elsewhere = `${redisPermissions("edge", { ...user, username: "elsewhere" })} resetkeys ~other:*`;
    server = await RedisServer.start({ acl: [...acl, meagre, elsewhere], tls: true });
  });
  afterAll(() => server.stop());

  const refused = (options: StoreOptions): Promise<unknown> =>
    open(options).then(
      async ({ store }) => store.close(),
      (error: unknown) => error,
    );

  test("a wrong password, an unknown user and missing permissions are refused, each with what to do", async () => {
    const { username, password } = user;
    const cases: readonly [StoreOptions, RegExp][] = [
      [server.address({ username, password: "wrong" }), /redis\.password/],
      [server.address({ username: "nobody", password }), /redis\.username/],
      [server.address({ username: "meagre", password }), /redis permissions.*PEXPIRE/],
      [server.address({ username: "elsewhere", password }), /redis permissions/],
      [{ ...server.address(user), mode: "cluster" }, /redis\.mode/],
      [{ ...server.address(user), mode: "sentinel", sentinelName: "x" }, /Sentinel/],
      [{ ...server.address(user), tls: { caFile: "/nowhere/ca.pem" } }, /\/nowhere\/ca\.pem/],
      [{ ...server.address(user), tls: {} }, /redis\.tls\.caFile/],
    ];
    for (const [options, words] of cases) {
      expect(await refused(options)).toMatchObject({ name: "StoreRefused", message: expect.stringMatching(words) });
    }
  });

  test("a member of a Cluster and a Sentinel are no single servers, and no Sentinel knows a name that is not there", async () => {
    const member = passing(await RedisServer.start({ as: "cluster member" }));
    expect(await refused(member.address())).toMatchObject({ message: expect.stringContaining("cluster") });
    const sentinel = passing(await RedisServer.start({ as: "sentinel" }));
    expect(await refused(sentinel.address())).toMatchObject({ message: expect.stringContaining("sentinel") });
    const unknown = { ...sentinel.address(), mode: "sentinel", sentinelName: "nobody" } as const;
    expect(await refused(unknown)).toMatchObject({ message: expect.stringContaining('"nobody"') });
  });

  test("an edge's user reads TURN credentials, and neither claims nor writes any", async () => {
    const [edge, fetching] = [await open(server.address(user)), await open(server.address(keeper))];
    const bytes = Uint8Array.of(1, 2, 3);
    await fetching.store.iceSets.claim("own", "token");
    const { iceSets } = edge.store;
    const outcomes = await Promise.allSettled([
      iceSets.claim("other", "token"),
      iceSets.commit("own", "token", bytes, 60_000),
      iceSets.fail("own", "token", 60_000),
    ]);
    for (const each of outcomes) expect(each).toMatchObject({ reason: { name: "Unreachable" } });
    expect(edge.faults().length).toBe(outcomes.length);
    expect(await server.command("KEYS", "hg:{turn:*")).toBe("hg:{turn:own}:lock");
    expect(await fetching.store.iceSets.commit("own", "token", bytes, 60_000)).toBeDefined();
    expect((await iceSets.read("own")).set?.bytes).toEqual(bytes);
    expect(fetching.faults()).toEqual([]);
    await Promise.all([edge.store.close(), fetching.store.close()]);
  });

  test("a keeper's user looks after rooms, and sessions, codes and counters are none of its business", async () => {
    const { store, faults } = await open(server.address(keeper));
    const room = freshRoom();
    expect(await store.copies.replace(room, copyAt(1))).toBe("replaced");
    await store.directory.addRooms(node, [room], 60_000);
    expect(await store.directory.nodes()).toEqual([node]);
    expect(await store.directory.roomsOf(node)).toEqual([room]);
    await store.directory.removeRooms(node, [room]);
    await store.directory.forgetNode(node);
    expect(await store.copies.load(room)).toBeDefined();
    await store.copies.forget(room, copyAt(1).at);
    expect(faults()).toEqual([]);
    const session = value(parseSessionId("session-1-------------"));
    const record = { realm, session, node, dialect: "native", rooms: [], since: 1 };
    const outcomes = await Promise.allSettled([
      store.counters.add("a", 1_000),
      store.directory.put({ ...record, user: "ann" }, 60_000),
      store.directory.find(realm, session),
    ]);
    for (const each of outcomes) expect(each).toMatchObject({ reason: { name: "Unreachable" } });
    expect(faults().length).toBe(outcomes.length);
    await store.close();
  });
});
