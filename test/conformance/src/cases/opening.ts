// How a connection begins and ends: subprotocols, hello, bye, and what is refused before and beside them.
import { isDeepStrictEqual } from "node:util";
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { anything, told } from "../like.ts";
import { subprotocolOf } from "../wire.ts";

export const opening: readonly Case[] = [
  {
    name: "a socket that says nothing is closed in time: 4408",
    section: "connection",
    codecs: ["json"],
    deadline: () => 40_000,
    async run(trial) {
      const ann = await trial.connect();
      await ann.closed(4408);
    },
  },
  {
    name: "hello is answered by welcome with limits, a token and ICE servers",
    section: "client-hello",
    async run(trial) {
      const ann = await trial.connect();
      const welcome = await ann.hello({ client: { name: "conformance", version: "1" } });
      const bob = await trial.client("bob");
      if (bob.id === welcome.session) throw new Fault("two sessions of one name");
      if (bob.welcome.token === welcome.token) throw new Fault("two sessions with one token");
      if (!isDeepStrictEqual(bob.welcome.limits, welcome.limits)) throw new Fault("the limits changed between hellos");
      if (welcome.limits.bodyBytes > welcome.limits.frameBytes) throw new Fault(`limits: ${told(welcome.limits)}`);
    },
  },
  {
    name: "a client that offers both subprotocols gets one of them",
    section: "connection",
    codecs: ["json"],
    async run(trial) {
      const answer = await trial.knock([subprotocolOf("json"), subprotocolOf("msgpack")]);
      if (!answer.opened) throw new Fault(`the socket was not opened: ${answer.why}`);
    },
  },
  {
    name: "an upgrade that offers a subprotocol of others only is refused with HTTP 400",
    section: "connection",
    codecs: ["json"],
    hostile: true,
    async run(trial) {
      const answer = await trial.knock(["heliograph.v0.json", "mqtt"]);
      if (answer.opened || answer.why !== "HTTP 400") throw new Fault(answer.opened ? "it was opened" : answer.why);
    },
  },
  {
    name: "an upgrade that offers no subprotocol is refused with HTTP 400",
    section: "connection",
    codecs: ["json"],
    hostile: true,
    async run(trial) {
      const answer = await trial.knock([]);
      if (answer.opened || answer.why !== "HTTP 400") throw new Fault(answer.opened ? "it was opened" : answer.why);
    },
  },
  {
    name: "a command before hello: too_early, 4400",
    section: "connection",
    hostile: true,
    async run(trial) {
      const frames = [
        { type: "join", n: 1, room: trial.room() },
        { type: "ping", n: 1 },
        { type: "broadcast", n: 1, room: trial.room(), body: 1 },
        { type: "bye" },
      ];
      for (const frame of frames) {
        const ann = await trial.connect(`who says ${frame.type} first`);
        ann.send(frame);
        await ann.expect("refused", { reason: "too_early" });
        await ann.closed(4400);
      }
    },
  },
  {
    name: "a second hello, or a resume after hello: already",
    section: "connection",
    hostile: true,
    async run(trial) {
      const ann = await trial.client();
      ann.send({ type: "hello", attempt: 2 });
      await ann.expect("refused", { reason: "already" });
      ann.send({ type: "resume", attempt: 3, token: ann.welcome.token, rooms: [] });
      await ann.expect("refused", { reason: "already" });
      await ann.quiet();
    },
  },
  {
    name: "hello with a token that nobody issued: unauthorized, 4401",
    section: "client-hello",
    hostile: true,
    async run(trial) {
      const ann = await trial.connect();
      ann.send({ type: "hello", attempt: 1, token: "eyJhbGciOiJub25lIn0.e30." });
      await ann.expect("refused", { reason: "unauthorized" });
      await ann.closed(4401);
    },
  },
  {
    name: "bye leaves every room at once, and the server closes with 1000",
    section: "client-bye",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const other = trial.room();
      await bob.client.join(other);
      const cid = await trial.client("cid");
      await cid.join(other);
      await bob.client.expect("member", { room: other, change: "joined" });
      bob.client.send({ type: "bye" });
      await bob.client.closed(1000);
      await ann.client.expect("member", { room: ann.room, change: "left", id: bob.id, why: "left" });
      await cid.expect("member", { room: other, change: "left", id: bob.id, why: "left", successor: cid.id });
    },
  },
  {
    name: "nobody speaks for a session after its bye",
    section: "resume",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const position = bob.client.positions.get(bob.room) ?? "";
      bob.client.send({ type: "bye" });
      await bob.client.closed(1000);
      await ann.client.expect("member", { change: "left", id: bob.id });
      const again = await trial.resuming(bob.client, 2, [{ room: bob.room, position }]);
      const answer = await again.next("an answer to a resume after bye");
      if (answer.type === "refused" && answer.reason === "expired") return again.closed(4005);
      if (answer.type !== "welcome") throw new Fault(`got ${told(answer)} instead of expired`);
      await again.expect("resumed", { room: bob.room, verdict: "expired" });
    },
  },
  {
    name: "ice is answered with its n",
    section: "client-ice",
    async run(trial) {
      const ann = await trial.client();
      const n = ann.count();
      ann.send({ type: "ice", n });
      await ann.expect("ice", { n, ice: { iceServers: anything, ttl: anything, degraded: anything } });
    },
  },
  {
    name: "a wish is taken with hello and ice, also for a zone that nobody knows, and refused where it is none",
    section: "client-ice",
    async run(trial) {
      const ann = await trial.connect();
      await ann.hello({ iceWish: { zone: "no such zone" } });
      for (const wish of ["auto", "geo", "priority", { zone: "no such zone" }]) {
        const n = ann.count();
        ann.send({ type: "ice", n, wish });
        await ann.expect("ice", { n });
      }
      for (const wish of ["nearby", {}, { zone: "" }, null]) {
        const n = ann.count();
        ann.send({ type: "ice", n, wish });
        await ann.expect("refused", { n, reason: "malformed" });
      }
    },
  },
  {
    name: "a report is taken without an answer, and one against its schema is refused with its n",
    section: "client-report",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const report = { type: "report", peer: bob.id, state: "connected", local: "host", remote: "srflx" };
      ann.client.send({ ...report, n: ann.client.count(), roundTrip: 12.5, setup: 300 });
      ann.client.send({ ...report, n: ann.client.count(), pair: "relay_tcp", turnErrors: [401, 701] });
      ann.client.send({ ...report, n: ann.client.count(), state: "failed", pair: "failed" });
      await ann.client.quiet();
      const n = ann.client.count();
      ann.client.send({ ...report, n, state: "splendid" });
      await ann.client.expect("refused", { n, reason: "malformed" });
    },
  },
  {
    name: "pong tells how far each room has been applied",
    section: "server-pong",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const before = await ann.client.quiet();
      if (before.rooms.length !== 1 || before.rooms[0]?.room !== ann.room) throw new Fault(`got ${told(before)}`);
      await bob.broadcast("on");
      await ann.hears(bob, "on");
      const heard = ann.client.positions.get(ann.room);
      const after = await ann.client.quiet();
      if (after.rooms[0]?.asOf === before.rooms[0].asOf) throw new Fault("asOf stood still while the room went on");
      if (after.rooms[0]?.asOf !== heard) throw new Fault(`asOf ${after.rooms[0]?.asOf} after a frame at ${heard}`);
      await ann.leave();
      await bob.client.expect("member", { change: "left", id: ann.id, successor: bob.id });
      const last = await ann.client.quiet();
      if (last.rooms.length > 0) throw new Fault(`a room that was left in ${told(last)}`);
    },
  },
];
