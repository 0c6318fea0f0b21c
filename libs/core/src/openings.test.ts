import type { Body, SessionCommand } from "@heliograph/protocol";
import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Client, type Edge, House, lobby, realm } from "../test-kit/story.ts";
import { defaultSettings } from "./settings.ts";

type Join = Extract<SessionCommand, { readonly type: "join" }>;

const key = roomKey(realm, lobby);
const linger = 60_000;

/** Of clients that bring a PIN as theirs do who open a room with it. */
function come(edge: Edge, pin: string | undefined, more: Partial<Join> = {}): Client {
  const client = edge.hello();
  const opening = { linger, ...(pin === undefined ? {} : { pin }) };
  const wish = pin === undefined ? { opening } : { pin, exactPin: true as const, opening };
  edge.node.command(client.session, { type: "join", n: 1, room: lobby, profile: {}, ...wish, ...more });
  return client;
}

const outcome = (client: Client): string | undefined =>
  client.of("joined").length > 0 ? "in" : client.of("refused").at(-1)?.reason;

function deployment(): { house: House; east: Edge; west: Edge } {
  const house = new House();
  return { house, east: house.edge("east", 2, 2), west: house.edge("west", 2, 2) };
}

/** Ann has opened the lobby with a PIN, and has left it. */
async function leftBehind() {
  const { house, east, west } = deployment();
  const ann = come(east, "2468");
  await house.clock.settle();
  ann.leave(1);
  await house.clock.advance(1_000);
  return { house, east, west, ann };
}

test("of two joins that open a room at once the first in the log gives it its PIN, the second meets it", async () => {
  for (const order of [0, 1]) {
    const { house, east, west } = deployment();
    const [first, second] = order === 0 ? [east, west] : [west, east];
    const one = come(first, "1111");
    const other = come(second, "2222");
    await house.clock.advance(2_000);
    expect([outcome(one), outcome(other)].sort()).toEqual(["in", "pin_wrong"]);
    const late = come(first, outcome(one) === "in" ? "1111" : "2222");
    await house.clock.advance(2_000);
    expect(outcome(late)).toBe("in");
    expect(house.faults).toEqual([]);
  }
});

test("of two that open a room at once with the same PIN both are in", async () => {
  const { house, east, west } = deployment();
  const both = [come(east, "1111"), come(west, "1111"), come(west, "1111")];
  await house.clock.advance(2_000);
  expect(both.map(outcome)).toEqual(["in", "in", "in"]);
  expect(both.map((client) => client.of("refused"))).toEqual([[], [], []]);
});

test("a join of a burst that opened nothing is a guess like any other", async () => {
  const { house, east, west } = deployment();
  const opener = come(east, "1111");
  const burst = Array.from({ length: 30 }, (_, i) => come(west, String(i)));
  await house.clock.advance(2_000);
  expect(outcome(opener)).toBe("in");
  const reasons = burst.map(outcome);
  expect(reasons.filter((reason) => reason === "pin_wrong")).toHaveLength(10);
  expect(reasons.filter((reason) => reason === "too_many_guesses")).toHaveLength(20);
});

test("a PIN where none is needed is refused to whoever insists on it", async () => {
  const { house, east, west } = deployment();
  come(east, undefined);
  await house.clock.advance(1_000);
  const [exact, lax, silent] = [come(west, "1111"), west.hello(), come(west, undefined, { exactPin: true })];
  west.node.command(lax.session, { type: "join", n: 1, room: lobby, pin: "1111", profile: {} });
  await house.clock.advance(1_000);
  expect(outcome(exact)).toBe("pin_not_needed");
  expect(outcome(lax)).toBe("in");
  expect(outcome(silent)).toBe("in");
});

test("a room keeps its PIN for its time after its last member, wherever the next one comes from", async () => {
  const { house, east, west } = await leftBehind();
  expect([east.node.size.rooms, west.node.size.rooms]).toEqual([0, 0]);
  await house.clock.advance(linger - 3_000);
  const [none, wrong] = [come(west, undefined), come(west, "1111")];
  await house.clock.advance(1_000);
  expect([outcome(none), outcome(wrong)]).toEqual(["pin_required", "pin_wrong"]);
  const right = come(west, "2468");
  await house.clock.settle();
  expect(outcome(right)).toBe("in");
  expect(right.of("joined")[0]?.view.settings.pin).toBe(true);
});

test("after its time it is as new, for whoever comes first, and in the end nothing is left of it", async () => {
  const { house, east, west } = await leftBehind();
  await house.clock.advance(linger - 900);
  const bob = come(west, "1111");
  await house.clock.advance(1_000);
  expect(outcome(bob)).toBe("in");
  const cid = come(east, "2468");
  await house.clock.advance(1_000);
  expect(outcome(cid)).toBe("pin_wrong");
  bob.leave(1);
  await house.clock.advance(1_000);
  expect(await east.ports.copies.load(key)).toMatchObject({ members: [], settings: { linger } });
  await house.clock.advance(defaultSettings.logLife);
  expect(await east.ports.copies.load(key)).toBeUndefined();
  for (const client of [bob, cid]) client.cut();
  await house.clock.advance(60_000);
  for (const edge of [east, west]) expect(edge.node.size).toMatchObject({ rooms: 0 });
});

test("a room that lingers longer than the log keeps entries is found by its copy, and not for longer", async () => {
  const { house, east, west } = deployment();
  const life = defaultSettings.logLife;
  const ann = come(east, "2468", { opening: { pin: "2468", linger: 2 * life } });
  await house.clock.settle();
  ann.leave(1);
  await house.clock.advance(2 * life - 10_000);
  const bob = come(west, undefined);
  await house.clock.advance(1_000);
  expect(outcome(bob)).toBe("pin_required");
  await house.clock.advance(2 * life + 10_000);
  expect(await east.ports.copies.load(key)).toBeUndefined();
  const cid = come(west, undefined);
  await house.clock.advance(1_000);
  expect(outcome(cid)).toBe("in");
});

test("of a burst of wrong PINs at a room that lingers no more are judged than anyone may guess", async () => {
  const { house, west } = await leftBehind();
  const reasons = Array.from({ length: 30 }, (_, i) => come(west, String(i)));
  await house.clock.advance(1_000);
  expect(reasons.map(outcome).filter((reason) => reason === "pin_wrong")).toHaveLength(10);
  expect(reasons.map(outcome).filter((reason) => reason === "too_many_guesses")).toHaveLength(20);
});

test("a room whose last member died with its node lingers from when a keeper found it left", async () => {
  const house = new House();
  const east = house.edge("east", 2, 2);
  const keeper = house.keeper("keeper", 2);
  const ann = come(east, "2468");
  await house.clock.advance(2_000);
  expect(outcome(ann)).toBe("in");
  east.kill();
  // Silence, and its grace.
  await house.clock.advance(60_000);
  expect(keeper.keeper.size).toMatchObject({ wards: 0, rooms: 0 });
  const west = house.edge("west", 2, 2);
  const emptied = (await west.ports.copies.load(key))?.emptied ?? 0;
  expect(emptied).toBeGreaterThan(0);
  await house.clock.advance(emptied + linger - house.clock.now() - 2_000);
  const bob = come(west, undefined);
  await house.clock.advance(1_000);
  expect(outcome(bob)).toBe("pin_required");
  await house.clock.advance(2_000);
  const cid = come(west, undefined);
  await house.clock.advance(1_000);
  expect(outcome(cid)).toBe("in");
});

test("what a member's dialect says of it reaches the others, and whoever loads the room later", async () => {
  const { house, east, west } = deployment();
  const own = (word: string): Body => ({ codec: "json", bytes: new TextEncoder().encode(`{"Ua":"${word}"}`) });
  const ann = come(east, undefined, { profile: { name: "Ann", own: own("one") } });
  await house.clock.advance(2_000);
  const bob = come(west, undefined);
  await house.clock.advance(2_000);
  expect(bob.of("joined")[0]?.view.members[0]?.profile).toEqual({ name: "Ann", own: own("one") });
  east.node.command(ann.session, { type: "profile", n: 1, room: lobby, profile: { own: own("two") } });
  await house.clock.advance(2_000);
  expect(bob.of("member").at(-1)?.what).toMatchObject({ change: "updated", member: { profile: { own: own("two") } } });
  expect((await east.ports.copies.load(key))?.members[0]?.profile).toEqual({ own: own("two") });
  const large = { codec: "json" as const, bytes: new Uint8Array(16_385) };
  east.node.command(ann.session, { type: "profile", n: 2, room: lobby, profile: { own: large } });
  await house.clock.settle();
  expect(ann.of("refused")).toMatchObject([{ n: 2, reason: "too_large" }]);
});

test("while an older build is about, none of it counts, and nobody's state differs", async () => {
  const house = new House();
  const [old, east] = [house.edge("old", 1), house.edge("east", 2)];
  const ann = come(east, "2468", { profile: { own: { codec: "json", bytes: new Uint8Array(3) } } });
  await house.clock.advance(1_000);
  const bob = old.hello().join();
  await house.clock.advance(10_000);
  expect([outcome(ann), outcome(bob)]).toEqual(["in", "in"]);
  expect(house.faults).toEqual([]);
});

test("a room is opened with a PIN as soon as a node has listened for two beats, and by nobody who hears an older build", async () => {
  const alone = new House();
  const east = alone.edge("east", 2);
  expect(east.node.knowsRules).toBe(false);
  await alone.clock.advance(2 * defaultSettings.beat);
  expect(east.node.knowsRules).toBe(true);
  expect(outcome(await open(alone, east))).toBe("pin_required");
  const mixed = new House();
  const [west] = [mixed.edge("west", 2), mixed.edge("old", 1)];
  await mixed.clock.advance(2 * defaultSettings.beat);
  expect(outcome(await open(mixed, west))).toBe("in");
  expect([...alone.faults, ...mixed.faults]).toEqual([]);
});

/** Ann opens the lobby with a PIN; the answer is of one who brings none. */
async function open(house: House, edge: Edge): Promise<Client> {
  const ann = come(edge, "2468");
  await house.clock.settle();
  expect(outcome(ann)).toBe("in");
  const stranger = come(edge, undefined);
  await house.clock.settle();
  return stranger;
}
