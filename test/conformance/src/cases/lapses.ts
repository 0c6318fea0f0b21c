// What only time brings about: gaps beyond the window, and stays that end after their grace.
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier } from "../seat.ts";
import { comeBack, positionOf } from "./resuming.ts";

const longestGrace = 5_000;
const longestWindow = 4_000;
/** Milliseconds between two looks at whether something has lapsed. */
const pace = 250;

/** A server may keep messages for longer than it says; beyond this many windows the case gives up. */
const windows = 4;

function graceTooLong({ grace }: { readonly grace: number }): string | undefined {
  return grace <= longestGrace ? undefined : `limits.grace is ${grace} ms: at most ${longestGrace} are waited for`;
}

export const lapses: readonly Case[] = [
  {
    name: "a client that does not come back has left, lost, once; a resume then is expired",
    section: "resume",
    unless: graceTooLong,
    deadline: ({ grace }) => grace + 20_000,
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await ann.done({ type: "data", key: "hand", value: 1, owned: true }, { type: "data" });
      for (const { client } of [bob, cid]) await client.expect("data");
      ann.client.cut();
      for (const { client } of [bob, cid]) await client.expect("member", { change: "away", member: { id: ann.id } });
      for (const { client } of [bob, cid]) {
        await client.expect("member", { change: "left", id: ann.id, why: "lost", successor: bob.id });
      }
      await barrier(bob, cid);
      const back = await comeBack(trial, ann, 2);
      if (back.resumed.verdict !== "expired") throw new Fault(`got ${told(back.resumed)}`);
      const { view } = await back.seat.client.join(ann.room);
      if (view.data.length > 0) throw new Fault(`an owned value outlived its owner: ${told(view.data)}`);
      for (const { client } of [bob, cid]) await client.expect("member", { change: "joined", member: { id: ann.id } });
    },
  },
  {
    name: "a client that comes back within its grace has not left",
    section: "resume",
    unless: graceTooLong,
    deadline: ({ grace }) => grace + 20_000,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      bob.client.cut();
      await ann.client.expect("member", { change: "away" });
      const back = await comeBack(trial, bob, 2);
      await ann.client.expect("member", { change: "back" });
      await trial.patience.pass(back.seat.client.welcome.limits.grace + 1_500);
      await barrier(back.seat, ann);
    },
  },
  {
    name: "what is older than the server keeps is a gap, told exactly, with the room as it is",
    section: "gaps",
    unless: ({ window }) =>
      window <= longestWindow ? undefined : `limits.window is ${window} ms: at most ${longestWindow} are waited for`,
    deadline: ({ window }) => window * windows + 20_000,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const position = positionOf(ann);
      await bob.broadcast("soon forgotten");
      await ann.hears(bob, "soon forgotten");
      await bob.done({ type: "data", key: "topic", value: "remembered" }, { type: "data" });
      await ann.client.expect("data");
      let { seat } = await comeBack(trial, ann, 2, position);
      await ann.client.turnedAway(["superseded"], [4004]);
      const until = Date.now() + windows * seat.client.welcome.limits.window + 5_000;
      for (let attempt = 3; Date.now() < until; attempt += 1) {
        await trial.patience.pass(pace);
        const back = await comeBack(trial, seat, attempt, position);
        await seat.client.turnedAway(["superseded"], [4004]);
        seat = back.seat;
        if (back.resumed.verdict !== "gap") continue;
        const { gap, view, position: now } = back.resumed;
        if (gap.from !== position || gap.to !== now || gap.reason !== "too_old") throw new Fault(told(gap));
        if (view.count !== 2 || view.data[0]?.value !== "remembered") throw new Fault(`the view: ${told(view)}`);
        await barrier(seat, bob);
        return barrier(bob, seat);
      }
      throw new Fault(`no gap after ${windows} windows`);
    },
  },
];
