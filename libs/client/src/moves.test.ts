// Moves from node to node: the next connection is heard before the former one goes, and nobody moves in vain.
import { expect, test } from "vitest";
import { lines, listen, Scene } from "../test-kit/scene.ts";

test("goaway moves to another node before the old one is left, and nothing comes twice or not at all", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  const hears = listen(bob.room);
  const states: string[] = [];
  bob.client.on("state", (state) => states.push(state));
  bob.room.on("state", (state) => states.push(`room ${state}`));
  const said: Promise<void>[] = [];
  scene.cluster.endOf(bob.client.session).send({ type: "goaway", retryIn: 400 });
  for (let line = 1; line <= 400; line += 1) {
    said.push(ann.room.broadcast(`${line}`), bob.room.broadcast(`b${line}`));
    await scene.clock.advance(1);
  }
  await scene.clock.until(Promise.all(said));
  await scene.clock.advance(1_000);
  expect(scene.cluster.sent("resume")).toHaveLength(1);
  expect(scene.cluster.endOf(bob.client.session).url).toBe("ws://two");
  expect(lines(hears)).toEqual(Array.from({ length: 400 }, (_, index) => `${index + 1}`));
  expect(states).toEqual([]);
  expect(hears.some((word) => word.startsWith("away"))).toBe(false);
  expect(scene.cluster.network.ends.filter(({ open }) => open)).toHaveLength(2);
});

test("the old connection still delivers until the rooms are heard on the new one, and is then closed by the client", async () => {
  const scene = new Scene();
  scene.cluster.closesFormer = false;
  const { client, room } = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  const hears = listen(room);
  const former = scene.cluster.endOf(client.session);
  scene.cluster.network.tap = (_direction, frame) => (frame.type === "resumed" ? "drop" : "pass");
  former.send({ type: "goaway", retryIn: 10 });
  await scene.clock.advance(50);
  const next = scene.cluster.endOf(client.session);
  expect(next.url).toBe("ws://two");
  former.send({ type: "broadcast", room: "tea", from: "x", body: "on its way", position: "2.0.0" });
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["on its way"]);
  expect(former.open).toBe(true);
  scene.cluster.network.tap = () => "pass";
  next.send({ type: "broadcast", room: "tea", from: "x", body: "on its way", position: "2.0.0" });
  next.send({ type: "resumed", room: "tea", mark: 0, position: "2.0.0", verdict: "complete" });
  await scene.clock.advance(5);
  expect(former.open).toBe(false);
  expect(lines(hears)).toEqual(["on its way"]);
  expect(client.state).toBe("open");
});

test("what a former connection whispers of somebody who has left is heard no more, and of others it is", async () => {
  const scene = new Scene();
  scene.cluster.closesFormer = false;
  const ann = await scene.joined("tea");
  const carl = await scene.joined("tea");
  const { client, room } = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  const hears = listen(room);
  room.on("signal", ({ from }) => hears.push(`signal ${from}`));
  const former = scene.cluster.endOf(client.session);
  const annsId = ann.room.self;
  const whisper = (): void => {
    for (const from of [annsId, carl.room.self]) {
      former.send({ type: "broadcast", room: "tea", from, body: from });
      former.send({ type: "signal", room: "tea", from, body: { kind: "custom", value: 1 } });
    }
  };
  // Two rooms, of which the second is not heard on the new connection: the former one delivers until then.
  await scene.clock.until(client.join("attic"));
  scene.cluster.network.tap = (_direction, frame) =>
    frame.type === "resumed" && frame.room === "attic" ? "drop" : "pass";
  former.send({ type: "goaway", retryIn: 10 });
  await scene.clock.advance(50);
  whisper();
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual([annsId, carl.room.self]);
  await scene.clock.until(ann.room.leave());
  await scene.clock.advance(5);
  hears.length = 0;
  whisper();
  await scene.clock.advance(5);
  expect(former.open).toBe(true);
  expect(hears).toEqual([`says ${carl.room.self}`, `signal ${carl.room.self}`]);
});

test("where nobody tells who is in, what a former connection whispers is heard", async () => {
  const scene = new Scene();
  scene.cluster.closesFormer = false;
  const tea = scene.cluster.room("tea");
  tea.settings = { ...tea.settings, presence: "none" };
  const { client, room } = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  const hears = listen(room);
  const former = scene.cluster.endOf(client.session);
  scene.cluster.network.tap = (_direction, frame) => (frame.type === "resumed" ? "drop" : "pass");
  former.send({ type: "goaway", retryIn: 10 });
  await scene.clock.advance(50);
  former.send({ type: "broadcast", room: "tea", from: "somebody", body: "who knows" });
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["who knows"]);
});

test("moves that failed in an outage slow nobody down once it is over", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two"] });
  const end = scene.cluster.endOf(client.session);
  scene.cluster.refuse = (frame) => (frame.type === "resume" ? { reason: "unavailable", retryIn: 1_000 } : undefined);
  end.send({ type: "degraded", missing: ["log"] });
  await scene.clock.advance(120_000);
  expect(scene.cluster.sent("resume").length).toBeGreaterThan(5);
  scene.cluster.refuse = () => undefined;
  end.send({ type: "degraded", missing: [] });
  await scene.clock.advance(100);
  end.close(4003);
  await scene.clock.advance(500);
  expect(client.state).toBe("open");
});

test("a resume that tells changes by a view shows them, unless something newer has been told already", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const viewOf = (name: string) => ({
    settings: room.settings,
    members: [{ id: "x", profile: { name }, role: "participant", state: "away" } as const],
    count: 1,
    data: [{ key: "slide", version: 2, value: name }],
  });
  const shown = () => [room.members.get("x")?.profile.name, room.data.get("slide")?.value];
  const resumed = { type: "resumed", room: "tea", mark: 0, verdict: "complete" } as const;
  const seen: unknown[] = [];
  room.on("resumed", () => seen.push(shown()));
  const end = scene.cluster.endOf(client.session);
  end.send({ ...resumed, position: "9.0.0", view: viewOf("nine") });
  await scene.clock.advance(5);
  expect([shown(), seen]).toEqual([["nine", "nine"], [["nine", "nine"]]]);
  end.send({ type: "data", room: "tea", position: "a.0.0", key: "slide", version: 3, by: "x", value: "ten" });
  end.send({ ...resumed, position: "9.0.0", view: viewOf("nine") });
  await scene.clock.advance(5);
  expect(shown()).toEqual(["nine", "ten"]);
});

test("a move that fails leaves the connection that speaks as it is", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea", { url: ["ws://one", "ws://two"] });
  scene.cluster.endOf(client.session).send({ type: "goaway", retryIn: 100 });
  scene.cluster.network.down = true;
  await scene.clock.advance(5_000);
  expect(client.state).toBe("open");
  await scene.clock.until(room.broadcast("still here"));
  scene.cluster.network.down = false;
  await scene.clock.advance(20_000);
  expect(scene.cluster.sent("resume").length).toBeGreaterThan(0);
  expect(client.state).toBe("open");
});

test("a node without the log is left for another; one that recovers in time is not", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two"] });
  const end = scene.cluster.endOf(client.session);
  end.send({ type: "degraded", missing: ["log"] });
  end.send({ type: "degraded", missing: [] });
  await scene.clock.advance(20_000);
  expect(scene.cluster.sent("resume")).toHaveLength(0);
  end.send({ type: "degraded", missing: ["log"] });
  await scene.clock.advance(20_000);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://two");
});

test("a node without the memory is left once, within seconds; one that has it again in time is not", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two"] });
  const end = scene.cluster.endOf(client.session);
  end.send({ type: "degraded", missing: ["memory"] });
  end.send({ type: "degraded", missing: [] });
  await scene.clock.advance(20_000);
  expect(scene.cluster.sent("resume")).toHaveLength(0);
  end.send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(4_100);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://two");
  await scene.clock.advance(600_000);
  expect(scene.cluster.sent("resume")).toHaveLength(1);
  // This one had it, and loses it now.
  scene.cluster.endOf(client.session).send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(4_100);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://one");
});

test("when the next node lacks the memory too, the client stays there, however long it takes", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two", "ws://three"] });
  await scene.clock.advance(20_000);
  scene.cluster.endOf(client.session).send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(4_100);
  const next = scene.cluster.endOf(client.session);
  expect(next.url).toBe("ws://two");
  next.send({ type: "degraded", missing: ["memory"] });
  // What else it says meanwhile is no reason either, nor is the same again.
  next.send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(600_000);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://two");
  expect(scene.cluster.sent("resume")).toHaveLength(1);
  // It was the memory. When this node alone loses it later, it is left.
  next.send({ type: "degraded", missing: [] });
  await scene.clock.advance(20_000);
  next.send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(4_100);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://three");
});

test("behind one address the same node may come up again: it is left a few times, and then no more", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: "ws://one" });
  await scene.clock.advance(20_000);
  for (let times = 0; times < 10; times += 1) {
    scene.cluster.endOf(client.session).send({ type: "degraded", missing: ["memory"] });
    await scene.clock.advance(4_100);
  }
  expect(scene.cluster.sent("resume")).toHaveLength(3);
  expect(client.state).toBe("open");
});

test("a node that loses the log besides the memory is left although the memory is missing everywhere", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two", "ws://three"] });
  await scene.clock.advance(20_000);
  scene.cluster.endOf(client.session).send({ type: "degraded", missing: ["memory"] });
  await scene.clock.advance(4_100);
  const next = scene.cluster.endOf(client.session);
  next.send({ type: "degraded", missing: ["memory"] });
  next.send({ type: "degraded", missing: ["log", "memory"] });
  await scene.clock.advance(20_000);
  expect(scene.cluster.endOf(client.session).url).toBe("ws://three");
});
