// Counters and answers: acks that add up, the same n again, n out of order, and n too old to be known.
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier } from "../seat.ts";

/** So many counters below the highest are told apart; what lies below them may be unknown. */
const remembered = 64;

export const counters: readonly Case[] = [
  {
    name: "acks are cumulative: many commands at once are all answered, and heard in order",
    section: "server-ack",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const many = Math.min(50, ann.client.welcome.limits.outstanding);
      const said = Array.from({ length: many }, (_, at) => `line ${at}`);
      for (const body of said) ann.send({ type: "broadcast", body });
      for (const body of said) await bob.hears(ann, body);
      const acks = await ann.client.until({ type: "ack", n: many });
      const last = acks.map((ack) => (ack.type === "ack" ? ack.n : Number.NaN));
      if (last.some((n, at) => Number.isNaN(n) || n <= (last[at - 1] ?? 0))) throw new Fault(`acks: ${told(acks)}`);
    },
  },
  {
    name: "the same n again is answered again and not heard again",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.broadcast("once");
      await bob.hears(ann, "once");
      await ann.broadcast("twice");
      await bob.hears(ann, "twice");
      for (const n of [1, 2]) {
        ann.client.send({ type: "broadcast", n, room: ann.room, body: "again" });
        const ack = await ann.client.expect("ack", { room: ann.room });
        if (ack.n < n) throw new Fault(`got ${told(ack)} for ${n}`);
      }
      await barrier(ann, bob);
    },
  },
  {
    name: "the same n twice before any answer is applied once",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      for (const body of ["first", "double"]) ann.client.send({ type: "broadcast", n: 1, room: ann.room, body });
      await bob.hears(ann, "first");
      ann.send({ type: "broadcast", body: "never: n is used up" });
      const n = ann.send({ type: "broadcast", body: "after" });
      await bob.hears(ann, "after");
      await ann.client.until({ type: "ack", n });
    },
  },
  {
    name: "an old n right behind a new one does not swallow the new one's ack",
    section: "server-ack",
    async run(trial) {
      const ann = await trial.seat(trial.room(), "ann");
      for (let newest = 2; newest <= 20; newest += 2) {
        for (const n of [newest - 1, newest, newest - 1]) {
          ann.client.send({ type: "broadcast", n, room: ann.room, body: n });
        }
        await ann.client.until({ type: "ack", n: newest });
        // The answer to the old n may have come by itself, before or behind.
        const n = ann.client.count();
        ann.client.send({ type: "ping", n });
        await ann.client.until({ type: "pong", n });
      }
    },
  },
  {
    name: "an n that was skipped: retry, and under a new n it is applied",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const say = (n: number) => ann.client.send({ type: "broadcast", n, room: ann.room, body: `n ${n}` });
      say(3);
      await ann.client.expect("ack", { n: 3 });
      await bob.hears(ann, "n 3");
      for (const n of [1, 2]) {
        say(n);
        await ann.client.expect("refused", { n, room: ann.room, reason: "retry", retry: true });
      }
      say(4);
      await ann.client.expect("ack", { n: 4 });
      await bob.hears(ann, "n 4");
    },
  },
  {
    name: "an n too far below the highest: unknown, or its true fate",
    section: "refusals",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const say = (n: number) => ann.client.send({ type: "broadcast", n, room: ann.room, body: `n ${n}` });
      for (const n of [1, remembered + 10]) {
        say(n);
        await ann.client.expect("ack", { n });
        await bob.hears(ann, `n ${n}`);
      }
      // n 1 was applied: a server that still knows may say so. n 2 was not: unknown, or retry where it is known.
      say(2);
      const skipped = await ann.client.expect("refused", { n: 2, room: ann.room });
      if (skipped.reason !== "unknown" && skipped.reason !== "retry") throw new Fault(`got ${told(skipped)}`);
      say(1);
      const applied = await ann.client.next("the fate of n 1");
      const known = applied.type === "ack" || (applied.type === "refused" && applied.reason === "unknown");
      if (!known) throw new Fault(`got ${told(applied)}`);
      say(remembered + 11);
      await ann.client.expect("ack", { n: remembered + 11 });
      await bob.hears(ann, `n ${remembered + 11}`);
    },
  },
  {
    name: "an n beyond the 64 below the highest: unknown",
    section: "refusals",
    async run(trial) {
      const ann = await trial.seat(trial.room(), "ann");
      for (const n of [1, 1_000_000]) {
        ann.client.send({ type: "broadcast", n, room: ann.room, body: n });
        await ann.client.expect("ack", { n });
      }
      ann.client.send({ type: "broadcast", n: 5, room: ann.room, body: 5 });
      await ann.client.expect("refused", { n: 5, room: ann.room, reason: "unknown" });
    },
  },
  {
    name: "a refused command has used its n up, and the next one goes on",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.broadcast("one");
      await ann.hears(bob, "one");
      await bob.refused({ type: "room", set: { locked: true } }, "forbidden");
      await bob.refused({ type: "signal", to: "nobody", body: { kind: "ring", call: "c" } }, "unknown_peer");
      await bob.broadcast("four");
      await ann.hears(bob, "four");
    },
  },
  {
    name: "counters of two rooms, and those of the connection, are apart",
    section: "counters-answers-retries",
    async run(trial) {
      const ann = await trial.seat(trial.room(), "ann");
      const room = trial.room();
      await ann.client.join(room);
      for (const where of [room, ann.room]) {
        ann.client.send({ type: "broadcast", n: 1, room: where, body: "first" });
        await ann.client.expect("ack", { room: where, n: 1 });
      }
    },
  },
];
