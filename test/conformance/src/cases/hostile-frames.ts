// Frames that can be read and should not be obeyed: unknown types, wrong members, huge numbers, texts beyond their bounds.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier } from "../seat.ts";

/** So many in one connection are forgiven, and not one more. */
const mistakes = 20;

async function refuses(client: Client, frame: PlainObject, reason: string, about: PlainObject = {}): Promise<void> {
  client.send(frame);
  const answer = await client.next(`a refusal of ${told(frame)}`);
  const fits = answer.type === "refused" && answer.reason === reason;
  const placed =
    answer.type === "refused" &&
    Object.entries(about).every(([key, value]) => Object.entries(answer).some(([k, v]) => k === key && v === value));
  if (!fits || !placed) throw new Fault(`got ${told(answer)} instead of ${reason} for ${told(frame)}`);
}

export const hostileFrames: readonly Case[] = [
  {
    name: "frames of unknown types: unknown_type, and the socket stays",
    section: "connection",
    hostile: true,
    async run(trial) {
      const ann = await trial.client();
      for (const type of [
        "subscribe",
        "welcome",
        "Hello",
        "",
        "__proto__",
        "constructor",
        "toString",
        "hasOwnProperty",
      ]) {
        await refuses(ann, { type, n: 1, room: "r" }, "unknown_type");
      }
      await ann.quiet();
    },
  },
  {
    name: "members that nobody knows are ignored",
    section: "connection",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const n = ann.send({
        type: "broadcast",
        body: "x",
        colour: "red",
        from: bob.id,
        position: "1.0.1",
        session: bob.id,
      });
      await bob.client.expect("broadcast", { from: ann.id, body: "x" });
      await ann.client.expect("ack", { n });
    },
  },
  {
    name: "values that are no frames at all: malformed, and the socket stays",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const ann = await trial.client();
      const values: readonly PlainValue[] = [
        null,
        true,
        0,
        "ping",
        [],
        [{ type: "ping", n: 1 }],
        {},
        { type: 7 },
        { type: null },
        { n: 1 },
      ];
      for (const value of values) {
        ann.sendBytes(ann.codec.encode(value));
        await ann.expect("refused", { reason: "malformed" });
      }
      await ann.quiet();
    },
  },
  {
    name: "frames against their schema: malformed with n and room, and the socket stays",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const { room } = ann;
      const at = { n: 900, room };
      const frames: readonly PlainObject[] = [
        { type: "signal", to: bob.id },
        { type: "signal", to: bob.id, body: { kind: "telepathy" } },
        { type: "signal", to: bob.id, body: { kind: "description", description: { type: "demand", sdp: "" } } },
        { type: "signal", to: bob.id, body: { kind: "candidates", candidates: [] } },
        { type: "signal", to: 5, body: { kind: "ring", call: "c" } },
        { type: "broadcast" },
        { type: "broadcast", body: 1, durable: "yes" },
        { type: "profile" },
        { type: "profile", profile: { name: 5 } },
        { type: "profile", profile: { picture: "javascript:alert(1)" } },
        { type: "data" },
        { type: "data", key: "", value: 1 },
        { type: "data", key: "k", value: 1, ifVersion: -1 },
        { type: "room" },
        { type: "room", set: { capacity: 100_001 } },
        { type: "room", set: { presence: "some" } },
        { type: "moderate", action: "remove" },
        { type: "moderate", action: "praise", member: bob.id },
        { type: "moderate", action: "mute", member: bob.id },
      ];
      for (const frame of frames) await refuses(ann.client, { ...frame, ...at }, "malformed", at);
      await barrier(ann, bob);
    },
  },
  {
    name: "texts beyond their bounds: too_large with n and room, and the socket stays",
    section: "limits",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const at = { n: 900, room: ann.room };
      const wide = "é";
      const frames: readonly PlainObject[] = [
        { type: "profile", profile: { name: "x".repeat(257) } },
        { type: "profile", profile: { name: wide.repeat(129) } },
        { type: "profile", profile: { status: "x".repeat(1_025) } },
        { type: "profile", profile: { status: wide.repeat(513) } },
        { type: "profile", profile: { picture: `https://example.org/${"x".repeat(8_192)}` } },
        { type: "data", key: "k".repeat(129), value: 1 },
        { type: "room", set: { pin: "1".repeat(65) } },
        { type: "signal", to: "m".repeat(129), body: { kind: "ring", call: "c" } },
        { type: "signal", to: bob.id, body: { kind: "ring", call: "c".repeat(65) } },
        { type: "signal", to: bob.id, body: { kind: "hangup", call: "c", why: "w".repeat(257) } },
        {
          type: "signal",
          to: bob.id,
          body: { kind: "candidates", candidates: Array.from({ length: 65 }, () => ({ candidate: "" })) },
        },
      ];
      for (const frame of frames) await refuses(ann.client, { ...frame, ...at }, "too_large", at);
      await barrier(ann, bob);
    },
  },
  {
    name: "a body or shared value larger than bodyBytes: too_large; one of just bodyBytes is heard",
    section: "limits",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const { bodyBytes, frameBytes } = ann.client.welcome.limits;
      const text = (bytes: number): string => {
        const head = ann.client.codec.encode("x".repeat(bytes)).byteLength - bytes;
        return "x".repeat(bytes - head);
      };
      const whole = text(bodyBytes);
      await ann.broadcast(whole);
      await bob.hears(ann, whole);
      if (bodyBytes + 200 > frameBytes) return;
      await ann.refused({ type: "broadcast", body: `${whole}x` }, "too_large");
      await ann.refused({ type: "data", key: "k", value: `${whole}x` }, "too_large");
      const custom = { kind: "custom", value: whole };
      await ann.refused({ type: "signal", to: bob.id, body: custom }, "too_large");
      await barrier(ann, bob);
    },
  },
  {
    name: "counters that are none: malformed; the highest one there is counts",
    section: "shape-counter",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const { room } = ann;
      const counters: readonly PlainValue[] = [0, -1, 1.5, 2 ** 53, 1e300, -(2 ** 53), "1", null, [1], true];
      for (const n of counters) await refuses(ann.client, { type: "broadcast", n, room, body: 1 }, "malformed");
      await refuses(ann.client, { type: "broadcast", room, body: 1 }, "malformed");
      const n = Number.MAX_SAFE_INTEGER;
      ann.client.send({ type: "broadcast", n, room, body: "the last" });
      await ann.client.expect("ack", { n, room });
      await bob.hears(ann, "the last");
      ann.client.send({ type: "ping", n });
      await ann.client.expect("pong", { n });
    },
  },
  {
    name: "twenty mistakes are forgiven, the next one closes: 4400",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const ann = await trial.client();
      const mistake = { type: "join", n: 5, room: "" };
      for (let made = 0; made < mistakes; made += 1) await refuses(ann, mistake, "malformed", { n: 5 });
      await ann.quiet();
      ann.send(mistake);
      await ann.turnedAway(["malformed"], [4400]);
    },
  },
  {
    name: "a resume with more rooms than roomsPerSession is refused, whatever its size",
    section: "client-resume",
    hostile: true,
    async run(trial) {
      const ann = await trial.client();
      const { roomsPerSession, frameBytes } = ann.welcome.limits;
      const fits = Math.floor(frameBytes / 60);
      for (const count of [roomsPerSession + 1, fits].filter((each) => each > roomsPerSession && each <= fits)) {
        const rooms = Array.from({ length: count }, (_, at) => ({ room: `r${at}`, position: "1.0.1" }));
        const eve = await trial.resuming(ann, 2, rooms, `who resumes ${count} rooms`);
        const answer = await eve.next("a refusal");
        const fine = answer.type === "refused" && ["too_many_rooms", "too_large", "malformed"].includes(answer.reason);
        if (!fine) throw new Fault(`got ${told(answer)} for ${count} rooms`);
        eve.cut();
      }
      await ann.quiet();
    },
  },
  {
    name: "a resume that names one room twice does no harm",
    section: "client-resume",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const position = ann.client.positions.get(ann.room) ?? "";
      const one = { room: ann.room, position };
      const again = await trial.resuming(ann.client, 2, [one, one]);
      const answer = await again.next("a welcome or a refusal");
      if (answer.type === "refused") {
        if (answer.reason !== "malformed") throw new Fault(`got ${told(answer)}`);
        again.cut();
        return barrier(bob, ann);
      }
      await ann.client.turnedAway(["superseded"], [4004]);
      await again.until({ type: "resumed", room: ann.room });
      await bob.broadcast("undisturbed");
      await again.until({ type: "broadcast", body: "undisturbed" });
    },
  },
];
