// What a store does not start over, each with what to do about it, and what a user of its own may not do.
import { RedisServer } from "@heliograph/cluster";
import { parseSessionId } from "@heliograph/protocol";
import type { StoreOptions } from "@heliograph/store";
import { redisPermissions } from "@heliograph/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { acl, keeper, open, user } from "./store-stage.ts";
import { copyAt, freshRoom, node, passing, realm, value } from "./store-watch.ts";

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
