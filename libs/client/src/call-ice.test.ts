// Calls over grants that change: what reaches running connections, what restarts them and what does not.
import type { IceExpiry, IceGrant } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { FakeRtc } from "../test-kit/fake-rtc.ts";
import { Scene } from "../test-kit/scene.ts";
import type { CallEvents } from "./call.ts";
import { Call } from "./call.ts";
import type { Heliograph } from "./heliograph.ts";

const url = "turn:relay.example:3478?transport=udp";

function grant(login: string, expiry: IceExpiry, ttl = 1_000): IceGrant {
  return { iceServers: [{ urls: [url], username: login, credential: "p" }], ttl, expiry, degraded: false };
}

class Stage extends Scene {
  readonly rtc = new FakeRtc();

  /** Ann sees Bob through a relay unless another type is said. */
  async pair(ice: IceGrant, localType = "relay", relayProtocol?: string) {
    this.rtc.localType = localType;
    this.rtc.relayProtocol = relayProtocol;
    this.cluster.ice = ice;
    const ann = await this.joined("tea");
    const bob = await this.joined("tea");
    const [call, other] = [ann, bob].map(({ room }) => new Call(room, { rtc: this.rtc.constructorOf }));
    if (call === undefined || other === undefined) throw new Error("no call");
    await this.clock.advance(200);
    const peer = call.peers.get(bob.room.self);
    if (peer === undefined) throw new Error("no peer");
    expect(peer.settled).toBe(true);
    const back = other?.peers.get(ann.room.self);
    if (back === undefined) throw new Error("no peer");
    const fakes = { fake: this.rtc.of(peer.connection), otherFake: this.rtc.of(back.connection) };
    return { ann: ann.client, bob: bob.client, call, peer, ...fakes };
  }

  async push(client: Heliograph, ice: IceGrant): Promise<void> {
    this.cluster.endOf(client.session).send({ type: "ice", ice });
    await this.clock.advance(5);
  }

  /** When the login of the first grant has lived so long, in seconds. */
  async at(seconds: number): Promise<void> {
    await this.clock.advance(seconds * 1_000 - this.clock.now());
  }

  get asked(): number {
    return this.cluster.sent("ice").length;
  }
}

test("new servers reach every connection at once, which keeps what else it was configured with", async () => {
  const stage = new Stage();
  const { ann, fake } = await stage.pair(grant("one", "admission"));
  await stage.push(ann, grant("two", "admission"));
  expect(fake.configuration).toEqual({ iceTransportPolicy: "all", iceServers: grant("two", "never").iceServers });
  expect(fake.restarts).toBe(0);
});

test("[turn 47] a relay that ends with its login is replaced when a fifth of the old login is left, and not before", async () => {
  const stage = new Stage();
  const { ann, fake } = await stage.pair(grant("one", "hard"));
  await stage.at(750);
  await stage.push(ann, grant("two", "hard"));
  await stage.at(799);
  expect(fake.restarts).toBe(0);
  await stage.at(801);
  expect(fake.restarts).toBe(1);
  // Its candidates are of the new login now, and the other side has no relay of ours to save.
  await stage.at(1_500);
  expect(fake.restarts).toBe(1);
});

test("[turn 47] a push that comes late replaces such a relay at once", async () => {
  const stage = new Stage();
  const { ann, fake } = await stage.pair(grant("one", "hard"));
  await stage.at(850);
  await stage.push(ann, grant("two", "hard"));
  expect(fake.restarts).toBe(1);
});

test.each<[string, IceGrant, IceGrant, string]>([
  ["only new relays need a login", grant("one", "admission"), grant("two", "admission"), "relay"],
  ["nothing ends", grant("one", "never", 0), grant("two", "never", 0), "relay"],
  ["the path is direct", grant("one", "hard"), grant("two", "hard"), "host"],
  ["the login is the same", grant("one", "hard"), grant("one", "hard", 2_000), "relay"],
])("[turn 47] a new grant restarts nothing where %s", async (_why, first, second, type) => {
  const stage = new Stage();
  const { ann, fake } = await stage.pair(first, type);
  await stage.at(750);
  await stage.push(ann, second);
  await stage.at(1_200);
  expect(fake.restarts).toBe(0);
});

test("STUN alone replaces no relay; the next TURN server does", async () => {
  const stage = new Stage();
  const { ann, fake } = await stage.pair(grant("one", "hard"));
  await stage.at(940);
  await stage.push(ann, { iceServers: [{ urls: ["stun:s"] }], ttl: 60, expiry: "never", degraded: true });
  await stage.at(960);
  expect(fake.restarts).toBe(0);
  await stage.push(ann, grant("three", "hard"));
  expect(fake.restarts).toBe(1);
});

test("a relay that was made anew for another reason is not replaced once more", async () => {
  const stage = new Stage();
  const { ann, bob, fake, peer, call } = await stage.pair(grant("one", "hard"));
  await stage.at(750);
  await stage.push(ann, grant("two", "hard"));
  await stage.push(bob, grant("two", "hard"));
  peer.restartIce();
  await stage.clock.advance(200);
  expect(call.peers.get(peer.id)?.settled).toBe(true);
  await stage.at(1_000);
  expect(fake.restarts).toBe(1);
});

test("a relay is replaced when the member is back that was away at the time", async () => {
  const stage = new Stage();
  const { ann, bob, fake } = await stage.pair(grant("one", "hard"));
  await stage.at(750);
  await stage.push(ann, grant("two", "hard"));
  stage.cluster.network.tap = (_direction, frame) => (frame.type === "resume" ? "cut" : "pass");
  await stage.at(795);
  stage.cluster.endOf(bob.session).cut();
  await stage.at(805);
  expect(fake.restarts).toBe(0);
  stage.cluster.network.tap = () => "pass";
  await stage.at(825);
  expect(fake.restarts).toBe(1);
});

test("[turn 48] a path that fails after the grant has ended is restarted with a new one", async () => {
  const stage = new Stage();
  const { fake, ann } = await stage.pair(grant("one", "admission"));
  stage.cluster.ice = grant("two", "admission");
  const before = fake.logins.length;
  // Nothing runs while the machine sleeps.
  const slept = stage.clock.now() + 5_000_000;
  stage.clock.now = () => slept;
  fake.become("failed");
  await stage.clock.advance(50);
  expect(ann.ice.held.login).toBe("two");
  expect([...new Set(fake.logins.slice(before))]).toEqual(["two"]);
});

test("[turn 48] a connection that is made after the grant has ended asks first, whoever calls", async () => {
  for (const late of [0, 1]) {
    const stage = new Stage();
    stage.cluster.ice = grant("one", "admission");
    const members = [await stage.joined("tea"), await stage.joined("tea")];
    stage.cluster.ice = grant("two", "admission");
    const slept = stage.clock.now() + 5_000_000;
    stage.clock.now = () => slept;
    // The one that offers first, and the one that answers.
    for (const { room } of late === 0 ? members : members.toReversed()) {
      new Call(room, { rtc: stage.rtc.constructorOf });
      await stage.clock.advance(50);
    }
    expect(new Set(stage.rtc.made.flatMap(({ logins }) => logins))).toEqual(new Set(["two"]));
    expect(stage.asked).toBe(2);
  }
});

test("[turn 46] a refused login is asked about once for all connections and servers, which then restart", async () => {
  const stage = new Stage();
  const { call, fake, ann } = await stage.pair(grant("one", "admission"));
  stage.cluster.ice = grant("two", "admission");
  const told: number[] = [];
  call.on("turn-error", ({ code }) => told.push(code));
  fake.error(401, url);
  fake.error(401, "turn:relay.example:443?transport=tcp");
  await stage.clock.advance(50);
  expect(stage.asked).toBe(1);
  expect([fake.restarts, ann.ice.held.login]).toEqual([1, "two"]);
  expect(told).toEqual([]);
  // The next one is refused too: it is told, and that is all.
  fake.error(401, url);
  fake.error(401, url);
  await stage.clock.advance(50_000);
  expect([stage.asked, fake.restarts]).toEqual([1, 1]);
  expect(told).toEqual([401]);
});

test("of two that lose their logins at once the one that gives way waits, and the other's restart serves both", async () => {
  const stage = new Stage();
  const { fake, otherFake, ann, bob } = await stage.pair(grant("one", "admission"));
  stage.cluster.ice = grant("two", "admission");
  fake.error(401, url);
  otherFake.error(401, url);
  await stage.clock.advance(10_000);
  expect([ann.ice.held.login, bob.ice.held.login]).toEqual(["two", "two"]);
  expect([fake.restarts, otherFake.restarts]).toEqual([1, 0]);
  expect(otherFake.logins.at(-1)).toBe("two");
});

test("the one that gives way restarts all the same where the other does not", async () => {
  const stage = new Stage();
  const { otherFake } = await stage.pair(grant("one", "admission"));
  stage.cluster.ice = grant("two", "admission");
  otherFake.error(401, url);
  await stage.clock.advance(1_900);
  expect(otherFake.restarts).toBe(0);
  await stage.clock.advance(300);
  expect(otherFake.restarts).toBe(1);
});

test("[turn 46] codes that no login mends are told once, and lead to no request and no restart", async () => {
  const stage = new Stage();
  const { call, fake } = await stage.pair(grant("one", "admission"));
  const told: CallEvents["turn-error"][] = [];
  call.on("turn-error", (error) => told.push(error));
  for (const code of [486, 701, 486, 508]) fake.error(code, url);
  await stage.clock.advance(50_000);
  expect(told.map(({ code }) => code)).toEqual([486, 701, 508]);
  expect([stage.asked, fake.restarts]).toEqual([0, 0]);
});

test("errors of STUN servers and of hosts that are not ours are nobody's business", async () => {
  const stage = new Stage();
  const { call, fake } = await stage.pair(grant("one", "admission"));
  const told: unknown[] = [];
  call.on("turn-error", (error) => told.push(error));
  for (const each of ["stun:relay.example:3478", "turn:other.example:3478", ""]) fake.error(401, each);
  await stage.clock.advance(50_000);
  expect([told, stage.asked]).toEqual([[], 0]);
  expect(stage.cluster.sent("report").filter(({ turnErrors }) => turnErrors !== undefined)).toEqual([]);
});

test.each([
  ["host", undefined, "host"],
  ["srflx", undefined, "srflx"],
  ["relay", "udp", "relay_udp"],
  ["relay", "tcp", "relay_tcp"],
  ["relay", "tls", "relay_tls"],
  ["relay", undefined, "relay_udp"],
] as const)("a path by %s over %s is reported as %s", async (type, protocol, pair) => {
  const stage = new Stage();
  const { fake } = await stage.pair(grant("one", "admission"), type, protocol);
  const reports = () => stage.cluster.sent("report").filter(({ state }) => state === "connected");
  expect(reports()[0]).toMatchObject({ pair, local: type });
  fake.become("failed");
  await stage.clock.advance(5);
  expect(stage.cluster.sent("report").find(({ state }) => state === "failed")).toMatchObject({ pair: "failed" });
});

test("codes of TURN servers are reported together, each once, also when no connection comes about", async () => {
  const stage = new Stage();
  const { fake } = await stage.pair(grant("one", "admission"));
  fake.connectionState = "new";
  for (const code of [701, 401, 701]) fake.error(code, url);
  await stage.clock.advance(2_500);
  const told = stage.cluster.sent("report").filter(({ turnErrors }) => turnErrors !== undefined);
  expect(told).toMatchObject([{ state: "connecting", turnErrors: [701, 401] }]);
});

test("codes that were met are reported when their connection goes before its time", async () => {
  const stage = new Stage();
  const { call, fake } = await stage.pair(grant("one", "admission"));
  fake.error(486, url);
  call.hangUp();
  await stage.clock.advance(5_000);
  const told = stage.cluster.sent("report").filter(({ turnErrors }) => turnErrors !== undefined);
  expect(told).toMatchObject([{ state: "closed", turnErrors: [486] }]);
});
