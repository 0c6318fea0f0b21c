// One simulated conversation from its seed to its verdict.
import type { RoomCopy } from "@heliograph/core";
import type { RoomKey, RoomName } from "@heliograph/protocol";
import { parseRealm, parseRoomName, roomKey } from "@heliograph/protocol";
import { Callers } from "./callers.ts";
import type { Facts } from "./checker.ts";
import { check } from "./checker.ts";
import { Client } from "./client.ts";
import { Dice } from "./dice.ts";
import { House } from "./house.ts";
import type { Line } from "./journal.ts";
import { place } from "./journal.ts";
import type { Scene } from "./scenario.ts";
import { act, drawMisbehaviour, fail, kill, lastWord } from "./scenario.ts";

export interface Verdict {
  readonly seed: number;
  /** Each says what was promised and how it was broken; empty: all promises were kept. */
  readonly broken: readonly string[];
  readonly journal: readonly Line[];
  readonly reborn: boolean;
  /** What the checker was given: tampered with, it must find fault. */
  readonly facts: Facts;
}

/** Milliseconds of virtual time that things go wrong. */
const trouble = 40_000;
/** Milliseconds: longer than the log's life. */
const longSilence = 70_000;

export async function converse(seed: number, look?: (house: House) => void): Promise<Verdict> {
  const dice = new Dice(seed);
  const house = new House(dice.fork(), dice.chance(0.3) ? { ringBytes: 2_000 } : {});
  look?.(house);
  const journal: Line[] = [];
  const rooms = ["lobby", "attic"].map(named);
  for (const room of rooms) house.record(keyOf(room));
  for (let i = 0; i < 3; i += 1) house.edge();
  for (let keepers = dice.chance(0.3) ? 2 : 1; keepers > 0; keepers -= 1) house.keeper();
  const stayers = new Set<Client>();
  const clients = ["Ann", "Bob", "Cy", "Dee", "Eve", "Fay"].slice(0, dice.between(3, 6)).map((name, i) => {
    const client = new Client(name, house, journal, dice.fork());
    const own = rooms[i % rooms.length];
    if (own !== undefined) client.want(own);
    if (i < rooms.length) stayers.add(client);
    house.clock.after(i < rooms.length ? 0 : dice.between(0, 5_000), () => client.connect());
    return client;
  });
  const dim = new Set(rooms.filter(() => dice.chance(0.2)));
  const scene: Scene = {
    house,
    dice,
    rooms,
    dim,
    clients,
    stayers,
    ahead: 0,
    brittle: dice.chance(0.1),
  };
  const callers = new Callers(house, new Dice(seed * 7 + 3));
  callers.begin(trouble);
  // Some links are bad from the beginning.
  for (const edge of house.edges) if (dice.chance(0.25)) edge.ports.link.misbehave(drawMisbehaviour(dice));
  for (let left = dice.between(30, 140); left > 0; left -= 1) {
    house.clock.after(dice.between(1_000, trouble), () => act(scene));
  }
  const faults = dice.between(0, 14);
  for (let left = faults; left > 0; left -= 1) {
    house.clock.after(dice.between(2_000, trouble - 3_000), () => fail(scene));
  }
  await house.clock.advance(trouble);
  if (dice.chance(0.3)) loseForGood(scene);
  else if (faults === 0) callers.calm = true;
  await house.clock.advance(1_000);
  const broken = await conclude(scene, callers, journal);
  const facts = {
    journal,
    dim,
    window: house.settings.limits.window,
    grace: house.settings.limits.grace,
    peace: trouble + house.began,
    reborn: house.reborn,
    stored: new Map(rooms.map((room) => [room, house.positions(keyOf(room))])),
  };
  return { seed, broken: [...check(facts), ...broken], journal, reborn: house.reborn, facts };
}

/** Peace, a last look at everyone's picture, and the end of everything. */
async function conclude(scene: Scene, callers: Callers, journal: Line[]): Promise<string[]> {
  const { house, rooms, clients, dice } = scene;
  const broken: string[] = [];
  // In peace no node dies, nor is cut off: letters go with a connection whose client has not noticed, or is on the move.
  await house.clock.runUntil(() => scene.ahead === 0);
  makePeace(house);
  // Silences end, graces pass, and whoever died is declared lost.
  callers.doubt();
  const everyone = [...clients, ...callers.all];
  if (!(await house.clock.runUntil(() => everyone.every(({ settled }) => settled), 60_000))) {
    const late = everyone.filter(({ settled }) => !settled).map(({ name, state }) => `${name} (${state})`);
    broken.push(`in peace every client finds back and is answered: ${late.join(", ")} did not`);
  }
  const peace = house.clock.now();
  await callers.exchange();
  // A room that nobody speaks in for longer than the log keeps anything is a room all the same.
  if (dice.chance(0.1)) await house.clock.advance(longSilence);
  // Whoever lost the last thing that was said learns of it, though nothing follows it.
  await lastWord(scene);
  await house.clock.advance(3 * house.settings.digestEvery);
  for (const room of rooms) broken.push(...compareHosts(house, keyOf(room)));
  // Comes early enough to outlive everyone who is there in name only, also in rooms that nobody hosts any more.
  const auditor = new Client("auditor", house, journal, dice.fork());
  for (const room of rooms) auditor.want(room, "1234");
  auditor.connect();
  await house.clock.advance(26_000);
  for (const client of [...clients, auditor]) client.conclude();
  await callers.exchange();
  if (!house.reborn) broken.push(...callers.broken(peace));
  for (const channel of callers.channels) broken.push(...compareHosts(house, channel));
  for (const caller of callers.all) caller.stop();
  for (const room of rooms) broken.push(...compareDigests(house, keyOf(room)));
  for (const client of [...clients, auditor]) {
    if (dice.chance(0.5)) client.stop();
    else client.vanish();
  }
  await house.clock.advance(40_000);
  broken.push(...compareToNothing(house));
  for (const { at, text } of house.troubles) broken.push(`no fault is observed: ${text} (${at})`);
  for (const process of [...house.living, ...house.livingKeepers]) process.end();
  return broken;
}

/** A node dies, and not all of its clients come back. */
function loseForGood(scene: Scene): void {
  const { house, dice, clients, stayers } = scene;
  const edge = dice.pick(house.living);
  if (edge === undefined) return;
  for (const client of clients) if (client.speaking?.edge === edge && !stayers.has(client)) client.vanish();
  kill(scene, edge);
}

function makePeace(house: House): void {
  house.cluster.reach.set("open");
  for (const edge of house.living) {
    edge.ports.reach.set("open");
    edge.ports.link.misbehave({});
    edge.ports.link.mend();
    edge.gate.wake();
  }
  if (house.living.length === 0) house.edge();
  if (house.livingKeepers.length === 0) house.keeper();
}

interface Host {
  readonly name: string;
  readonly digest: string;
}

function hostsOf(house: House, room: RoomKey): Host[] {
  return [...house.living, ...house.livingKeepers].flatMap(({ name, gated }) => {
    const copy = gated.hosted.get(room)?.();
    return copy === undefined ? [] : [{ name, digest: house.digest(room, copy) }];
  });
}

/** Not with the log: what its only host has not heard of, and nobody else remembers, shows with whatever is said next. */
function compareHosts(house: House, room: RoomKey): string[] {
  return differences(hostsOf(house, room), room);
}

function compareDigests(house: House, room: RoomKey): string[] {
  const hosts = hostsOf(house, room);
  // What a lost log held, or a room that ended and began anew, is nobody's memory, though the record has it.
  if (!house.reborn && house.begun <= house.stored.size)
    hosts.push({ name: "the log", digest: house.truth(room).digest() });
  return differences(hosts, room);
}

function differences(hosts: readonly Host[], room: RoomKey): string[] {
  return hosts.flatMap(({ name, digest }) =>
    digest === hosts[0]?.digest ? [] : [`equal digests at the end: ${name} differs from ${hosts[0]?.name} in ${room}`],
  );
}

function compareToNothing(house: House): string[] {
  const busy = house.livingKeepers.flatMap(({ name, keeper }) => {
    const left = Object.entries(keeper.size).filter(([, count]) => count > 0);
    return left.length === 0
      ? []
      : [`everything returns to zero when everyone has gone: ${name} has ${left.join(" ")}`];
  });
  const kept = house.living.flatMap((edge) => {
    const { sessions, rooms, kept } = edge.node.size;
    const { followed } = edge.ports.log;
    const { timers } = edge.gate;
    const nothing = sessions === 0 && rooms === 0 && kept === 0 && followed === 0 && timers === edge.ownTimers;
    const hosted = [...edge.gated.hosted].map(([room, copy]) => `${room} ${describe(house, room, copy())}`);
    const left = `${sessions} sessions, ${rooms} rooms, ${kept} kept, ${followed} follows, ${timers} timers ${hosted}`;
    return nothing ? [] : [`everything returns to zero when everyone has gone: ${edge.name} has ${left}`];
  });
  return [...kept, ...busy];
}

function describe(house: House, room: RoomKey, copy: RoomCopy | undefined): string {
  const last = house.positions(room).at(-1);
  const members = copy?.members.map(({ id, state, epoch }) => `${id} ${state} ${epoch.attempt}.${epoch.bump}`);
  return `at ${copy === undefined ? "no place" : place(copy.at)} of ${last === undefined ? "none" : place(last)}: ${members}`;
}

function named(raw: string): RoomName {
  const name = parseRoomName(raw);
  if (!name.ok) throw new Error(raw);
  return name.value;
}

function keyOf(room: RoomName): RoomKey {
  const realm = parseRealm("default");
  if (!realm.ok) throw new Error("the default realm has a name");
  return roomKey(realm.value, room);
}
