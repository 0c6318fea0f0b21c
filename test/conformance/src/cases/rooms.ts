// Coming into rooms and leaving them: join, leave, and every reason to be kept out.
import type { Case } from "../case.ts";
import { Fault, NotApplicable } from "../fault.ts";
import { told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";

/** More rooms than this, or more guesses, are not tried. */
const most = 200;

export const rooms: readonly Case[] = [
  {
    name: "the first member is moderator and sees itself alone",
    section: "client-join",
    async run(trial) {
      const ann = await trial.client();
      const room = trial.room();
      const profile = { name: "Ann", status: "here", picture: "https://example.org/ann.png" };
      const { view, mark } = await ann.join(room, { profile });
      const member = { id: ann.id, profile, role: "moderator", state: "present" };
      const settings = { capacity: 0, pin: false, locked: false, roomType: "adhoc", presence: "full" };
      const wanted = { settings, members: [member], count: 1, data: [] };
      if (mark !== 0 || told(view) !== told(wanted)) throw new Fault(`got ${told({ mark, view })}`);
    },
  },
  {
    name: "later members are participants; they see everyone, and everyone hears of them",
    section: "server-joined",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room, { profile: { name: "Cid" } });
      const seen = view.members.map(({ id, role }) => `${id} ${role}`).sort();
      const wanted = [`${ann.id} moderator`, `${bob.id} participant`, `${cid.id} participant`].sort();
      if (told(seen) !== told(wanted) || view.count !== 3) throw new Fault(`got ${told(view)}`);
      const member = { id: cid.id, profile: { name: "Cid" }, role: "participant", state: "present" };
      await ann.client.expect("member", { room: ann.room, change: "joined", member });
      await bob.client.expect("member", { room: ann.room, change: "joined", member });
    },
  },
  {
    name: "nothing is heard from a member before its joined",
    section: "rooms-order-and-positions",
    async run(trial) {
      const room = trial.room();
      const ann = await trial.seat(room, "ann");
      const bob = await trial.client("bob");
      // Together, so that a server that answers at storage has every chance to mix them up.
      bob.send({ type: "join", n: bob.count(), room });
      bob.send({ type: "broadcast", n: 1, room, body: "hello all" });
      bob.send({ type: "signal", n: 2, room, to: ann.id, body: { kind: "ring", call: "c1" } });
      await ann.client.expect("member", { change: "joined", member: { id: bob.id } });
      await ann.client.expect("broadcast", { from: bob.id, body: "hello all" });
      await ann.client.expect("signal", { from: bob.id });
      await bob.expect("joined", { room });
      const answers = await bob.until({ type: "ack", n: 2 });
      if (answers.some(({ type }) => type !== "ack")) throw new Fault(`got ${told(answers)}`);
    },
  },
  {
    name: "after the ack of a leave nothing more comes from the room, and the next join begins a new stay",
    section: "client-leave",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.leave();
      await ann.client.expect("member", { change: "left", id: bob.id, why: "left" });
      await ann.broadcast("gone?");
      await ann.done({ type: "profile", profile: { name: "Ann too" } }, { type: "member", change: "updated" });
      await bob.client.quiet();
      await bob.refused({ type: "broadcast", body: "still here?" }, "not_a_member");
      const { mark } = await joinAgain(bob);
      await ann.client.expect("member", { change: "joined", member: { id: bob.id } });
      const back = new Seat(bob.client, bob.room, mark);
      await barrier(back, ann);
      await barrier(ann, back);
    },
  },
  {
    name: "two rooms of one session do not mix",
    section: "rooms-order-and-positions",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const other = trial.room();
      await ann.client.join(other);
      const elsewhere = new Seat(ann.client, other);
      await elsewhere.broadcast("for nobody");
      await elsewhere.done({ type: "data", key: "k", value: 1 }, { type: "data", key: "k" });
      await barrier(ann, bob);
    },
  },
  {
    name: "a join that is repeated is answered again with the mark, and nobody hears of it",
    section: "server-joined",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.broadcast("one");
      await ann.hears(bob, "one");
      const { mark, view } = await joinAgain(bob);
      if (mark !== bob.n || view.count !== 2) throw new Fault(`got mark ${mark} and ${told(view)}`);
      await barrier(bob, ann);
    },
  },
  {
    name: "a room that is being joined already: already, or both are answered",
    section: "refusals",
    async run(trial) {
      const ann = await trial.client();
      const room = trial.room();
      const [first, second] = [ann.count(), ann.count()];
      ann.burst([first, second].map((n) => ({ type: "join", n, room })));
      const answers = [await ann.next("an answer to a join"), await ann.next("an answer to its double")];
      const n = (type: string) => answers.find((each) => each.type === type && "n" in each);
      const joined = answers.filter(({ type }) => type === "joined").length;
      const refused = n("refused");
      const good = joined === 2 || (joined === 1 && refused?.type === "refused" && refused.reason === "already");
      if (!good) throw new Fault(`got ${told(answers)}`);
    },
  },
  {
    name: "commands in a room that was never joined: not_a_member",
    section: "refusals",
    async run(trial) {
      const ann = await trial.client();
      const seat = new Seat(ann, trial.room());
      await seat.refused({ type: "broadcast", body: 1 }, "not_a_member");
      await seat.refused({ type: "leave" }, "not_a_member");
      await seat.refused({ type: "data", key: "k", value: 1 }, "not_a_member");
      await seat.refused({ type: "moderate", member: ann.id, action: "remove" }, "not_a_member");
    },
  },
  {
    name: "every seat taken: full, until someone leaves",
    section: "refusals",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.settle({ capacity: 2 });
      await bob.client.expect("room", { settings: { capacity: 2 } });
      const cid = await trial.client("cid");
      await cid.joinRefused(ann.room, "full");
      await bob.leave();
      await ann.client.expect("member", { change: "left", id: bob.id });
      await cid.join(ann.room);
      await ann.client.expect("member", { change: "joined", member: { id: cid.id } });
    },
  },
  {
    name: "a capacity below the present size throws nobody out",
    section: "shape-capacity",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.settle({ capacity: 1 });
      await bob.client.expect("room", { settings: { capacity: 1 } });
      await barrier(bob, ann);
    },
  },
  {
    name: "a locked room: locked, until it is unlocked; those inside stay",
    section: "refusals",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.settle({ locked: true });
      await bob.client.expect("room", { settings: { locked: true } });
      const cid = await trial.client("cid");
      await cid.joinRefused(ann.room, "locked");
      await barrier(bob, ann);
      await ann.settle({ locked: false });
      await bob.client.expect("room", { settings: { locked: false } });
      await cid.join(ann.room);
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
  {
    name: "a PIN: pin_required, pin_wrong, and in with the right one; nobody is told it",
    section: "refusals",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.done({ type: "room", set: { pin: "2718-ö" } }, { type: "room", settings: { pin: true } });
      await bob.client.expect("room", { settings: { pin: true } });
      const cid = await trial.client("cid");
      await cid.joinRefused(ann.room, "pin_required");
      await cid.joinRefused(ann.room, "pin_wrong", { pin: "2718" });
      const { view } = await cid.join(ann.room, { pin: "2718-ö" });
      if (told(view).includes("2718")) throw new Fault("the view tells the PIN");
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
      await ann.settle({ pin: null });
      for (const { client } of [bob, { client: cid }]) await client.expect("room", { settings: { pin: false } });
      const dan = await trial.client("dan");
      await dan.join(ann.room);
      for (const client of [ann.client, bob.client, cid]) await client.expect("member", { change: "joined" });
    },
  },
  {
    name: "guessing PINs: too_many_guesses with retryIn, and then not even the right one",
    section: "refusals",
    hostile: true,
    async run(trial) {
      const ann = await trial.seat(trial.room(), "ann");
      await ann.settle({ pin: "314159" });
      const eve = await trial.client("eve");
      for (let guess = 0; guess < most; guess += 1) {
        const n = eve.count();
        eve.send({ type: "join", n, room: ann.room, pin: `${guess}` });
        const answer = await eve.expect("refused", { n, room: ann.room });
        if (answer.reason === "pin_wrong") continue;
        if (answer.reason !== "too_many_guesses" || answer.retryIn === undefined) throw new Fault(told(answer));
        await eve.joinRefused(ann.room, "too_many_guesses", { pin: "314159" });
        return ann.broadcast("undisturbed");
      }
      throw new Fault(`${most} wrong PINs were tried without too_many_guesses`);
    },
  },
  {
    name: "more rooms than roomsPerSession: too_many_rooms, until one is left",
    section: "limits",
    unless: ({ roomsPerSession }) =>
      roomsPerSession <= most ? undefined : `limits.roomsPerSession is ${roomsPerSession}: at most ${most} are tried`,
    async run(trial) {
      const ann = await trial.client();
      const { roomsPerSession } = ann.welcome.limits;
      const first = new Seat(ann, trial.room());
      await ann.join(first.room);
      for (let joined = 1; joined < roomsPerSession; joined += 1) await ann.join(trial.room());
      const room = trial.room();
      await ann.joinRefused(room, "too_many_rooms");
      await first.leave();
      await ann.join(room);
    },
  },
  {
    name: "the settings of an ad-hoc room end with its last member, those of a standing room stay",
    section: "shape-roomtype",
    async run(trial) {
      for (const roomType of ["adhoc", "standing"]) {
        const ann = await trial.seat(trial.room(), "ann");
        await ann.settle({ roomType, capacity: 7, pin: "1" });
        await ann.done({ type: "data", key: "topic", value: "kept?" }, { type: "data" });
        await ann.leave();
        const bob = await trial.client("bob");
        const { view } = await bob.join(ann.room, roomType === "adhoc" ? {} : { pin: "1" });
        const kept = view.settings.capacity === 7 && view.settings.pin && view.data.length === 1;
        const fresh = view.settings.capacity === 0 && !view.settings.pin && view.data.length === 0;
        if (roomType === "adhoc" ? !fresh : !kept) throw new Fault(`${roomType}: ${told(view)}`);
      }
    },
  },
  {
    name: "names of rooms: 1 to nameBytes bytes of UTF-8, told exactly",
    section: "shape-roomname",
    async run(trial) {
      const ann = await trial.client();
      const { nameBytes } = ann.welcome.limits;
      const unique = trial.room();
      const names = [
        unique,
        `${unique} with blanks / slashes . > * dots`,
        `${unique} – Zürich 会議 🏔`,
        unique.padEnd(nameBytes, "x"),
        `${unique}${"é".repeat((nameBytes - unique.length) >> 1)}`,
      ];
      for (const name of names) await ann.join(name);
      if (new Set(names).size !== ann.positions.size) throw new NotApplicable("names that are equal to begin with");
      for (const name of [unique.padEnd(nameBytes + 1, "x"), `${unique}${"é".repeat(nameBytes / 2)}`]) {
        const n = ann.count();
        ann.send({ type: "join", n, room: name });
        await ann.expect("refused", { n, reason: "too_large" });
      }
      for (const name of ["", "a\u0000b", "line\nbreak", "\u007f"]) {
        const n = ann.count();
        ann.send({ type: "join", n, room: name });
        await ann.expect("refused", { n, reason: "malformed" });
      }
    },
  },
];

/** The same room again, on the same connection. */
async function joinAgain(seat: Seat) {
  return seat.client.join(seat.room);
}
