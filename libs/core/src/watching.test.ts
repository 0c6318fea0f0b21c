// Watching a room without being in it: from a view on everything in order, and a view again where that is not to be had.
import type { Position, RoomView } from "@heliograph/protocol";
import { personalRoom, roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { House, lobby, realm } from "../test-kit/story.ts";
import type { WatchedEvent, Watcher } from "./watcher.ts";

class Eye implements Watcher {
  readonly seen: string[] = [];
  readonly views: RoomView[] = [];
  at: Position | undefined;
  throws = false;

  view(view: RoomView, position: Position): void {
    this.views.push(view);
    this.at = position;
    this.seen.push(`view of ${view.members.length}`);
  }

  event(event: WatchedEvent): void {
    if (this.throws) throw new Error("a watcher that does not keep its word");
    this.seen.push(event.type === "member" ? event.what.change : event.type);
    this.at = event.position;
  }
}

const nothing = { sessions: 0, rooms: 0, kept: 0 };
const key = roomKey(realm, lobby);

test("a watcher sees the room as it is, then all that is told in it, and nothing once it has stopped", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.advance(500);
  const eye = new Eye();
  const stop = west.node.watch(realm, lobby, eye);
  await house.clock.advance(500);
  const bob = east.hello().join();
  await house.clock.advance(500);
  ann.say(1).lock(2);
  bob.cut();
  await house.clock.advance(500);
  expect(eye.seen).toEqual(["view of 1", "joined", "broadcast", "settings", "away"]);
  expect(eye.at).toEqual(ann.place().position);
  expect(west.node.size.rooms).toBe(1);
  stop();
  stop();
  ann.say(3);
  await house.clock.advance(5_000);
  expect(eye.seen).toHaveLength(5);
  expect(west.node.size).toEqual(nothing);
});

test("a room at hand is shown at once, and one that nobody has begun is empty until somebody comes", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const [early, late] = [new Eye(), new Eye()];
  east.node.watch(realm, lobby, early);
  await house.clock.advance(500);
  east.node.watch(realm, lobby, late);
  expect([early.seen, late.seen]).toEqual([["view of 0"], ["view of 0"]]);
  const ann = west.hello().join();
  await house.clock.advance(500);
  ann.leave(1);
  await house.clock.advance(500);
  expect([early.seen, late.seen]).toEqual(Array(2).fill(["view of 0", "joined", "left"]));
});

test("signals and letters are nobody else's, and members of a room with its lights down are seen all the same", async () => {
  const house = new House();
  const east = house.edge("east", 2);
  const ann = east.call().join();
  const bob = east.call().join();
  await house.clock.advance(500);
  east.node.command(ann.session, { type: "settings", n: 1, room: lobby, change: { presence: "none" } });
  await house.clock.advance(500);
  const [eye, contact] = [new Eye(), new Eye()];
  east.node.watch(realm, lobby, eye);
  east.node.watch(realm, personalRoom(ann.session.id), contact);
  const body = { codec: "json" as const, bytes: new Uint8Array([1]) };
  const to = ann.of("joined").find(({ room }) => room === lobby)?.self;
  if (to === undefined) throw new Error("Ann is in");
  east.node.command(bob.session, { type: "signal", n: 1, room: lobby, to, body });
  bob.letter(ann, 1);
  await house.clock.advance(500);
  ann.depart();
  await house.clock.advance(500);
  expect(ann.letters).toEqual([1]);
  expect(eye.seen).toEqual(["view of 2", "left"]);
  expect(contact.seen).toEqual(["view of 1", "left"]);
});

test("where entries are missing a view comes in their place, and the watcher goes on from there", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const ann = east.hello().join();
  await house.clock.advance(500);
  const eye = new Eye();
  west.node.watch(realm, lobby, eye);
  await house.clock.advance(500);
  west.ports.link.cut();
  ann.say(1);
  const bob = east.hello().join();
  // Longer than the log keeps anything.
  await house.clock.advance(400_000);
  west.ports.link.mend();
  await house.clock.advance(20_000);
  ann.say(2);
  await house.clock.advance(500);
  expect(eye.seen[0]).toBe("view of 1");
  expect(eye.seen.filter((word) => word === "broadcast")).toHaveLength(1);
  expect(eye.seen.slice(-2)).toEqual(["view of 2", "broadcast"]);
  bob.cut();
});

test("a watcher keeps a room alive that others have left, and who comes later finds the same room", async () => {
  const house = new House();
  const [east, west] = [house.edge("east"), house.edge("west")];
  const eye = new Eye();
  const stop = west.node.watch(realm, lobby, eye);
  const ann = east.hello().join();
  await house.clock.advance(500);
  ann.leave(1);
  await house.clock.advance(900_000);
  east.hello().join();
  await house.clock.advance(500);
  expect(eye.seen).toEqual(["view of 0", "joined", "left", "joined"]);
  expect(house.cluster.stream.between(key, 0, Number.MAX_SAFE_INTEGER).length).toBeGreaterThan(0);
  stop();
  await house.clock.advance(5_000);
  expect(west.node.size).toEqual(nothing);
});

test("a watcher that throws keeps nobody from what is said", async () => {
  const house = new House();
  const east = house.edge("east");
  const faults: string[] = [];
  east.observe = (happening) => void (happening.type === "fault" && faults.push(happening.where));
  const [ann, bob] = [east.hello().join(), east.hello().join()];
  const [bad, good] = [new Eye(), new Eye()];
  bad.throws = true;
  east.node.watch(realm, lobby, bad);
  east.node.watch(realm, lobby, good);
  await house.clock.advance(500);
  ann.say(1);
  await house.clock.advance(500);
  expect([bob.said, good.seen.at(-1)]).toEqual([[1], "broadcast"]);
  expect(faults.length).toBeGreaterThan(0);
});
