import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Edge, House, lobby, realm } from "../test-kit/story.ts";
import { Guesses } from "./guesses.ts";
import type { Counters } from "./ports/counters.ts";
import { Unreachable } from "./ports/unreachable.ts";

const room = roomKey(realm, lobby);
const settings = { guesses: 3, guessWindow: 60_000 };

class Watch {
  time = 1_000_000;

  now(): number {
    return this.time;
  }
}

function counting(add: Counters["add"]): Counters {
  return { add, peek: () => Promise.reject(new Unreachable("not asked")), clear: () => Promise.resolve() };
}

/** As many wrong PINs in one turn; the reasons it was given. */
async function guess(edge: Edge, times: number): Promise<(string | undefined)[]> {
  const eve = edge.hello();
  for (let n = 1; n <= times; n += 1) {
    edge.node.command(eve.session, { type: "join", n, room: lobby, pin: String(n), profile: {} });
  }
  await edge.house.clock.settle();
  return eve.of("refused").map(({ reason }) => reason);
}

async function houseWithPin(): Promise<{ house: House; east: Edge }> {
  const house = new House();
  const east = house.edge("east");
  const ann = east.hello().join();
  await house.clock.advance(2_000);
  east.node.command(ann.session, { type: "settings", n: 1, room: lobby, change: { pin: "2468" } });
  await house.clock.advance(2_000);
  return { house, east };
}

test("of a burst of wrong PINs no more are judged than anyone may guess", async () => {
  const { east } = await houseWithPin();
  const reasons = await guess(east, 30);
  expect(reasons.filter((reason) => reason === "pin_wrong")).toHaveLength(10);
  expect(reasons.filter((reason) => reason === "too_many_guesses")).toHaveLength(20);
});

test("while the memory is gone nobody guesses more, by this session or another of its address", async () => {
  const { house, east } = await houseWithPin();
  house.cluster.reach.set("closed");
  expect((await guess(east, 12)).filter((reason) => reason === "pin_wrong")).toHaveLength(10);
  expect(await guess(east, 5)).toEqual(Array(5).fill("too_many_guesses"));
  await house.clock.advance(60_000);
  expect(await guess(east, 1)).toEqual(["pin_wrong"]);
});

test("what all nodes have counted together closes the door of each", async () => {
  const { house, east } = await houseWithPin();
  const west = house.edge("west");
  west.hello().join();
  await house.clock.advance(2_000);
  await guess(east, 9);
  await guess(west, 1);
  expect(await guess(west, 1)).toEqual(["too_many_guesses"]);
});

test("the window begins with the first wrong PIN and nothing prolongs it", () => {
  const watch = new Watch();
  const guesses = new Guesses(
    counting(() => Promise.reject(new Unreachable("away"))),
    watch,
    () => settings,
  );
  for (const wait of [0, 0, 0]) {
    expect(guesses.waitFor(room, ["eve"])).toBe(wait);
    guesses.wrong(room, ["eve"]);
    watch.time += 10_000;
  }
  expect(guesses.waitFor(room, ["eve"])).toBe(30_000);
  expect(guesses.waitFor(room, ["bob"])).toBe(0);
  watch.time -= 3_600_000;
  expect(guesses.waitFor(room, ["eve"])).toBe(60_000);
  watch.time += 3_630_000;
  expect(guesses.waitFor(room, ["eve"])).toBe(0);
});

test("a guesser is kept in mind behind any number of others, and only the quietest are forgotten", () => {
  const guesses = new Guesses(
    counting(() => new Promise(() => undefined)),
    new Watch(),
    () => settings,
  );
  for (let i = 0; i < 30_000; i += 1) guesses.wrong(room, [`session ${i}`, "address"]);
  expect(guesses.waitFor(room, ["address"])).toBe(60_000);
});
