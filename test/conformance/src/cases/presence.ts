// Presence: everyone, a number, or nothing.
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { like, told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";

export const presence: readonly Case[] = [
  {
    name: "presence full: who comes, changes, goes away and leaves is told",
    section: "shape-presence",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.done({ type: "profile", profile: { name: "Bobby" } }, { type: "member", change: "updated" });
      await ann.client.expect("member", { change: "updated", member: { id: bob.id, profile: { name: "Bobby" } } });
      bob.client.cut();
      await ann.client.expect("member", { change: "away", member: { id: bob.id, state: "away" } });
      const position = bob.client.positions.get(bob.room) ?? "";
      const again = await trial.resuming(bob.client, 2, [{ room: bob.room, position }]);
      await again.welcomedBy({ resumed: true, session: bob.id });
      await again.until({ type: "resumed", verdict: "complete" });
      await ann.client.expect("member", { change: "back", member: { id: bob.id, state: "present" } });
      again.send({ type: "bye" });
      await again.closed(1000);
      await ann.client.expect("member", { change: "left", id: bob.id, why: "left" });
    },
  },
  {
    name: "presence count: only how many there are is told",
    section: "shape-presence",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.settle({ presence: "count" });
      await bob.client.expect("room", { settings: { presence: "count" } });
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room);
      if (view.count !== 3 || view.members.length !== 1 || view.members[0]?.id !== cid.id) {
        throw new Fault(`the view shows ${told(view)}`);
      }
      for (const client of [ann.client, bob.client, cid]) await counted(client, 3);
      await new Seat(cid, ann.room).leave();
      for (const { client } of [ann, bob]) await counted(client, 2);
      await barrier(ann, bob);
    },
  },
  {
    name: "presence none: nobody is told who is there, and messages still pass",
    section: "shape-presence",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await ann.settle({ presence: "none" });
      await bob.client.expect("room", { settings: { presence: "none" } });
      const cid = await trial.seat(ann.room, "cid");
      await barrier(cid, ann, bob);
      const dan = await trial.client("dan");
      const { view } = await dan.join(ann.room);
      if (view.members.length !== 1 || view.count > 1) throw new Fault(`the view shows ${told(view)}`);
      dan.send({ type: "bye" });
      await dan.closed(1000);
      await barrier(bob, ann, cid);
    },
  },
];

/** The count is told once it has changed; earlier counts may still be on their way. */
async function counted(client: Seat["client"], count: number): Promise<void> {
  const frames = await client.until({ type: "member", change: "count", count });
  const strange = frames.find((frame) => !like(frame, { type: "member", change: "count" }));
  if (strange !== undefined) throw new Fault(`${client.name} got ${told(strange)} where only counts are told`);
}
