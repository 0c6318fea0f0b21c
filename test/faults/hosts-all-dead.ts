// Every host of a room dies, and none of its clients comes back: a keeper ends their stays, once each, and in time.
import { Room } from "@heliograph/core";
import { expect } from "vitest";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { copyStands, edgesOf, keyOf } from "./room.ts";
import { within } from "./within.ts";

const grace = 6_000;
const silence = 8_000;

export function hostsAllDead(row: Row): void {
  fault(
    "all hosts die and no client comes back",
    { settings: { LIMITS_GRACE: `${grace}ms` }, ...row },
    async (house, measured) => {
      const [east, west, witness] = await edgesOf(house, 3);
      // Any number of them, all doing the same, is harmless.
      const keepers = [await house.keeper(), await house.keeper()];
      const guests = [
        await Guest.joined(east, "tea"),
        await Guest.joined(west, "tea"),
        await Guest.joined(east, "tea"),
      ];
      await within(10_000, "its copy is written", () => copyStands(house, "tea"));
      const { directory, log, nodes: others } = witness.footing.ports;
      const heard = new Set<string>();
      const deaf = others.onBeat(({ node }) => heard.add(node));
      await within(10_000, "both stand in the directory", async () => {
        const nodes = await directory.nodes();
        return [east, west].every(({ id }) => nodes.includes(id));
      });
      const dead = [east.id, west.id];
      // As in a deployment that has been there for a while: of whoever was never heard, silence would count from later on.
      await within(10_000, "both have been heard", () => dead.every((id) => heard.has(id)));
      deaf();
      await Promise.all([house.kill(east), house.kill(west)]);
      const began = performance.now();

      // What became of the room is read from its log alone: nobody else joins, and the witness does not host it.
      const effects = async () => {
        const rules = { version: 1, logLife: house.settings.logLife };
        const room = Room.fresh(keyOf("tea"), rules);
        const tail = await log.tail(keyOf("tea"));
        const read = tail === undefined ? undefined : await log.read(keyOf("tea"), undefined, tail);
        const seen: string[] = [];
        for (const { seq, time, entries } of read?.bundles ?? []) {
          entries.forEach((entry, index) => {
            const effect = room.apply(entry, { seq, index, time });
            if (effect.type === "away" || effect.type === "left") seen.push(`${effect.type} ${effect.member.id}`);
          });
        }
        return { seen, size: room.size };
      };
      const all = (what: string) => guests.map(({ id }) => `${what} ${id}`);
      await within(silence, "everybody is away", async () => {
        const { seen } = await effects();
        return all("away").every((line) => seen.includes(line));
      });
      measured("away after", performance.now() - began);
      await within(silence + grace + 5_000 - (performance.now() - began), "everybody has left", async () => {
        return (await effects()).size === 0;
      });
      measured(`left after a grace of ${grace / 1_000} s:`, performance.now() - began);
      await within(20_000, "the dead are forgotten", async () => {
        const nodes = await directory.nodes();
        return dead.every((id) => !nodes.includes(id));
      });
      measured("forgotten after", performance.now() - began);
      await within(20_000, "the keepers keep nothing", () => {
        for (const keeper of keepers) expect(keeper.size).toStrictEqual({ nodes: 0, wards: 0, rooms: 0, kept: 0 });
        return true;
      });
      expect((await effects()).seen.toSorted()).toStrictEqual([...all("away"), ...all("left")].toSorted());
      for (const guest of guests) guest.client.socket.terminate();
    },
  );
}
