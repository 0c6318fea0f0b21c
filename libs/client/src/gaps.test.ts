// Gaps: what cannot be told any more is told exactly, and of commands nobody claims to know what nobody knows.
import { expect, test } from "vitest";
import { lines, listen, Scene } from "../test-kit/scene.ts";
import { OutcomeUnknown } from "./failure.ts";
import type { Heliograph } from "./heliograph.ts";

test("what was missed beyond the window is told exactly, and the room stands as it is now", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const hears = listen(bob.room);
  const gaps: unknown[] = [];
  bob.room.on("gap", (gap) => gaps.push(gap));
  scene.cluster.network.tap = (_direction, frame) => (frame.type === "resume" ? "cut" : "pass");
  scene.cluster.endOf(bob.client.session).cut();
  await scene.clock.until(ann.room.setData("slide", 7));
  scene.cluster.trim("tea");
  scene.cluster.network.tap = () => "pass";
  await scene.clock.advance(20_000);
  expect(gaps).toEqual([{ from: "2.0.0", to: "5.0.0", reason: "too_old" }]);
  expect(bob.room.data.get("slide")?.value).toBe(7);
  await scene.clock.until(ann.room.broadcast("after"));
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["after"]);
});

test("a log that is lost and begun anew is told, and lower positions are heard again", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  const bob = await scene.joined("tea");
  const hears = listen(bob.room);
  for (const line of ["1", "2", "3"]) await scene.clock.until(ann.room.broadcast(line));
  scene.cluster.restart("tea");
  await scene.clock.until(ann.room.broadcast("4"));
  await scene.clock.advance(5);
  expect(hears.filter((word) => !word.includes("member"))).toEqual([
    "says 1",
    "says 2",
    "says 3",
    "gap log_restarted",
    "says 4",
  ]);
});

test("what was unanswered when the log began anew is unknown and does not go again; what follows does", async () => {
  const scene = new Scene();
  const [ann, bob] = [await scene.joined("tea"), await scene.joined("tea")];
  const hears = listen(bob.room);
  scene.cluster.network.tap = (direction, frame) => (direction === "down" && frame.type === "ack" ? "cut" : "pass");
  const said = ann.room.broadcast("once");
  await scene.clock.advance(5);
  scene.cluster.network.tap = () => "pass";
  // Bob has heard it, Ann has no answer, and the state that goes on is older than her line.
  const seat = scene.cluster.room("tea").seats.get(ann.client.session ?? "");
  if (seat === undefined) throw new Error("not in");
  seat.mark = 0;
  seat.applied.clear();
  scene.cluster.restart("tea");
  await expect(scene.clock.until(said)).rejects.toBeInstanceOf(OutcomeUnknown);
  await scene.clock.until(ann.room.broadcast("next"));
  await scene.clock.advance(5);
  expect(lines(hears)).toEqual(["once", "next"]);
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual([1, 2]);
});

test("what aged out on the way leaves no doubt about commands: they go again", async () => {
  const scene = new Scene();
  const [ann, bob] = [await scene.joined("tea"), await scene.joined("tea")];
  const hears = listen(bob.room);
  scene.cluster.network.tap = (direction, frame) => (direction === "down" && frame.type === "ack" ? "cut" : "pass");
  const said = ann.room.broadcast("once");
  await scene.clock.advance(5);
  scene.cluster.network.tap = () => "pass";
  scene.cluster.append("tea", () => []);
  scene.cluster.trim("tea");
  await scene.clock.until(said);
  expect(lines(hears)).toEqual(["once"]);
});

test("what could not be decided before the log began anew is unknown, though the connection lives on", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  scene.cluster.refuse = (frame) =>
    frame.type === "broadcast" && frame.n === 1 ? { reason: "unavailable", retryIn: 1_000 } : undefined;
  const undecided = room.broadcast("perhaps");
  await scene.clock.advance(5);
  scene.cluster.restart("tea");
  await expect(scene.clock.until(undecided)).rejects.toBeInstanceOf(OutcomeUnknown);
  await scene.clock.until(room.broadcast("next"));
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual([1, 2]);
  expect(client.state).toBe("open");
});

/** The room goes on from a state that knows nothing of what Ann said. */
function forgets(scene: Scene, client: Heliograph): void {
  const seat = scene.cluster.room("tea").seats.get(client.session ?? "");
  if (seat === undefined) throw new Error("not in");
  seat.mark = 0;
  seat.applied.clear();
  scene.cluster.restart("tea");
}

test("what was undecided is unknown though it was on the wire again when the log began anew; what went for the first time is not", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  let refusals = 0;
  scene.cluster.refuse = (frame) => {
    if (frame.type !== "broadcast" || refusals > 0) return undefined;
    refusals += 1;
    return { reason: "unavailable", retryIn: 1_000 };
  };
  const undecided = room.broadcast("perhaps");
  await scene.clock.advance(5);
  scene.cluster.network.tap = (direction, frame) => (direction === "down" && frame.type === "ack" ? "drop" : "pass");
  await scene.clock.advance(2_000);
  expect(scene.cluster.sent("broadcast").map(({ n }) => n)).toEqual([1, 1]);
  const first = room.broadcast("for the first time");
  scene.cluster.network.tap = () => "pass";
  forgets(scene, client);
  await expect(scene.clock.until(undecided)).rejects.toBeInstanceOf(OutcomeUnknown);
  await scene.clock.until(first);
  // Whatever is answered to the one on the wire finds nobody who waits for it.
  scene.cluster
    .endOf(client.session)
    .send({ type: "refused", reason: "unknown", code: 4411, retry: false, room: "tea", n: 1 });
  await scene.clock.advance(5);
  expect(scene.errors).toEqual([]);
});

test("what went again although the room had counted so far is unknown when the log begins anew behind it", async () => {
  const scene = new Scene();
  const { client, room } = await scene.joined("tea");
  scene.cluster.network.tap = (direction, frame) => (direction === "down" && frame.type === "ack" ? "cut" : "pass");
  const said = room.broadcast("once");
  await scene.clock.advance(5);
  scene.cluster.append("tea", () => []);
  scene.cluster.trim("tea");
  // Its answer is among what has aged out: it goes again, and the log begins anew before it arrives.
  scene.cluster.network.tap = (direction, frame) =>
    direction === "up" && frame.type === "broadcast" ? "drop" : "pass";
  await scene.clock.advance(1_000);
  expect(room.state).toBe("joined");
  forgets(scene, client);
  await expect(scene.clock.until(said)).rejects.toBeInstanceOf(OutcomeUnknown);
});

test("who was leaving when the log began anew leaves", async () => {
  const scene = new Scene();
  const ann = await scene.joined("tea");
  scene.cluster.network.tap = (direction, frame) => (direction === "up" && frame.type === "leave" ? "cut" : "pass");
  const leaving = ann.room.leave();
  await scene.clock.advance(5);
  scene.cluster.network.tap = () => "pass";
  scene.cluster.restart("tea");
  await scene.clock.until(leaving);
  expect(scene.cluster.room("tea").seats.size).toBe(0);
});
