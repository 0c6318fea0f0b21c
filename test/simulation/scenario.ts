// What goes wrong and what is asked in one conversation, drawn from its seed.
import type { Misbehaviour } from "@heliograph/core/memory";
import { hostile } from "@heliograph/core/memory";
import type { RoomName } from "@heliograph/protocol";
import type { Client } from "./client.ts";
import type { Dice } from "./dice.ts";
import type { Edge, House } from "./house.ts";
import { writeBody } from "./membership.ts";

export interface Scene {
  readonly house: House;
  readonly dice: Dice;
  readonly rooms: readonly RoomName[];
  /** Where presence may be turned down; elsewhere everyone sees everyone. */
  readonly dim: ReadonlySet<RoomName>;
  readonly clients: readonly Client[];
  /** Those who stay in their rooms to the end. */
  readonly stayers: ReadonlySet<Client>;
  /** How much of what has begun is yet to go wrong. */
  ahead: number;
  /** Whether the stream may be lost. */
  readonly brittle: boolean;
}

const acts = {
  broadcast: 24,
  signal: 24,
  whisper: 12,
  profile: 4,
  data: 8,
  settings: 2,
  moderate: 3,
  leave: 8,
  join: 14,
  cut: 8,
  halfOpen: 5,
  stall: 6,
  silence: 2,
  reload: 5,
  move: 8,
  race: 5,
  bye: 2,
  vanish: 1,
};

/** One client does one thing. */
export function act(scene: Scene): void {
  const { dice } = scene;
  const client = dice.pick(scene.clients);
  if (client === undefined || client.over !== undefined) return;
  const stays = scene.stayers.has(client);
  const room = dice.pick([...client.memberships.keys()]);
  const what = dice.weigh(acts);
  switch (what) {
    case "broadcast":
    case "signal":
    case "whisper":
    case "profile":
    case "data":
    case "settings":
    case "moderate":
      if (room !== undefined) speakOften(scene, client, room, what);
      return;
    case "leave":
      if (room !== undefined && !stays) client.leave(room);
      return;
    case "join": {
      const other = dice.pick(scene.rooms);
      if (other !== undefined) client.want(other, dice.chance(0.5) ? "1234" : undefined);
      return;
    }
    case "cut":
      return client.goOffline(dice.between(0, 6_000), false);
    case "halfOpen":
      return client.goOffline(dice.between(500, 6_000), true);
    case "stall":
      return client.stallWire(dice.between(200, 7_000));
    case "silence":
      return client.goOffline(dice.between(9_000, 30_000), dice.chance(0.3));
    case "reload":
      return client.reload();
    case "move":
      return client.move();
    case "race":
      return client.race();
    case "bye":
      if (!stays) client.bye();
      return;
    case "vanish":
      if (!stays) client.vanish();
      return;
    default:
      what satisfies never;
  }
}

/** A few at once, and a few more soon after: bundles fill and follow each other. */
function speakOften(scene: Scene, client: Client, room: RoomName, what: Speech): void {
  const { dice, house } = scene;
  for (let times = dice.between(1, 3); times > 0; times -= 1) speak(scene, client, room, what);
  for (let times = dice.between(0, 3); times > 0; times -= 1) {
    house.clock.after(dice.between(1, 120), () => speak(scene, client, room, what));
  }
}

type Speech = "broadcast" | "signal" | "whisper" | "profile" | "data" | "settings" | "moderate";

function speak({ dice, dim, stayers }: Scene, client: Client, room: RoomName, what: Speech): void {
  const picture = client.memberships.get(room)?.picture;
  if (picture === undefined) return;
  const others = picture.members.filter(({ id }) => id !== client.self);
  const other = dice.pick(others)?.id;
  switch (what) {
    case "broadcast":
      return client.say(room, what, (id, n, attempt) => ({ type: what, n, room, body: writeBody({ id, attempt }) }));
    case "signal":
      if (other === undefined) return;
      return client.say(
        room,
        what,
        (id, n, attempt) => ({ type: what, n, room, to: other, body: writeBody({ id, attempt, to: other }) }),
        other,
      );
    case "whisper":
      return client.whisper(room, dice.chance(0.5) ? other : undefined);
    case "profile": {
      const name = `${client.name} ${dice.between(1, 99)}`;
      return client.say(room, what, (_, n) => ({ type: what, n, room, profile: { name } }));
    }
    case "data": {
      const key = `key ${dice.between(1, 4)}`;
      // Where leavings are not told, nor is it that what the leaver owned is gone.
      const owned = !dim.has(room) && dice.chance(0.4);
      const value = dice.chance(0.8) ? { value: writeBody({ id: `value ${dice.between(1, 999)}`, attempt: 0 }) } : {};
      return client.say(room, what, (_, n) => ({ type: what, n, room, key, owned, ...value }));
    }
    case "settings": {
      const change = drawSettings(dice, dim.has(room));
      return client.say(room, what, (_, n) => ({ type: what, n, room, change }));
    }
    case "moderate": {
      // Whoever stays to the end must not be thrown out.
      const may = others.filter(({ id }) => ![...stayers].some(({ self }) => self === id));
      const action = drawModeration(dice, dice.pick(may)?.id, other);
      if (action === undefined) return;
      return client.say(room, what, (_, n) => ({ type: what, n, room, action }));
    }
    default:
      what satisfies never;
  }
}

function drawSettings(
  dice: Dice,
  dim: boolean,
): { locked: boolean } | { capacity: number } | { pin: string | null } | { presence: "full" | "count" | "none" } {
  const what = dice.weigh({ locked: 1, capacity: 1, pin: 1, presence: dim ? 4 : 0 });
  switch (what) {
    case "locked":
      return { locked: dice.chance(0.3) };
    case "capacity":
      return { capacity: dice.between(0, 8) };
    case "pin":
      return { pin: dice.chance(0.5) ? "1234" : null };
    case "presence":
      return { presence: dice.pick(["full", "count", "none"] as const) ?? "full" };
    default:
      return what satisfies never;
  }
}

function drawModeration(dice: Dice, target: Client["self"], anyone: Client["self"]) {
  const what = dice.weigh({ remove: 3, ban: 1, mute: 2, role: 3 });
  switch (what) {
    case "remove":
    case "ban":
      return target === undefined ? undefined : { action: what, member: target };
    case "mute":
      return anyone === undefined ? undefined : { action: what, member: anyone, media: "all" as const };
    case "role": {
      const role = dice.pick(["moderator", "participant", "viewer"] as const) ?? "participant";
      return anyone === undefined ? undefined : { action: what, member: anyone, role };
    }
    default:
      return what satisfies never;
  }
}

const faults = {
  kill: 4,
  blackout: 1,
  keeper: 1,
  drain: 1,
  pause: 4,
  sleep: 1,
  cut: 4,
  stall: 4,
  hostile: 5,
  clock: 2,
  unreachable: 2,
  answersLost: 1,
  flush: 1,
  rollBack: 1,
  rebirth: 1,
  evict: 1,
};

/** One thing goes wrong with the cluster. */
export function fail(scene: Scene): void {
  const { dice, house } = scene;
  const edge = dice.pick(house.living);
  if (edge === undefined) return;
  const { link, reach } = edge.ports;
  const later = (least: number, most: number, call: () => void): void => {
    house.clock.after(dice.between(least, most), () => {
      if (edge.gate.state !== "dead") call();
    });
  };
  /** What makes it worse: there is no peace before. */
  const worse = (least: number, most: number, call: () => void): void => {
    scene.ahead += 1;
    house.clock.after(dice.between(least, most), () => {
      scene.ahead -= 1;
      if (edge.gate.state !== "dead") call();
    });
  };
  const what = dice.weigh(faults);
  switch (what) {
    case "kill":
      return kill(scene, edge);
    case "blackout":
      // Every host of every room at once: what is left of them is in the memory and in the log.
      for (const each of house.living) kill(scene, each);
      return;
    case "keeper":
      dice.pick(house.livingKeepers)?.kill();
      house.clock.after(dice.between(200, 8_000), () => house.keeper());
      return;
    case "drain":
      edge.node.drain({ perSecond: 2, retryIn: 1_000 });
      return worse(2_000, 5_000, () => kill(scene, edge));
    case "pause":
      edge.gate.pause();
      return later(500, 15_000, () => edge.gate.wake());
    case "sleep":
      // Longer than the silence, the grace and the window.
      edge.gate.pause();
      return later(20_500, 35_000, () => edge.gate.wake());
    case "cut":
      link.cut();
      return later(200, 16_000, () => link.mend());
    case "stall":
      link.stall();
      return worse(200, 7_000, () => {
        if (dice.chance(0.5)) link.cut();
        later(0, 2_000, () => link.mend());
      });
    case "hostile":
      link.misbehave(drawMisbehaviour(dice));
      return later(1_000, 20_000, () => link.misbehave({}));
    case "clock":
      // Forward by less than what looks like a pause, or back.
      return edge.gate.jump(dice.chance(0.7) ? dice.between(1_000, 3_500) : -dice.between(1_000, 60_000));
    case "unreachable": {
      const where = dice.chance(0.5) ? house.cluster.reach : reach;
      where.set("closed");
      house.clock.after(dice.between(200, 15_000), () => where.set("open"));
      return;
    }
    case "answersLost":
      reach.set("answers lost");
      return later(200, 5_000, () => reach.set("open"));
    case "flush":
      return house.cluster.flush();
    case "rollBack": {
      // As a failover does to a replica that lagged.
      const rollBack = house.cluster.remember();
      house.clock.after(dice.between(100, 5_000), rollBack);
      return;
    }
    case "rebirth":
      if (scene.brittle) house.rebirth();
      return;
    case "evict":
      if (scene.brittle) house.evict();
      return;
    default:
      what satisfies never;
  }
}

export function drawMisbehaviour(dice: Dice): Partial<Misbehaviour> {
  if (dice.chance(0.4)) return hostile;
  const drawn: Partial<Misbehaviour>[] = [
    { drop: 0.3 },
    { double: 0.4 },
    { delay: [0, 80], reorder: 0.5 },
    { ackLoss: 0.4 },
    { appendTwice: 0.4 },
    { readLag: [0, 400], readFail: 0.3 },
    { proveLag: [0, 200] },
    { delay: [5, 30] },
  ];
  return { ...dice.pick(drawn), ...dice.pick(drawn) };
}

/** Someone speaks while one node hears nothing of the log, and nobody says anything afterwards. */
export async function lastWord(scene: Scene): Promise<void> {
  const { dice, house, clients } = scene;
  const deaf = dice.pick(house.living);
  const speaker = dice.pick(clients.filter(({ over }) => over === undefined));
  const room = dice.pick([...(speaker?.memberships.keys() ?? [])]);
  if (deaf === undefined || speaker === undefined || room === undefined) return;
  deaf.ports.link.misbehave({ drop: 1 });
  speak(scene, speaker, room, "broadcast");
  await house.clock.advance(200);
  deaf.ports.link.misbehave({});
}

export function kill({ dice, house }: Scene, edge: Edge): void {
  edge.kill();
  for (const wire of edge.wires) wire.cut(dice.chance(0.7) ? dice.between(0, 300) : undefined, 0);
  house.clock.after(dice.between(200, 8_000), () => house.edge());
}
