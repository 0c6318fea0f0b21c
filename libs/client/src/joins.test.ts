// Joins: refused, tried again, answered late, and asked for twice.
import { expect, test } from "vitest";
import { lines, listen, Scene } from "../test-kit/scene.ts";
import { Refusal } from "./failure.ts";

test("a join is refused with its reason, and may be tried again", async () => {
  const scene = new Scene();
  const client = await scene.connected();
  scene.cluster.refuse = (frame) =>
    frame.type === "join" && frame.pin !== "1234" ? { reason: "pin_required" } : undefined;
  await expect(scene.clock.until(client.join("tea"))).rejects.toMatchObject({ reason: "pin_required", retry: false });
  expect((await scene.clock.until(client.join("tea", { pin: "1234" }))).state).toBe("joined");
});

test("a join that cannot be decided yet is tried again by itself, and not for ever", async () => {
  const scene = new Scene();
  const client = await scene.connected();
  scene.cluster.refuse = (frame) =>
    frame.type === "join" && scene.cluster.sent("join").length < 3
      ? { reason: "unavailable", retryIn: 100 }
      : undefined;
  await scene.clock.until(client.join("tea"));
  expect(scene.cluster.sent("join")).toHaveLength(3);
  scene.cluster.refuse = (frame) => (frame.type === "join" ? { reason: "unavailable" } : undefined);
  await expect(scene.clock.until(client.join("cake"))).rejects.toBeInstanceOf(Refusal);
});

test("a join whose answer was lost is answered after the reconnect, with what was said since", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.connected();
  scene.cluster.network.tap = (direction, frame) => (direction === "down" && frame.type === "joined" ? "cut" : "pass");
  const joining = bob.join("tea");
  await scene.clock.advance(3);
  scene.cluster.network.tap = () => "pass";
  await scene.clock.until(ann.room.broadcast("welcome"));
  const room = await scene.clock.until(joining);
  const hears = listen(room);
  await scene.clock.advance(100);
  expect(lines(hears)).toEqual(["welcome"]);
  expect(scene.cluster.room("tea").seats.size).toBe(2);
});

test("a room that was joined while the client was moving is joined on the new connection too", async () => {
  const scene = new Scene();
  const client = await scene.connected({ url: ["ws://one", "ws://two"] });
  const ann = await scene.joined("tea");
  scene.cluster.network.tap = (direction, frame, end) => {
    // The answer on the old connection comes while the new one has greeted already.
    if (direction === "up" && frame.type === "resume") scene.cluster.network.tap = () => "pass";
    return end.url === "never" ? "cut" : "pass";
  };
  scene.cluster.endOf(client.session).send({ type: "goaway", retryIn: 4 });
  await scene.clock.advance(2);
  const room = await scene.clock.until(client.join("tea"));
  const hears = listen(room);
  await scene.clock.advance(500);
  await scene.clock.until(ann.room.broadcast("hello"));
  await scene.clock.until(room.broadcast("hello"));
  await scene.clock.advance(10);
  expect(lines(hears)).toEqual(["hello"]);
  expect(room.state).toBe("joined");
});

test("joining twice gives the same room, and leaving then joining a new one", async () => {
  const scene = new Scene();
  const client = await scene.connected();
  const both = await scene.clock.until(Promise.all([client.join("tea"), client.join("tea")]));
  expect(both[0]).toBe(both[1]);
  expect(await client.join("tea")).toBe(both[0]);
  const leaving = both[0].leave();
  const again = await scene.clock.until(client.join("tea"));
  await leaving;
  expect(again).not.toBe(both[0]);
  await scene.clock.until(again.broadcast("back"));
});
