// Who may do what, and what moderators do: roles, remove, ban, mute, succession.
import type { Case } from "../case.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";

export const roles: readonly Case[] = [
  {
    name: "participants may not settle or moderate: forbidden",
    section: "shape-role",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.refused({ type: "room", set: { locked: true } }, "forbidden");
      for (const action of ["remove", "ban", "unban"]) {
        await bob.refused({ type: "moderate", member: ann.id, action }, "forbidden");
      }
      await bob.refused({ type: "moderate", member: ann.id, action: "mute", media: "all" }, "forbidden");
      await bob.refused({ type: "moderate", member: bob.id, action: "role", role: "moderator" }, "forbidden");
      await barrier(bob, ann);
    },
  },
  {
    name: "a viewer may signal and change its profile; broadcast and data are forbidden",
    section: "shape-role",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await setRole(ann, bob, "viewer");
      await bob.refused({ type: "broadcast", body: 1 }, "forbidden");
      await bob.refused({ type: "data", key: "k", value: 1 }, "forbidden");
      await bob.done({ type: "signal", to: ann.id, body: { kind: "ring", call: "c" } });
      await ann.client.expect("signal", { from: bob.id });
      await bob.done({ type: "profile", profile: { name: "B" } }, { type: "member", change: "updated" });
      await ann.client.expect("member", { change: "updated", member: { id: bob.id, role: "viewer" } });
      await setRole(ann, bob, "participant");
      await barrier(bob, ann);
    },
  },
  {
    name: "a member that was made moderator may do what moderators do",
    section: "client-moderate",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await setRole(ann, bob, "moderator");
      await bob.settle({ locked: true });
      await ann.client.expect("room", { by: bob.id, settings: { locked: true } });
      await setRole(bob, ann, "participant");
      await ann.refused({ type: "room", set: { locked: false } }, "forbidden");
    },
  },
  {
    name: "a muted member is told, and so is everyone",
    section: "client-moderate",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      for (const media of ["audio", "video", "all"]) {
        const echo = { type: "moderated", action: "mute", member: bob.id, media, by: ann.id };
        await ann.done({ type: "moderate", member: bob.id, action: "mute", media }, echo);
        for (const { client } of [bob, cid]) await client.expect("moderated", { room: ann.room, ...echo });
      }
    },
  },
  {
    name: "a removed member hears of it, then nothing more; it may come again",
    section: "server-moderated",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await act(ann, "remove", bob, [cid]);
      await barrier(ann, cid);
      await bob.client.quiet();
      await bob.refused({ type: "broadcast", body: "still here?" }, "not_a_member");
      const { mark, view } = await bob.client.join(bob.room);
      if (view.count !== 3) throw new Fault(`got ${told(view)}`);
      for (const { client } of [ann, cid]) {
        await client.expect("member", { change: "joined", member: { id: bob.id, role: "participant" } });
      }
      await barrier(new Seat(bob.client, bob.room, mark), ann, cid);
    },
  },
  {
    name: "a banned member is out and stays out: banned, until it is unbanned",
    section: "client-moderate",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await act(ann, "ban", bob, [cid]);
      await bob.client.quiet();
      await bob.client.joinRefused(bob.room, "banned");
      const echo = { type: "moderated", action: "unban", member: bob.id, by: ann.id };
      await ann.done({ type: "moderate", member: bob.id, action: "unban" }, echo);
      await cid.client.expect("moderated", echo);
      await bob.client.join(bob.room);
      for (const { client } of [ann, cid]) await client.expect("member", { change: "joined", member: { id: bob.id } });
    },
  },
  {
    name: "to moderate somebody who is not there: unknown_peer",
    section: "refusals",
    async run(trial) {
      const ann = await trial.seat(trial.room(), "ann");
      await ann.refused({ type: "moderate", member: "nobody", action: "remove" }, "unknown_peer");
      await ann.refused({ type: "moderate", member: "nobody", action: "mute", media: "audio" }, "unknown_peer");
      await ann.refused({ type: "moderate", member: "nobody", action: "role", role: "viewer" }, "unknown_peer");
    },
  },
  {
    name: "when the last moderator leaves, the member that has been there longest succeeds",
    section: "server-member",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await ann.leave();
      for (const { client } of [bob, cid]) {
        await client.expect("member", { change: "left", id: ann.id, why: "left", successor: bob.id });
      }
      await bob.settle({ locked: true });
      await cid.client.expect("room", { by: bob.id });
      await cid.refused({ type: "room", set: { locked: false } }, "forbidden");
    },
  },
  {
    name: "when one of two moderators leaves, nobody succeeds",
    section: "server-member",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await setRole(ann, cid, "moderator", [bob]);
      await ann.leave();
      for (const { client } of [bob, cid]) {
        await client.expect("member", { change: "left", id: ann.id, successor: undefined });
      }
      await cid.settle({ locked: true });
      await bob.client.expect("room", { by: cid.id });
      await bob.refused({ type: "room", set: { locked: false } }, "forbidden");
    },
  },
  {
    name: "everyone hears a change of settings, its author too, and a later member sees it",
    section: "client-room",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const settings = { capacity: 5, pin: false, locked: false, roomType: "standing", presence: "full" };
      const echo = { type: "room", by: ann.id, settings };
      await ann.done({ type: "room", set: { capacity: 5, roomType: "standing" } }, echo);
      await bob.client.expect("room", { room: ann.room, ...echo });
      const cid = await trial.client("cid");
      const { view } = await cid.join(ann.room);
      if (told(view.settings) !== told(settings)) throw new Fault(`got ${told(view.settings)}`);
      for (const { client } of [ann, bob]) await client.expect("member", { change: "joined" });
    },
  },
];

async function setRole(by: Seat, member: Seat, role: string, others: readonly Seat[] = []): Promise<void> {
  const echo = { type: "moderated", action: "role", member: member.id, role, by: by.id };
  await by.done({ type: "moderate", member: member.id, action: "role", role }, echo);
  for (const { client } of [member, ...others]) await client.expect("moderated", { room: by.room, ...echo });
}

/** Everyone is told; the member, for the last time. */
async function act(by: Seat, action: "remove" | "ban", member: Seat, others: readonly Seat[]): Promise<void> {
  const echo = { type: "moderated", action, member: member.id, by: by.id };
  await by.done({ type: "moderate", member: member.id, action }, echo);
  for (const { client } of [member, ...others]) await client.expect("moderated", { room: by.room, ...echo });
  member.client.left(member.room);
}
