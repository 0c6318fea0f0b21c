// Commands on their way: numbers, order, refusals, queues; and joins.
import { expect, test } from "vitest";
import { limits } from "../test-kit/fake-cluster.ts";
import { lines, listen, Scene } from "../test-kit/scene.ts";
import { OutcomeUnknown } from "./failure.ts";
import { waitingCap } from "./outbox.ts";

test("commands resolve in order, count from one without holes and keep to the allowance", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  let unanswered = 0;
  let most = 0;
  scene.cluster.network.tap = (direction, frame) => {
    if (direction === "up" && frame.type === "broadcast") unanswered += 1;
    most = Math.max(most, unanswered);
    if (direction === "down" && frame.type === "ack") unanswered -= 1;
    return "pass";
  };
  const done: number[] = [];
  const all = Array.from({ length: 20 }, (_, index) => room.broadcast(index).then(() => done.push(index)));
  await scene.clock.until(Promise.all(all));
  expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual(
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  expect(most).toBe(limits.outstanding);
});

test("the allowance is the session's: rooms share it, and none is forgotten", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const cake = await scene.clock.until(client.join("cake"));
  const all = Array.from({ length: 10 }, (_, index) => [room.broadcast(index), cake.broadcast(index)]).flat();
  await scene.clock.until(Promise.all(all));
  expect(scene.cluster.sent("broadcast")).toHaveLength(20);
});

test("beyond the cap of the queue a command is refused at once, and nothing else suffers", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  scene.cluster.network.down = true;
  scene.cluster.endOf(client.session).cut();
  const waiting = Array.from({ length: waitingCap }, (_, index) => room.broadcast(index));
  await expect(room.broadcast("too much")).rejects.toMatchObject({ reason: "slow_down", retry: true });
  scene.cluster.network.down = false;
  await scene.clock.until(Promise.all(waiting));
});

test("a refusal rejects with its reason and leaves the next command alone", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  scene.cluster.refuse = (frame) => (frame.type === "data" ? { reason: "conflict" } : undefined);
  const set = room.setData("slide", 1, { ifVersion: 3 });
  const said = room.broadcast("on");
  await expect(scene.clock.until(set)).rejects.toMatchObject({
    name: "Refusal",
    reason: "conflict",
    code: 4412,
    retry: false,
  });
  await scene.clock.until(said);
});

test("what was refused out of order goes again with new numbers, in the order it was given", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const hears = listen(bob.room);
  // As a node does that has lost the first of four: the three behind it are out of order too.
  scene.cluster.refuse = (frame) =>
    frame.type === "broadcast" && (frame.n ?? 0) <= 4 ? { reason: "retry" } : undefined;
  await scene.clock.until(Promise.all(["1", "2", "3", "4", "5", "6"].map((line) => ann.room.broadcast(line))));
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["1", "2", "3", "4", "5", "6"]);
  expect(scene.cluster.sent("broadcast").map(({ n, body }) => `${n}:${String(body)}`)).toEqual([
    "1:1",
    "2:2",
    "3:3",
    "4:4",
    "5:1",
    "6:2",
    "7:3",
    "8:4",
    "9:5",
    "10:6",
  ]);
});

test("what is said while refusals come in stands behind what was refused", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const hears = listen(bob.room);
  scene.cluster.refuse = (frame) =>
    frame.type === "broadcast" && (frame.n ?? 0) <= 2 ? { reason: "retry" } : undefined;
  const said = [ann.room.broadcast("1"), ann.room.broadcast("2")];
  scene.cluster.network.tap = (direction, frame) => {
    if (direction === "down" && frame.type === "refused" && frame.n === 2) said.push(ann.room.broadcast("3"));
    return "pass";
  };
  await scene.clock.advance(50);
  await scene.clock.until(Promise.all(said));
  expect(said).toHaveLength(3);
  expect(lines(hears)).toEqual(["1", "2", "3"]);
});

test("slow_down waits as long as it says and takes a new number, unavailable keeps the old one", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  for (const [reason, numbers] of [
    ["slow_down", [1, 2]],
    ["unavailable", [3, 3]],
  ] as const) {
    const before = scene.cluster.sent("broadcast").length;
    const start = scene.clock.now();
    scene.cluster.refuse = () => (scene.clock.now() - start < 500 ? { reason, retryIn: 700 } : undefined);
    await scene.clock.until(room.broadcast(reason));
    expect(scene.clock.now() - start).toBeGreaterThan(700);
    expect(
      scene.cluster
        .sent("broadcast")
        .slice(before)
        .map(({ n }) => n),
    ).toEqual(numbers);
  }
});

test("what was undecided keeps its number though the server then asks for patience: it may have been applied", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  const refusals = ["unavailable", "slow_down"] as const;
  let refused = 0;
  scene.cluster.refuse = (frame) => {
    const reason = frame.type === "broadcast" ? refusals[refused] : undefined;
    if (reason === undefined) return undefined;
    refused += 1;
    return { reason, retryIn: 5_000 };
  };
  const said = room.broadcast("perhaps");
  await scene.clock.advance(5_500);
  expect(refused).toBe(2);
  // News of the room are no reason to hurry then.
  scene.cluster.append("tea", (position) => [{ type: "broadcast", room: "tea", from: "x", body: 1, position }]);
  await scene.clock.advance(2_000);
  expect(scene.cluster.sent("broadcast")).toHaveLength(2);
  await scene.clock.until(said);
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual([1, 1, 1]);
});

test("a cumulative answer does not cover a command that was refused as undecided", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  let refused = false;
  scene.cluster.refuse = (frame) => {
    if (refused || frame.type !== "broadcast" || frame.n !== 1) return undefined;
    refused = true;
    return { reason: "unavailable", retryIn: 300 };
  };
  const done: string[] = [];
  const first = room.broadcast("first").then(() => done.push("first"));
  const second = room.broadcast("second").then(() => done.push("second"));
  await scene.clock.advance(20);
  expect(done).toEqual(["second"]);
  await scene.clock.until(Promise.all([first, second]));
  // The number was passed over by the second, so the first got another.
  expect(scene.cluster.sent("broadcast").map(({ n, body }) => `${n}:${String(body)}`)).toEqual([
    "1:first",
    "2:second",
    "1:first",
    "3:first",
  ]);
});

test("an outcome that the server no longer knows is unknown", async () => {
  const scene = new Scene();
  const { room } = await scene.joined("tea");
  scene.cluster.refuse = (frame) => (frame.type === "broadcast" ? { reason: "unknown" } : undefined);
  await expect(scene.clock.until(room.broadcast("?"))).rejects.toBeInstanceOf(OutcomeUnknown);
});

test("a frame over the limit is refused here, since the server would close the connection", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  await expect(scene.clock.until(room.broadcast("x".repeat(70_000)))).rejects.toMatchObject({ reason: "too_large" });
  await scene.clock.until(room.broadcast("small"));
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual([1]);
  expect(client.state).toBe("open");
});

test("what JSON cannot say is refused with a TypeError, and a value is sent as it was when it was given", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const bodies: unknown[] = [];
  bob.room.on("broadcast", ({ body }) => bodies.push(body));
  await expect(ann.room.broadcast(1n)).rejects.toBeInstanceOf(TypeError);
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  await expect(ann.room.broadcast(loop)).rejects.toBeInstanceOf(TypeError);
  await expect(ann.room.setData("key", undefined)).rejects.toBeInstanceOf(TypeError);
  const value = { list: [1, undefined, Number.NaN], gone: undefined, when: new Date(0) };
  const said = ann.room.broadcast(value);
  value.list.push(2);
  await scene.clock.until(said);
  await scene.clock.advance(5);
  expect(bodies).toEqual([{ list: [1, null, null], when: "1970-01-01T00:00:00.000Z" }]);
});

test("volatile words arrive without a position, and are gone when nobody is there", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const positions: unknown[] = [];
  bob.room.on("broadcast", ({ body, position }) => positions.push([body, position]));
  bob.room.on("signal", ({ body, position }) => positions.push([body, position]));
  ann.room.sendVolatile({ x: 1 });
  ann.room.sendVolatile({ x: 2 }, { to: bob.room.self });
  await scene.clock.advance(5);
  expect(positions).toEqual([
    [{ x: 1 }, undefined],
    [{ kind: "custom", value: { x: 2 } }, undefined],
  ]);
  scene.cluster.endOf(ann.client.session).cut();
  ann.room.sendVolatile("lost");
  await scene.clock.advance(2_000);
  expect(positions).toHaveLength(2);
});

test("the picture of a room follows what happens in it", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  await scene.clock.advance(5);
  expect([...ann.room.members.keys()]).toEqual([ann.room.self, bob.room.self]);
  await scene.clock.until(bob.room.setProfile({ name: "Bob" }));
  await scene.clock.until(bob.room.setData("hat", "red", { owned: true }));
  await scene.clock.until(ann.room.setData("slide", 1));
  await scene.clock.until(ann.room.deleteData("slide"));
  await scene.clock.until(ann.room.set({ locked: true, pin: "1234" }));
  await scene.clock.advance(5);
  expect(ann.room.members.get(bob.room.self)?.profile).toEqual({ name: "Bob" });
  expect([...ann.room.data]).toEqual([["hat", { version: 1, value: "red", owner: bob.room.self }]]);
  expect(bob.room.settings).toMatchObject({ locked: true, pin: true });
  await scene.clock.until(bob.room.leave());
  await scene.clock.advance(5);
  expect(ann.room.count).toBe(1);
  expect(ann.room.data.size).toBe(0);
  expect(bob.room.state).toBe("left");
});

test("who is removed hears it and can say nothing any more", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const hears = listen(bob.room);
  await scene.clock.until(bob.room.setData("hat", "red", { owned: true }));
  await scene.clock.until(ann.room.remove(bob.room.self));
  await scene.clock.advance(5);
  expect(hears).toEqual(["data hat red", "over removed"]);
  expect([...ann.room.members.keys()]).toEqual([ann.room.self]);
  expect([ann.room.count, ann.room.data.size]).toEqual([1, 0]);
  await expect(bob.room.broadcast("but")).rejects.toMatchObject({ reason: "not_a_member" });
  const again = await scene.clock.until(bob.client.join("tea"));
  expect(again.state).toBe("joined");
});

test("roles follow moderators and their successors, and counts are told under any position", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  await scene.clock.until(ann.room.setRole(bob.room.self, "viewer"));
  await scene.clock.advance(5);
  expect(bob.room.members.get(bob.room.self)?.role).toBe("viewer");
  scene.cluster.append("tea", (position) => [
    { type: "member", room: "tea", position, change: "left", id: ann.room.self, why: "left", successor: bob.room.self },
    { type: "member", room: "tea", position: "1.0.0", change: "count", count: 99 },
  ]);
  scene.cluster
    .endOf(bob.client.session)
    .send({ type: "member", room: "tea", position: "4.0.0", change: "count", count: 7 });
  await scene.clock.advance(5);
  expect(bob.room.members.get(bob.room.self)?.role).toBe("moderator");
  expect(bob.room.count).toBe(7);
});

test("what waited out an outage with a back-off grown long goes again as soon as the cluster is whole", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const end = scene.cluster.endOf(client.session);
  scene.cluster.refuse = () => ({ reason: "unavailable", retryIn: 1_000 });
  const said = room.broadcast("in the dark");
  const joining = client.join("cake");
  // Five times in vain or more: the next attempt is up to half of fifteen seconds away.
  await scene.clock.advance(20_000);
  expect(scene.cluster.sent("broadcast").length).toBeLessThan(8);
  scene.cluster.refuse = () => undefined;
  end.send({ type: "degraded", missing: [] });
  const healed = scene.clock.now();
  await scene.clock.until(Promise.all([said, joining]));
  expect(scene.clock.now() - healed).toBeLessThan(500);
  expect(new Set(scene.cluster.sent("broadcast").map(({ n }) => n))).toEqual(new Set([1]));
});

test("what is refused once more as the link comes back goes as soon as anything is told in the room", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  scene.cluster.refuse = (frame) =>
    "body" in frame && frame.body === "ann's" ? { reason: "unavailable", retryIn: 1_000 } : undefined;
  const said = ann.room.broadcast("ann's");
  await scene.clock.advance(20_000);
  scene.cluster.endOf(ann.client.session).send({ type: "degraded", missing: [] });
  await scene.clock.advance(2_000);
  scene.cluster.refuse = () => undefined;
  const before = scene.cluster.sent("broadcast").length;
  await scene.clock.until(bob.room.broadcast("bob's"));
  const healed = scene.clock.now();
  await scene.clock.until(said);
  expect(scene.clock.now() - healed).toBeLessThan(400);
  // However much is told meanwhile: once is enough.
  expect(scene.cluster.sent("broadcast").length - before).toBe(2);
});

test("a cluster that is whole again makes nobody go who was asked to be slower", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  scene.cluster.refuse = () => ({ reason: "slow_down", retryIn: 5_000 });
  void room.broadcast("fast");
  await scene.clock.advance(100);
  scene.cluster.endOf(client.session).send({ type: "degraded", missing: [] });
  await scene.clock.advance(4_000);
  expect(scene.cluster.sent("broadcast")).toHaveLength(1);
});

test("a listener that throws is an error event, and the others still hear", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  bob.room.on("broadcast", () => {
    throw new Error("mine");
  });
  const hears = listen(bob.room);
  await scene.clock.until(ann.room.broadcast("still"));
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["still"]);
  expect(scene.errors).toMatchObject([{ where: "broadcast", error: { message: "mine" } }]);
});

test("frames that cannot be understood are error events and harm nothing", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  const end = scene.cluster.endOf(client.session);
  end.send({ type: "surprise" } as never);
  end.send({ type: "joined", room: "tea" } as never);
  end.send([] as never);
  await scene.clock.advance(5);
  await scene.clock.until(room.broadcast("on"));
  expect(client.state).toBe("open");
});
