// Calls over peer connections without a network: meeting, glare, healing, switching, ringing.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FakeRtc, FakeTrack, fakeStream } from "../test-kit/fake-rtc.ts";
import { MemoryStorage, Scene } from "../test-kit/scene.ts";
import type { CallOptions } from "./call.ts";
import { Call } from "./call.ts";
import type { HeliographOptions } from "./heliograph.ts";
import type { Peer } from "./peer.ts";
import type { Room } from "./room.ts";

class Stage extends Scene {
  readonly rtc = new FakeRtc();

  call(room: Room, options: CallOptions = {}): Call {
    return new Call(room, { rtc: this.rtc.constructorOf, ...options });
  }

  async member(options: CallOptions = {}, client: Partial<HeliographOptions> = {}) {
    const joined = await this.joined("tea", client);
    return { ...joined, call: this.call(joined.room, options) };
  }

  async pair() {
    const ann = await this.member({ stream: fakeStream(new FakeTrack("video", "ann-camera")) });
    const bob = await this.member({ stream: fakeStream(new FakeTrack("video", "bob-camera")) });
    await this.clock.advance(200);
    return { ann, bob, toBob: peerOf(ann.call, bob.room), toAnn: peerOf(bob.call, ann.room) };
  }

  descriptions(): number {
    return this.cluster.sent("signal").filter(({ body }) => body.kind === "description").length;
  }
}

function peerOf(call: Call, room: Room): Peer {
  const peer = call.peers.get(room.self);
  if (peer === undefined) throw new Error("no such peer");
  return peer;
}

function tracks(call: Call): string[] {
  const heard: string[] = [];
  call.on("track", ({ track }) => heard.push(track.id));
  return heard;
}

test("two members that offer at once agree, see each other and can talk over the data channel", async () => {
  const stage = new Stage();
  const ann = await stage.joined("tea");
  const bob = await stage.joined("tea");
  await stage.clock.advance(5);
  const calls = [ann, bob].map(({ room }, index) =>
    stage.call(room, { stream: fakeStream(new FakeTrack("video", `camera-${index}`)) }),
  );
  const [annCall, bobCall] = [calls[0] as Call, calls[1] as Call];
  const seen = [tracks(annCall), tracks(bobCall)];
  const texts: string[] = [];
  bobCall.on("message", ({ from, text }) => texts.push(`${from}: ${text}`));
  await stage.clock.advance(200);
  const [toBob, toAnn] = [peerOf(annCall, bob.room), peerOf(bobCall, ann.room)];
  expect([toBob.settled, toAnn.settled]).toEqual([true, true]);
  expect([toBob.polite, toAnn.polite]).toEqual([false, true]);
  expect(seen.map((ids) => [...new Set(ids)])).toEqual([["camera-1"], ["camera-0"]]);
  expect(annCall.send("hello")).toBe(1);
  await stage.clock.advance(1);
  expect(texts).toEqual([`${ann.room.self}: hello`]);
  expect(stage.errors).toEqual([]);
});

test("three members form a mesh, and one that leaves is gone for both others", async () => {
  const stage = new Stage();
  const all = [await stage.member(), await stage.member(), await stage.member()];
  await stage.clock.advance(300);
  expect(all.map(({ call }) => [...call.peers.values()].map(({ state }) => state))).toEqual(
    Array(3).fill(["connected", "connected"]),
  );
  const gone: string[] = [];
  all[0]?.call.on("peer-left", ({ id }) => gone.push(id));
  await stage.clock.until(all[2]?.room.leave() ?? Promise.resolve());
  await stage.clock.advance(5);
  expect(gone).toEqual([all[2]?.room.self]);
  expect(all[1]?.call.peers.size).toBe(1);
});

test("whatever both sides change, and whenever, they end in agreement with each other's tracks", async () => {
  const change = fc.record({
    who: fc.boolean(),
    wait: fc.integer({ min: 0, max: 6 }),
    what: fc.constantFrom("add", "restart", "cut"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), async (changes) => {
      const stage = new Stage();
      const members = [await stage.member(), await stage.member()];
      const sent: FakeTrack[][] = [[], []];
      const seen = members.map(({ call }) => tracks(call));
      for (const [index, { who, wait, what }] of changes.entries()) {
        await stage.clock.advance(wait);
        const side = who ? 1 : 0;
        const member = members[side];
        if (what === "restart") for (const peer of member?.call.peers.values() ?? []) peer.restartIce();
        if (what === "cut" && member?.client.state === "open") stage.cluster.endOf(member.client.session).cut();
        if (what === "add") {
          sent[side]?.push(new FakeTrack("video", `track-${side}-${index}`));
          void member?.call.setStream(fakeStream(...(sent[side] ?? [])));
        }
      }
      await stage.clock.advance(20_000);
      for (const [side, { call }] of members.entries()) {
        expect([...call.peers.values()].map(({ settled }) => settled)).toEqual([true]);
        expect(new Set(seen[side])).toEqual(new Set(sent[1 - side]?.map(({ id }) => id)));
      }
      expect(stage.errors).toEqual([]);
    }),
    { seed: 20_261_121, numRuns: 60 },
  );
});

test("candidates travel together", async () => {
  const stage = new Stage();
  await stage.pair();
  const batches = stage.cluster
    .sent("signal")
    .flatMap(({ body }) => (body.kind === "candidates" ? [body.candidates.length] : []));
  expect(new Set(batches)).toEqual(new Set([4]));
});

test("whoever went on with its own offer keeps its connection when the other side offers again", async () => {
  const stage = new Stage();
  const rooms = [(await stage.joined("tea")).room, (await stage.joined("tea")).room] as const;
  await stage.clock.advance(5);
  const calls = [stage.call(rooms[0]), stage.call(rooms[1])] as const;
  await stage.clock.advance(200);
  const peers = [peerOf(calls[0], rooms[1]), peerOf(calls[1], rooms[0])];
  const kept = peers.map(({ connection }) => connection);
  peers.find(({ polite }) => polite)?.restartIce();
  await stage.clock.advance(200);
  expect(peers.map(({ settled }) => settled)).toEqual([true, true]);
  expect(peers.map(({ connection }) => connection)).toEqual(kept);
  // One for whoever went on, two for whoever gave way.
  expect(stage.rtc.made).toHaveLength(3);
});

test("a path that fails is restarted at once, one that is disconnected after four seconds", async () => {
  const stage = new Stage();
  const { toBob } = await stage.pair();
  const fake = stage.rtc.of(toBob.connection);
  fake.become("disconnected");
  await stage.clock.advance(3_900);
  expect(fake.restarts).toBe(0);
  fake.become("connected");
  fake.become("disconnected");
  await stage.clock.advance(3_900);
  expect(fake.restarts).toBe(0);
  await stage.clock.advance(200);
  expect(fake.restarts).toBe(1);
  fake.become("failed");
  expect(fake.restarts).toBe(2);
  await stage.clock.advance(200);
  expect(toBob.settled).toBe(true);
});

test("to a member that is away nothing is restarted until it is back", async () => {
  const stage = new Stage();
  const { bob, toBob } = await stage.pair();
  const fake = stage.rtc.of(toBob.connection);
  stage.cluster.network.tap = (_direction, frame) => (frame.type === "resume" ? "cut" : "pass");
  stage.cluster.endOf(bob.client.session).cut();
  await stage.clock.advance(5);
  fake.become("failed");
  expect(fake.restarts).toBe(0);
  stage.cluster.network.tap = () => "pass";
  await stage.clock.advance(20_000);
  expect(fake.restarts).toBe(1);
});

test("media go on while signaling is cut and resumed", async () => {
  const stage = new Stage();
  const { ann, bob, toBob, toAnn } = await stage.pair();
  const connections = [toBob.connection, toAnn.connection];
  const events: string[] = [];
  for (const { call } of [ann, bob]) {
    call.on("peer-left", () => events.push("left"));
    call.on("state", ({ state }) => events.push(state));
  }
  stage.cluster.endOf(bob.client.session).cut();
  await stage.clock.advance(5_000);
  expect(bob.room.state).toBe("joined");
  expect([toBob.connection, toAnn.connection]).toEqual(connections);
  expect(events).toEqual([]);
});

test("a member that left and came again gets a new peer", async () => {
  const stage = new Stage();
  const { ann, bob, toBob } = await stage.pair();
  await stage.clock.until(bob.room.leave());
  const room = await stage.clock.until(bob.client.join("tea"));
  stage.call(room);
  await stage.clock.advance(200);
  expect(toBob.state).toBe("closed");
  expect(peerOf(ann.call, room).settled).toBe(true);
});

test("a page that was reloaded is the same member with a new connection, and ours begins anew with it", async () => {
  for (const reloads of ["ann", "bob"] as const) {
    const stage = new Stage();
    const storages = { ann: new MemoryStorage(), bob: new MemoryStorage() };
    const members = {
      ann: await stage.member({}, { storage: storages.ann }),
      bob: await stage.member({}, { storage: storages.bob }),
    };
    await stage.clock.advance(500);
    const other = members[reloads === "ann" ? "bob" : "ann"];
    const peer = peerOf(other.call, members[reloads].room);
    const renewed: unknown[] = [];
    peer.on("renewed", (connection) => renewed.push(connection));
    stage.cluster.endOf(members[reloads].client.session).silence();
    // Says something into the hole, as an ICE restart would.
    peer.restartIce();
    await stage.clock.advance(100);
    const client = await stage.connected({ storage: storages[reloads] });
    const room = await stage.clock.until(client.join("tea"));
    const call = stage.call(room);
    await stage.clock.advance(1_000);
    expect(peerOf(other.call, room)).toBe(peer);
    expect(renewed).toContain(peer.connection);
    expect([peer.settled, peerOf(call, other.room).settled]).toEqual([true, true]);
  }
});

test("a call that is made late finds the offers that came before it", async () => {
  for (const late of [0, 1]) {
    const stage = new Stage();
    const rooms = [(await stage.joined("tea")).room, (await stage.joined("tea")).room];
    await stage.clock.advance(5);
    const early = stage.call(rooms[1 - late] as Room);
    await stage.clock.advance(3_000);
    const call = stage.call(rooms[late] as Room);
    await stage.clock.advance(300);
    expect([peerOf(call, rooms[1 - late] as Room).settled, peerOf(early, rooms[late] as Room).settled]).toEqual([
      true,
      true,
    ]);
  }
});

test("a switch from camera to screen replaces the track and negotiates nothing", async () => {
  const stage = new Stage();
  const { ann, toBob } = await stage.pair();
  const before = stage.descriptions();
  await stage.clock.until(ann.call.setStream(fakeStream(new FakeTrack("video", "screen"))));
  await stage.clock.until(ann.call.setStream(undefined));
  await stage.clock.until(ann.call.setStream(fakeStream(new FakeTrack("video", "camera again"))));
  await stage.clock.advance(200);
  expect(stage.descriptions()).toBe(before);
  expect(stage.rtc.of(toBob.connection).senders.map(({ track }) => track?.id)).toEqual(["camera again"]);
});

test("a track that cannot replace the other is negotiated", async () => {
  const stage = new Stage();
  const { ann, bob, toBob } = await stage.pair();
  const seen = tracks(bob.call);
  await stage.clock.until(ann.call.setStream(fakeStream(new FakeTrack("video", "incompatible-screen"))));
  await stage.clock.advance(200);
  expect(seen).toContain("incompatible-screen");
  expect(toBob.settled).toBe(true);
  expect(stage.errors).toEqual([]);
});

test("how a connection fared is reported, and measured for the tiles", async () => {
  const stage = new Stage();
  const { ann, toBob } = await stage.pair();
  const stats: unknown[] = [];
  ann.call.on("stats", (event) => stats.push(event.stats));
  await stage.clock.advance(5_000);
  expect(stats).toEqual([{ local: "host", remote: "srflx", roundTrip: 12 }]);
  const report = stage.cluster.sent("report")[0];
  expect(report).toMatchObject({ state: "connected", local: "host", remote: "srflx", roundTrip: 12 });
  expect(report?.setup).toBeGreaterThan(0);
  stage.rtc.of(toBob.connection).become("failed");
  await stage.clock.advance(5);
  expect(stage.cluster.sent("report").some(({ state }) => state === "failed")).toBe(true);
});

test("whoever hangs up is gone for the others, stays in the room and can call again", async () => {
  const stage = new Stage();
  const { ann, bob } = await stage.pair();
  bob.call.hangUp();
  await stage.clock.advance(10);
  expect(ann.call.peers.size).toBe(0);
  expect(bob.room.state).toBe("joined");
  const again = stage.call(bob.room);
  await stage.clock.advance(300);
  expect([peerOf(again, ann.room).settled, peerOf(ann.call, bob.room).settled]).toEqual([true, true]);
});

test("who is removed from the room is gone from the call", async () => {
  const stage = new Stage();
  const { ann, bob } = await stage.pair();
  await stage.clock.until(ann.room.remove(bob.room.self));
  await stage.clock.advance(10);
  expect([ann.call.peers.size, bob.call.peers.size]).toEqual([0, 0]);
});

test("beyond its bound a call takes nobody in, and who is refused hears it", async () => {
  const stage = new Stage();
  const ann = await stage.member({ maxPeers: 1 });
  const bob = await stage.member();
  await stage.clock.advance(200);
  const cid = await stage.member();
  await stage.clock.advance(300);
  expect([...ann.call.peers.keys()]).toEqual([bob.room.self]);
  expect([...cid.call.peers.keys()]).toEqual([bob.room.self]);
});

test("signals that were lost in a gap are made up for, and what works is left alone", async () => {
  const stage = new Stage();
  const { ann, bob, toBob } = await stage.pair();
  // An offer of Ann's is lost: Bob never answers.
  stage.cluster.network.tap = (_direction, frame) => (frame.type === "resume" ? "cut" : "pass");
  stage.cluster.endOf(bob.client.session).cut();
  await stage.clock.advance(5);
  toBob.restartIce();
  await stage.clock.advance(50);
  expect(toBob.settled).toBe(false);
  stage.cluster.trim("tea");
  stage.rtc.of(peerOf(bob.call, ann.room).connection).become("failed");
  stage.cluster.network.tap = () => "pass";
  await stage.clock.advance(20_000);
  expect([peerOf(ann.call, bob.room).settled, peerOf(bob.call, ann.room).settled]).toEqual([true, true]);
  const healthy = peerOf(bob.call, ann.room);
  stage.cluster.restart("tea");
  await stage.clock.advance(500);
  expect(peerOf(bob.call, ann.room)).toBe(healthy);
});

test("a ring is accepted, declined, answered as busy, or runs out", async () => {
  const stage = new Stage();
  const { ann, bob } = await stage.pair();
  const rings: string[] = [];
  let answer = 0;
  bob.call.on("ring", (ring) => {
    rings.push(ring.from);
    answer += 1;
    if (answer === 1) ring.accept();
    if (answer === 2) ring.decline("later");
    if (answer === 3) ring.busy();
  });
  const declined: unknown[] = [];
  ann.call.on("decline", ({ why }) => declined.push(why));
  const hungUp: string[] = [];
  bob.call.on("hangup", ({ call }) => hungUp.push(call));
  for (const wanted of ["accepted", "declined", "busy"]) {
    expect(await stage.clock.until(ann.call.ring(bob.room.self, { video: true }).answered)).toBe(wanted);
  }
  const last = ann.call.ring(bob.room.self);
  await stage.clock.advance(29_000);
  expect(hungUp).toEqual([]);
  expect(await stage.clock.until(last.answered)).toBe("timeout");
  await stage.clock.advance(10);
  expect(hungUp).toEqual([last.id]);
  expect(declined).toEqual(["later"]);
  expect(rings).toEqual(Array(4).fill(ann.room.self));
  expect(await stage.clock.until(ann.call.ring("nobody").answered)).toBe("timeout");
});

test("a call ends with its room and leaves no timer behind", async () => {
  const stage = new Stage();
  const { ann, bob } = await stage.pair();
  ann.client.close();
  bob.client.close();
  await stage.clock.advance(31_000);
  expect(ann.call.peers.size + bob.call.peers.size).toBe(0);
  expect(stage.clock.waiting).toBe(0);
  expect(stage.rtc.made.every(({ connectionState }) => connectionState === "closed")).toBe(true);
});
