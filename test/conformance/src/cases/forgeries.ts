// Positions and tokens that the server never gave, and sessions that are claimed twice.
import type { Case } from "../case.ts";
import { Fault, NotApplicable } from "../fault.ts";
import { told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";
import type { Trial } from "../trial.ts";
import { comeBack, positionOf } from "./resuming.ts";

/**
 * No position of the room: told as a gap, or refused as malformed; never `complete`, and never anybody's harm. With a
 * gap the stay goes on.
 */
async function tryPosition(trial: Trial, ann: Seat, bob: Seat, position: string, attempt: number): Promise<Seat> {
  const client = await trial.resuming(
    ann.client,
    attempt,
    [{ room: ann.room, position }],
    `who resumes at ${position}`,
  );
  const answer = await client.next("an answer to a forged position");
  if (answer.type === "refused" && (answer.reason === "malformed" || answer.reason === "too_large")) {
    client.cut();
    return ann;
  }
  if (answer.type !== "welcome") throw new Fault(`got ${told(answer)} for ${position}`);
  const resumed = await client.expect("resumed", { room: ann.room });
  if (resumed.verdict !== "gap") throw new Fault(`got ${told(resumed)} for ${position}`);
  if (resumed.view.count !== 2) throw new Fault(`got ${told(resumed)} for ${position}`);
  await bob.client.expect("member", { change: "back" });
  client.cut();
  await bob.client.expect("member", { change: "away" });
  const back = await comeBack(trial, ann, attempt + 1, resumed.position);
  if (back.resumed.verdict !== "complete") throw new Fault(`${told(back.resumed)} after the gap`);
  await bob.client.expect("member", { change: "back" });
  await barrier(back.seat, bob);
  back.seat.client.cut();
  await bob.client.expect("member", { change: "away" });
  return back.seat;
}

export const forgeries: readonly Case[] = [
  {
    name: "positions that cannot be: a gap or malformed, never complete",
    section: "gaps",
    hostile: true,
    deadline: () => 30_000,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const given = positionOf(ann);
      ann.client.cut();
      await bob.client.expect("member", { change: "away" });
      const forged = [
        "0",
        "-1",
        "0.0.0",
        "-1.0.1",
        "1.-1.1",
        "nonsense",
        "NaN.NaN.NaN",
        "zzzzzzzzzzz.zzzzzzz.zzzzzzzzzzz",
        `${given}0`,
        `${given} `,
        "☃",
        "x".repeat(64),
      ];
      let attempt = 2;
      for (const position of forged) {
        await tryPosition(trial, ann, bob, position, attempt);
        attempt += 2;
      }
    },
  },
  {
    name: "a position of the future, and one of another log: a gap or malformed, never complete",
    section: "gaps",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const given = positionOf(ann);
      ann.client.cut();
      await bob.client.expect("member", { change: "away" });
      const parts = given.split(".");
      if (parts.length !== 3) throw new NotApplicable("positions of this server have a shape of their own");
      const [seq = "", index = "", time = ""] = parts;
      const later = (Number.parseInt(seq, 36) + 1_000_000).toString(36);
      const otherTime = (Number.parseInt(time, 36) - 1_000_000).toString(36);
      const forged = [`${later}.${index}.${time}`, `${seq}.${index}.${otherTime}`, `${seq}.zz.${time}`];
      let attempt = 2;
      for (const position of forged) {
        await tryPosition(trial, ann, bob, position, attempt);
        attempt += 2;
      }
    },
  },
  {
    name: "a stolen session id, a forged token, a tampered one: unauthorized, 4401",
    section: "client-resume",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const eve = await trial.client("eve");
      const { token } = eve.welcome;
      const middle = token.length >> 1;
      const tokens = [
        ann.id,
        `session:${ann.id}`,
        "h1.k.default.x.y.z",
        token.replace(eve.id, ann.id) === token ? `${token}${ann.id}` : token.replace(eve.id, ann.id),
        `${token}0`,
        token.slice(0, -1),
        `${token.slice(0, middle)}${token[middle] === "a" ? "b" : "a"}${token.slice(middle + 1)}`,
        "a".repeat(4_096),
      ];
      for (const stolen of tokens) {
        const thief = await trial.connect("the thief");
        thief.send({
          type: "resume",
          attempt: 1_000_000,
          token: stolen,
          rooms: [{ room: ann.room, position: positionOf(ann) }],
        });
        await thief.expect("refused", { reason: "unauthorized" });
        await thief.closed(4401);
      }
      await barrier(ann, bob);
      await barrier(bob, ann);
    },
  },
  {
    name: "someone else's room in a resume of one's own: expired, and nothing of the room",
    section: "resume",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.broadcast("private");
      await bob.hears(ann, "private");
      const eve = await trial.client("eve");
      const position = positionOf(ann);
      eve.cut();
      const thief = await trial.resuming(eve, 2, [{ room: ann.room, position }], "the thief");
      await thief.welcomedBy({ resumed: true, session: eve.id });
      await thief.expect("resumed", { room: ann.room, verdict: "expired" });
      await barrier(ann, bob);
    },
  },
  {
    name: "a connection that was overtaken: 4004, and the newer one speaks",
    section: "resume",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const back = await comeBack(trial, ann, 2);
      await ann.client.turnedAway(["superseded"], [4004]);
      await barrier(back.seat, bob);
      await barrier(bob, back.seat);
    },
  },
  {
    name: "a lower attempt than one that was seen: superseded, 4004",
    section: "resume",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const rooms = [{ room: ann.room, position: positionOf(ann) }];
      const back = await comeBack(trial, ann, 7);
      await ann.client.turnedAway(["superseded"], [4004]);
      for (const attempt of [6, 1]) {
        const late = await trial.resuming(ann.client, attempt, rooms);
        await late.over(4004);
      }
      await barrier(back.seat, bob);
      await barrier(bob, back.seat);
    },
  },
  {
    name: "two connections with the same attempt: one of them speaks, the other is closed with 4004",
    section: "resume",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const rooms = [{ room: ann.room, position: positionOf(ann) }];
      const { seat } = await comeBack(trial, ann, 2);
      await ann.client.turnedAway(["superseded"], [4004]);
      const double = await trial.resuming(ann.client, 2, rooms);
      const loser = await trial.patience.wait(
        "one of the two to be closed",
        Promise.race([seat.client.gone, double.gone]),
      );
      await loser.over(4004);
      const winner = loser === double ? seat.client : double;
      const n = winner.count();
      winner.send({ type: "ping", n });
      await winner.until({ type: "pong", n });
      const one = new Seat(winner, ann.room);
      await barrier(one, bob);
      await barrier(bob, one);
    },
  },
  {
    name: "two connections race for one token: the higher attempt speaks, the other is taken over",
    section: "resume",
    hostile: true,
    async run(trial) {
      for (const [first, second] of [
        [2, 3],
        [3, 2],
      ] as const) {
        const [ann, bob] = await trial.pair();
        const rooms = [{ room: ann.room, position: positionOf(ann) }];
        const one = await trial.connect("the one");
        const two = await trial.connect("the other");
        one.send({ type: "resume", attempt: first, token: ann.client.welcome.token, rooms });
        two.send({ type: "resume", attempt: second, token: ann.client.welcome.token, rooms });
        const [winner, loser] = first > second ? [one, two] : [two, one];
        await winner.welcomedBy({ resumed: true });
        const { mark } = await winner.expect("resumed", { verdict: "complete" });
        await ann.client.turnedAway(["superseded"], [4004]);
        await loser.over(4004);
        await barrier(new Seat(winner, ann.room, mark), bob);
      }
    },
  },
];
