// Shared data: versions, conditions, owners, removal.
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier, type Seat } from "../seat.ts";

export const sharedValues: readonly Case[] = [
  {
    name: "a shared value reaches everyone, its version rises, and a later member sees the last one",
    section: "client-data",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const first = await set(ann, [bob], "agenda", ["demo"]);
      const second = await set(bob, [ann], "agenda", ["demo", "questions"]);
      if (first < 1 || second <= first) throw new Fault(`versions ${first}, ${second}`);
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room);
      const wanted = [{ key: "agenda", version: second, value: ["demo", "questions"] }];
      if (told(view.data) !== told(wanted)) throw new Fault(`got ${told(view.data)}`);
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
  {
    name: "ifVersion: applied while it fits, conflict otherwise; 0 only while there is no such key",
    section: "client-data",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const first = await set(ann, [bob], "turn", "ann", { ifVersion: 0 });
      await bob.refused({ type: "data", key: "turn", value: "bob", ifVersion: 0 }, "conflict");
      const second = await set(bob, [ann], "turn", "bob", { ifVersion: first });
      await ann.refused({ type: "data", key: "turn", value: "ann", ifVersion: first }, "conflict");
      await ann.refused({ type: "data", key: "turn", ifVersion: first }, "conflict");
      await ann.refused({ type: "data", key: "none", value: 1, ifVersion: second }, "conflict");
      await barrier(ann, bob);
    },
  },
  {
    name: "a data command without a value removes the key",
    section: "client-data",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const version = await set(ann, [bob], "topic", null);
      const echo = { type: "data", key: "topic", by: bob.id, value: undefined };
      await bob.done({ type: "data", key: "topic", ifVersion: version }, echo);
      await ann.client.expect("data", echo);
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room);
      if (view.data.length > 0) throw new Fault(`got ${told(view.data)}`);
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
  {
    name: "an owned value names its owner and goes with it; the others stay",
    section: "shape-sharedvalue",
    async run(trial) {
      for (const way of ["leave", "bye", "remove"] as const) {
        const [ann, bob] = await trial.pair();
        await set(bob, [ann], "hand", "raised", { owned: true });
        await set(bob, [ann], "note", "for all");
        if (way === "leave") await bob.leave();
        else if (way === "bye") bob.client.send({ type: "bye" });
        else {
          const echo = { type: "moderated", action: "remove", member: bob.id };
          await ann.done({ type: "moderate", member: bob.id, action: "remove" }, echo);
          await bob.client.expect("moderated", echo);
        }
        if (way !== "remove") await ann.client.expect("member", { change: "left", id: bob.id });
        if (way === "bye") await bob.client.closed(1000);
        const cid = await trial.client("cid");
        const { view } = await cid.join(ann.room);
        const keys = view.data.map(({ key }) => key);
        if (told(keys) !== told(["note"])) throw new Fault(`after ${way}: ${told(view.data)}`);
        await ann.client.expect("member", { change: "joined" });
      }
    },
  },
];

/** Everyone hears it, the author too; returns the version. */
async function set(
  by: Seat,
  others: readonly Seat[],
  key: string,
  value: string | null | readonly string[],
  more: { readonly ifVersion?: number; readonly owned?: boolean } = {},
): Promise<number> {
  const owner = more.owned === true ? by.id : undefined;
  const echo = { type: "data", key, value, by: by.id, owner };
  await by.done({ type: "data", key, value, ...more }, echo);
  let version = 0;
  for (const { client } of others) ({ version } = await client.expect("data", { room: by.room, ...echo }));
  return version;
}
