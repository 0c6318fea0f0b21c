// Grants of ICE servers: asked for when a push did not come, when a page slept, when a login was refused, and no more than that.
import type { IceGrant } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { FakePage, MemoryStorage, Scene } from "../test-kit/scene.ts";
import { GeoAnswer } from "./geo.ts";
import type { Heliograph } from "./heliograph.ts";

const zones = [
  { id: "eu", priority: 10, label: "Europe", urls: ["turn:eu.example"] },
  { id: "us", priority: 20, label: "North America", urls: ["turn:us.example"] },
];

function grant(login: string, more: Partial<IceGrant> = {}): IceGrant {
  return {
    iceServers: [{ urls: ["turn:eu.example"], username: login, credential: "p" }, { urls: ["stun:eu.example"] }],
    ttl: 1000,
    expiry: "admission",
    degraded: false,
    ...more,
  };
}

const stunOnly: IceGrant = { iceServers: [{ urls: ["stun:one"] }], ttl: 60, expiry: "never", degraded: true };

/** A cluster whose grants are numbered. */
class House extends Scene {
  readonly page = new FakePage();
  #given = 0;
  more: Partial<IceGrant> = {};

  constructor() {
    super();
    Object.defineProperty(this.cluster, "ice", { get: () => this.next() });
  }

  next(): IceGrant {
    this.#given += 1;
    return grant(`login-${this.#given}`, this.more);
  }

  push(client: Heliograph, ice: IceGrant): void {
    this.cluster.endOf(client.session).send({ type: "ice", ice });
  }

  get asked(): number {
    return this.cluster.sent("ice").length;
  }
}

function logins(client: Heliograph): (string | undefined)[] {
  const told: (string | undefined)[] = [];
  client.on("ice", ({ login }) => told.push(login));
  return told;
}

test("a client keeps no timer that asks while the node pushes in time", async () => {
  const house = new House();
  const client = await house.connected();
  for (let round = 0; round < 5; round += 1) {
    await house.clock.advance(750_000);
    house.push(client, house.next());
  }
  await house.clock.advance(5);
  expect(house.asked).toBe(0);
  expect(client.ice.held.login).toBe("login-6");
});

test("a push that has not come by nine tenths of the life is asked for, once", async () => {
  const house = new House();
  const client = await house.connected();
  await house.clock.advance(899_000);
  expect(house.asked).toBe(0);
  await house.clock.advance(2_000);
  expect(house.asked).toBe(1);
  expect(client.iceServers[0]?.username).toBe("login-2");
  await house.clock.advance(800_000);
  expect(house.asked).toBe(1);
});

test("servers that do not end, and STUN alone, are never asked for again", async () => {
  const house = new House();
  house.more = { ttl: 0, expiry: "never" };
  const client = await house.connected();
  await house.clock.advance(100_000_000);
  house.push(client, stunOnly);
  await house.clock.advance(100_000_000);
  expect(client.ice.held).toMatchObject({ degraded: true, login: undefined });
  expect(client.ice.fresh()).toBeUndefined();
  expect(house.asked).toBe(0);
});

test("a request that is refused is made again when that is allowed", async () => {
  const house = new House();
  const client = await house.connected();
  house.cluster.refuse = (frame) => (frame.type === "ice" ? { reason: "slow_down", retryIn: 7_000 } : undefined);
  await house.clock.advance(901_000);
  expect(house.asked).toBe(1);
  house.cluster.refuse = () => undefined;
  await house.clock.advance(6_000);
  expect(house.asked).toBe(1);
  await house.clock.advance(1_000);
  expect(house.asked).toBe(2);
  expect(client.ice.held.login).toBe("login-2");
  expect(house.errors).toEqual([]);
});

test("whoever is told to slow down keeps what still serves, and asks again when that is allowed", async () => {
  const house = new House();
  const client = await house.connected();
  await house.clock.advance(5);
  house.push(client, { ...stunOnly, limited: { retryIn: 20_000 } });
  await house.clock.advance(19_000);
  expect(client.ice.held).toMatchObject({ login: "login-1", degraded: false });
  expect(house.asked).toBe(0);
  await house.clock.advance(2_000);
  expect(house.asked).toBe(1);
  expect(client.ice.held.login).toBe("login-2");
});

test("a connection that is about to be made waits for another grant only when less than a minute is left", async () => {
  const house = new House();
  house.more = { ttl: 80 };
  const client = await house.connected();
  await house.clock.advance(19_000);
  expect(client.ice.fresh()).toBeUndefined();
  await house.clock.advance(2_000);
  const both = [client.ice.fresh(), client.ice.fresh()];
  await house.clock.until(Promise.all(both));
  expect(client.ice.held.login).toBe("login-2");
  expect(house.asked).toBe(1);
});

test("[turn 48] a page that wakes after its grant's end asks at once, whatever told that it slept", async () => {
  for (const told of ["visibilitychange", "online"]) {
    const house = new House();
    const client = await house.connected({ page: house.page });
    await house.clock.advance(5);
    // Nothing runs while it sleeps; then the event comes first.
    const clock = house.clock.now();
    house.clock.now = () => clock + 2_000_000;
    house.page.tell(told);
    house.page.tell(told);
    expect(client.ice.fresh()).toBeInstanceOf(Promise);
    await house.clock.advance(5);
    expect(house.asked, told).toBe(1);
    expect(client.ice.held.login).toBe("login-2");
    expect(client.ice.fresh()).toBeUndefined();
  }
});

test("a clock that stood still while the machine slept is found out by the wall clock, and one that was set back is not believed", async () => {
  const house = new House();
  let ahead = 0;
  Object.assign(house.clock, { wall: () => house.clock.now() + ahead });
  const client = await house.connected();
  ahead = -50_000_000;
  expect(client.ice.fresh()).toBeUndefined();
  ahead = 29_000;
  expect(client.ice.fresh()).toBeUndefined();
  ahead = 50_000_000;
  expect(client.ice.fresh()).toBeInstanceOf(Promise);
});

test("a connection does not wait for a grant for ever", async () => {
  const house = new House();
  house.more = { ttl: 40 };
  const client = await house.connected();
  house.cluster.endOf(client.session).silence();
  const start = house.clock.now();
  await house.clock.until(client.ice.fresh() ?? Promise.resolve());
  expect(house.clock.now() - start).toBe(5_000);
});

test("[turn 46] a login that was refused is asked about once, however many servers and connections say so", async () => {
  const house = new House();
  const client = await house.connected();
  const answers = Promise.all([client.ice.refused("login-1"), client.ice.refused("login-1")]);
  expect(await house.clock.until(answers)).toEqual([true, true]);
  expect(house.asked).toBe(1);
  // A refusal that comes late is of the former login.
  expect(await house.clock.until(client.ice.refused("login-1"))).toBe(true);
  // What came instead is refused as well: somebody's secret or clock is wrong, and asking does not mend that.
  expect(await house.clock.until(client.ice.refused("login-2"))).toBe(false);
  expect(house.asked).toBe(1);
  // Another push is another chance.
  house.push(client, house.next());
  await house.clock.advance(5);
  expect(await house.clock.until(client.ice.refused("login-3"))).toBe(true);
  expect(house.asked).toBe(2);
});

test("a refused login that everybody shares is not asked about again when it comes back", async () => {
  const house = new House();
  const client = await house.connected();
  Object.defineProperty(house.cluster, "ice", { get: () => grant("login-1") });
  expect(await house.clock.until(client.ice.refused("login-1"))).toBe(false);
  expect(await house.clock.until(client.ice.refused("login-1"))).toBe(false);
  expect(house.asked).toBe(1);
});

test("a wish is said in the greeting, with a request when it changes, and again on resume", async () => {
  const house = new House();
  const storage = new MemoryStorage();
  const client = await house.connected({ iceWish: { zone: "us" }, storage });
  expect(house.cluster.sent("hello")).toMatchObject([{ iceWish: { zone: "us" } }]);
  client.iceWish = { zone: "us" };
  client.iceWish = "priority";
  await house.clock.advance(5);
  expect(house.cluster.sent("ice").map(({ wish }) => wish)).toEqual(["priority"]);
  house.cluster.endOf(client.session).cut();
  client.iceWish = "auto";
  await house.clock.advance(5_000);
  expect(house.cluster.sent("resume")).toMatchObject([{ iceWish: "auto" }]);
  expect(house.asked).toBe(1);
});

test("a client that is closed asks for nothing any more", async () => {
  const house = new House();
  const client = await house.connected({ page: house.page });
  client.close();
  house.page.tell("online");
  await house.clock.advance(10_000_000);
  expect(house.asked).toBe(0);
});

// The geo call.

interface Called {
  readonly url: string;
  readonly init: RequestInit;
  readonly form: URLSearchParams;
}

type Says = (nonce: string) => unknown;
const prefers =
  (...prefer: string[]): Says =>
  (nonce) => ({ success: true, nonce, geo: { prefer } });

class GeoHouse extends House {
  readonly calls: Called[] = [];
  says: Says;
  constructor(says: Says) {
    super();
    this.says = says;
    this.more = { zone: "eu", zones, geo: "https://turn.example/geo" };
  }
  readonly fetch = async (url: string, init: RequestInit) => {
    const form = new URLSearchParams(String(init.body));
    this.calls.push({ url, init, form });
    const answer = this.says(form.get("nonce") ?? "");
    if (answer instanceof Error) throw answer;
    return { ok: true, json: async () => answer };
  };
}

test("[turn 31] the first zone that is known of those the geo service prefers is used, and a renewal makes no second call", async () => {
  const house = new GeoHouse(prefers("mars", "us"));
  const client = await house.connected({ fetch: house.fetch });
  const told = logins(client);
  await house.clock.advance(900);
  expect(house.calls).toHaveLength(0);
  expect(client.ice.held.zone).toBe("eu");
  await house.clock.advance(200);
  expect(client.ice.held).toMatchObject({ zone: "us", login: "login-1" });
  expect(client.iceServers).toEqual([
    { urls: ["turn:us.example"], username: "login-1", credential: "p" },
    { urls: ["stun:eu.example"] },
  ]);
  house.push(client, house.next());
  await house.clock.advance(600_000);
  expect(client.ice.held).toMatchObject({ zone: "us", login: "login-2" });
  expect(told).toEqual(["login-1", "login-2"]);
  expect(house.calls).toHaveLength(1);
  const [{ url, init, form } = { url: "", init: {}, form: new URLSearchParams() }] = house.calls;
  expect(url).toBe("https://turn.example/geo");
  expect(init).toMatchObject({ method: "POST", credentials: "omit", redirect: "error" });
  expect([...form.keys()]).toEqual(["nonce", "username", "password"]);
  expect(form.get("nonce")).toMatch(/^[0-9a-f]{32}$/);
  expect([form.get("username"), form.get("password")]).toEqual(["login-1", "p"]);
  expect(house.asked).toBe(0);
});

test("a second grant within the first second does not lead to a second geo call", async () => {
  const house = new GeoHouse(prefers("us"));
  const client = await house.connected({ fetch: house.fetch });
  await house.clock.advance(500);
  house.push(client, house.next());
  await house.clock.advance(100_000);
  expect(house.calls.map(({ form }) => form.get("username"))).toEqual(["login-2"]);
});

test.each<[string, Says]>([
  ["another nonce", () => ({ success: true, nonce: "0".repeat(32), geo: { prefer: ["us"] } })],
  ["no success", (nonce) => ({ success: false, nonce, geo: { prefer: ["us"] } })],
  ["zones that nobody knows", prefers("mars", "venus")],
  ["a list of anything", (nonce) => ({ success: true, nonce, geo: { prefer: [1, null, {}] } })],
  ["nothing at all", () => undefined],
  ["an error", () => new TypeError("offline")],
])(
  "[turn 31] after a geo answer of %s the zone is the one by priority; 45 s later a new grant and one more call, then none",
  async (_what, says) => {
    const house = new GeoHouse(says);
    const client = await house.connected({ fetch: house.fetch });
    await house.clock.advance(1_100);
    expect([house.calls.length, house.asked, client.ice.held.zone]).toEqual([1, 0, "eu"]);
    // A push in between changes nothing.
    house.push(client, house.next());
    await house.clock.advance(44_000);
    expect([house.calls.length, house.asked]).toEqual([1, 0]);
    await house.clock.advance(2_500);
    expect([house.calls.length, house.asked]).toEqual([2, 1]);
    expect(house.calls[1]?.form.get("username")).toBe("login-3");
    await house.clock.advance(800_000);
    house.push(client, house.next());
    await house.clock.advance(600_000);
    expect([house.calls.length, house.asked, client.ice.held.zone]).toEqual([2, 1, "eu"]);
  },
);

test("a geo service that hangs is given up after thirty seconds", async () => {
  const house = new GeoHouse(prefers("us"));
  const ended: string[] = [];
  const hangs = (_url: string, { signal }: RequestInit) =>
    new Promise<never>((_resolve, reject) => {
      signal?.addEventListener("abort", () => {
        ended.push("aborted");
        reject(new DOMException("aborted", "AbortError"));
      });
    });
  await house.connected({ fetch: hangs });
  await house.clock.advance(30_500);
  expect(ended).toEqual([]);
  await house.clock.advance(1_000);
  expect(ended).toEqual(["aborted"]);
});

test("no geo call leaves where it is turned off, the wish is another, there is one zone, or no TURN", async () => {
  const cases: [string, Partial<IceGrant>, object][] = [
    ["turned off", {}, { noGeo: true }],
    ["priority", {}, { iceWish: "priority" }],
    ["a zone", {}, { iceWish: { zone: "us" } }],
    ["one zone", { zones: [] }, {}],
    ["no TURN", stunOnly, {}],
  ];
  for (const [what, more, options] of cases) {
    const house = new GeoHouse(prefers("us"));
    house.more = { ...house.more, ...more };
    const client = await house.connected({ fetch: house.fetch, ...options });
    await house.clock.advance(100_000);
    expect([house.calls.length, client.ice.held.zone], what).toEqual([0, "eu"]);
  }
});

test("turning the geo call off counts at once, before it and after it", async () => {
  const house = new GeoHouse(prefers("us"));
  const client = await house.connected({ fetch: house.fetch });
  await house.clock.advance(500);
  client.noGeo = true;
  await house.clock.advance(100_000);
  expect(house.calls).toHaveLength(0);
  client.noGeo = false;
  await house.clock.advance(1_100);
  expect([house.calls.length, client.ice.held.zone]).toEqual([1, "us"]);
  client.noGeo = true;
  expect(client.ice.held.zone).toBe("eu");
  client.noGeo = false;
  await house.clock.advance(100_000);
  expect([house.calls.length, client.ice.held.zone]).toEqual([1, "us"]);
});

test("a zone that is chosen overrides what the geo service says, also while it is being asked", async () => {
  const house = new GeoHouse(prefers("us"));
  const client = await house.connected({ fetch: house.fetch });
  await house.clock.advance(500);
  house.more = { ...house.more, zone: "eu" };
  client.iceWish = { zone: "eu" };
  await house.clock.advance(100_000);
  expect([house.calls.length, client.ice.held.zone]).toEqual([0, "eu"]);
});

test("several clients of a page share one geo answer", async () => {
  const house = new GeoHouse(prefers("us"));
  const geoAnswer = new GeoAnswer();
  for (let each = 0; each < 3; each += 1) {
    const client = await house.connected({ fetch: house.fetch, geoAnswer });
    await house.clock.advance(2_000);
    expect(client.ice.held.zone).toBe("us");
    client.close();
  }
  expect(house.calls).toHaveLength(1);
});
