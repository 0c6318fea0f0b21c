// What members say: signals, broadcasts, volatile messages, profiles; who hears them, in which order, and how exactly.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { anything, Exactly, told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";

const sdp = "v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-options:trickle\r\n";

const signals: readonly PlainObject[] = [
  { kind: "description", description: { type: "offer", sdp } },
  { kind: "description", description: { type: "answer", sdp } },
  { kind: "description", description: { type: "pranswer", sdp: "" } },
  { kind: "description", description: { type: "rollback" } },
  {
    kind: "candidates",
    candidates: [
      { candidate: "candidate:1 1 udp 2130706431 192.0.2.1 49203 typ host", sdpMid: "0", sdpMLineIndex: 0 },
      { candidate: "candidate:2 1 udp 1694498815 2001:db8::1 49203 typ srflx", sdpMid: null, usernameFragment: "EsAw" },
      { candidate: "" },
    ],
  },
  { kind: "ring", call: "c1", media: { audio: true, video: false } },
  { kind: "ring", call: "x".repeat(64) },
  { kind: "accept", call: "c1" },
  { kind: "decline", call: "c1", why: "on the other line" },
  { kind: "busy", call: "c1" },
  { kind: "hangup", call: "c1", why: "" },
  { kind: "custom", value: { anything: ["the two", { have: "agreed on" }] } },
];

export const bodies: readonly PlainValue[] = [
  null,
  true,
  false,
  "",
  "plain",
  "ümläute, 漢字, عربى, עברית, 🏔️👩‍👩‍👧, \u0000 \u001f \u2028 \u2029 \ufeff \uffff",
  'quotes " \\ / and \r\n\t',
  0,
  -1,
  1.5,
  -2.5e-300,
  1.7976931348623157e308,
  5e-324,
  127,
  128,
  -32,
  -33,
  255,
  256,
  65_535,
  65_536,
  -32_769,
  4_294_967_295,
  4_294_967_296,
  -2_147_483_649,
  9_007_199_254_740_991,
  -9_007_199_254_740_991,
  0.1,
  {},
  [],
  [[], {}, [[]], [{}]],
  { "": "the empty name", type: "broadcast", room: "elsewhere", n: 5, body: "body in body", constructor: 1 },
  { deep: { er: { and: [{ deep: [[[["bottom"]]]] }, null, [null, false, 0, "", {}]] } } },
  Array.from({ length: 300 }, (_, at) => at),
  Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`key ${at}`, { at, odd: at % 2 === 1 }])),
  "x".repeat(40),
  "y".repeat(300),
  "z".repeat(5_000),
];

/** Each of them says everything, and the other hears exactly that, in this order. */
async function sayEverything(from: Seat, to: Seat): Promise<void> {
  for (const body of bodies) {
    const n = from.send({ type: "broadcast", body });
    await to.hears(from, new Exactly(body));
    await from.client.expect("ack", { n });
  }
  for (const body of signals) {
    const n = from.send({ type: "signal", to: to.id, body });
    const heard = { room: to.room, from: from.id, body: new Exactly(body), position: anything };
    await to.client.expect("signal", heard);
    await from.client.expect("ack", { n });
  }
}

/** A volatile message has no answer; a server may say all the same why it could not be passed on. */
async function silentOrRefused(client: Client): Promise<void> {
  const n = client.count();
  client.send({ type: "ping", n });
  for (const frame of await client.until({ type: "pong", n })) {
    const refusal = frame.type === "refused" && frame.n === undefined;
    if (!refusal && frame.type !== "pong") throw new Fault(`${client.name} got ${told(frame)}`);
  }
}

export const messages: readonly Case[] = [
  {
    name: "every kind of signal and of body arrives exactly as it was said, once, and not at its sender",
    section: "client-signal",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await sayEverything(ann, bob);
    },
  },
  {
    name: "the same from this codec to the other, in one room",
    section: "connection",
    async run(trial) {
      const [ann, bob] = await trial.pair({ second: trial.otherCodec });
      await sayEverything(ann, bob);
      await sayEverything(bob, ann);
    },
  },
  {
    name: "shared values and profiles written in this codec read the same in the other",
    section: "connection",
    async run(trial) {
      const [ann, bob] = await trial.pair({ second: trial.otherCodec });
      for (const [at, value] of bodies.entries()) {
        const key = `key ${at}`;
        const n = ann.send({ type: "data", key, value });
        const echo = { type: "data", key, value: new Exactly(value), by: ann.id };
        await ann.client.expectAll([echo, { type: "ack", n }]);
        await bob.client.expect("data", echo);
      }
      const late = await trial.client("cid", trial.otherCodec);
      const { view } = await late.join(ann.room);
      const kept = new Map(view.data.map(({ key, value }) => [key, value]));
      for (const [at, value] of bodies.entries()) {
        if (told(kept.get(`key ${at}`)) !== told(value)) throw new Fault(`the view has ${told(kept.get(`key ${at}`))}`);
      }
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
  {
    name: "a signal is heard by its addressee alone",
    section: "client-signal",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await ann.done({ type: "signal", to: bob.id, body: { kind: "ring", call: "c" } });
      await bob.client.expect("signal", { from: ann.id, body: { kind: "ring", call: "c" } });
      await barrier(ann, bob, cid);
    },
  },
  {
    name: "a signal to nobody in the room: unknown_peer",
    section: "refusals",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const stranger = await trial.client("eve");
      const body = { kind: "ring", call: "c" };
      await ann.refused({ type: "signal", to: stranger.id, body }, "unknown_peer");
      await ann.refused({ type: "signal", to: "nobody at all", body }, "unknown_peer");
      await bob.leave();
      await ann.client.expect("member", { change: "left", id: bob.id });
      await ann.refused({ type: "signal", to: bob.id, body }, "unknown_peer");
    },
  },
  {
    name: "all members hear one order, and each sender's own is kept",
    section: "rooms-order-and-positions",
    async run(trial) {
      const seats = await trial.three();
      const each = 20;
      const heard = seats.map((): string[] => []);
      for (let at = 0; at < each; at += 1) {
        for (const seat of seats) seat.send({ type: "broadcast", body: `${seats.indexOf(seat)} ${at}` });
      }
      for (const [index, seat] of seats.entries()) {
        let acked = 0;
        while (acked < each || (heard[index]?.length ?? 0) < each * (seats.length - 1)) {
          const frame = await seat.client.next("what the others say, and the acks");
          if (frame.type === "ack") acked = frame.n;
          else if (frame.type === "broadcast") heard[index]?.push(String(frame.body));
          else throw new Fault(`${seat.client.name} got ${told(frame)}`);
        }
      }
      for (const [index, list] of heard.entries()) {
        for (const [other, otherList] of heard.entries()) {
          const both = (said: string): boolean => !said.startsWith(`${index} `) && !said.startsWith(`${other} `);
          if (told(list.filter(both)) !== told(otherList.filter(both))) throw new Fault("two members, two orders");
          const own = list.filter((said) => said.startsWith(`${other} `));
          const wanted = index === other ? [] : Array.from({ length: each }, (_, at) => `${other} ${at}`);
          if (told(own) !== told(wanted)) throw new Fault(`from ${other}: ${told(own)}`);
        }
      }
    },
  },
  {
    name: "volatile messages arrive without a position and without an answer",
    section: "volatile-messages",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      const room = ann.room;
      const body = { cursor: [3, 4] };
      ann.client.send({ type: "broadcast", room, body, durable: false });
      for (const seat of [bob, cid]) {
        await seat.client.expect("broadcast", { room, from: ann.id, body: new Exactly(body), position: undefined });
      }
      const ring = { kind: "ring", call: "v" };
      ann.client.send({ type: "signal", room, to: bob.id, body: ring, durable: false });
      await bob.client.expect("signal", { room, from: ann.id, body: ring, position: undefined });
      await ann.client.quiet();
      await barrier(ann, bob, cid);
    },
  },
  {
    name: "whoever may not speak is not heard by volatile messages either",
    section: "volatile-messages",
    hostile: true,
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      const echo = { type: "moderated", action: "role", member: bob.id };
      await ann.done({ type: "moderate", member: bob.id, action: "role", role: "viewer" }, echo);
      for (const { client } of [bob, cid]) await client.expect("moderated", echo);
      const eve = await trial.client("eve");
      for (const client of [bob.client, eve]) {
        client.send({ type: "broadcast", room: ann.room, body: "psst", durable: false });
        await silentOrRefused(client);
      }
      eve.send({ type: "signal", room: ann.room, to: ann.id, body: { kind: "ring", call: "c" }, durable: false });
      await silentOrRefused(eve);
      await barrier(ann, bob, cid);
      await barrier(cid, ann, bob);
    },
  },
  {
    name: "a stranger's commands into a room reach nobody in it",
    section: "refusals",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const eve = new Seat(await trial.client("eve"), ann.room);
      const body = { kind: "ring", call: "c" };
      await eve.refused({ type: "signal", to: ann.id, body }, "not_a_member");
      await eve.refused({ type: "broadcast", body }, "not_a_member");
      await eve.refused({ type: "data", key: "k", value: 1 }, "not_a_member");
      await eve.refused({ type: "profile", profile: { name: "Ann" } }, "not_a_member");
      await eve.refused({ type: "room", set: { locked: true } }, "not_a_member");
      await eve.refused({ type: "moderate", member: ann.id, action: "ban" }, "not_a_member");
      await eve.refused({ type: "leave" }, "not_a_member");
      await barrier(ann, bob);
      await barrier(bob, ann);
    },
  },
  {
    name: "a volatile message with an n: malformed",
    section: "client-broadcast",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      ann.client.send({ type: "broadcast", n: 1, room: ann.room, body: 1, durable: false });
      await ann.client.expect("refused", { reason: "malformed", n: 1, room: ann.room });
      await barrier(ann, bob);
    },
  },
  {
    name: "a profile replaces the former one as a whole, and everyone hears it, its author too",
    section: "client-profile",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const profile = { status: "in a train 🚂", picture: "https://example.org/bob.png" };
      const echo = { type: "member", change: "updated", member: { id: bob.id, profile: new Exactly(profile) } };
      await bob.done({ type: "profile", profile }, echo);
      await ann.client.expect("member", { room: ann.room, ...echo });
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room);
      const kept = view.members.find(({ id }) => id === bob.id)?.profile;
      if (told(kept) !== told(profile)) throw new Fault(`the view has ${told(kept)}`);
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
];
