// The whole message plane is gone for minutes: no socket is closed, commands wait, and afterwards nothing is missing.
import { expect } from "vitest";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { Guest } from "./guest.ts";
import { besides, outage } from "./outage.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

export function natsGone(row: Row): void {
  fault("NATS gone", { timeout: outage + besides, ...row }, async (house, measured) => {
    const [east, west] = await edgesOf(house, 2);
    const both = [east, west];
    const talkers = [
      await house.member([east, west], "tea"),
      await house.member([west, east], "tea", { speaks: "msgpack" }),
      await house.member([west, east], "tea"),
    ];
    const degraded: unknown[] = [];
    talkers[0]?.client.on("degraded", ({ missing }) => degraded.push(missing));
    const guest = await Guest.joined(east, "tea");
    const away = () => talkers.flatMap(({ members }) => members.filter(({ change }) => change === "away"));
    const talk = new Talk(talkers);
    await talk.goesOn(10_000);

    await house.ground.log.cut();
    const began = performance.now();
    measured("clients are told after", await within(10_000, "clients are told", () => degraded.length > 0));
    expect(degraded).toStrictEqual([["log"]]);
    // Each node notices the cut of its own link.
    await within(10_000, "both nodes know it", () => both.every(({ edge }) => edge.health.missing().includes("log")));
    const asked = guest.say({ type: "broadcast", n: 1, room: "tea", body: "in the dark" });
    expect(await asked).toMatchObject({ type: "refused", reason: "unavailable", retry: true, n: 1 });
    measured("a command is refused after", performance.now() - began);
    // Whoever comes now is told as well, and a resume is refused before it has begun.
    const late = await Guest.at(west);
    const refused = await late.resume(guest.token, 2, [{ room: "tea", position: guest.position("tea") }]);
    expect(refused).toMatchObject([{ type: "refused", reason: "unavailable", retry: true }]);
    late.leaves();
    await within(outage + 5_000, "the outage is over", () => performance.now() - began > outage);
    expect(away()).toStrictEqual([]);
    expect(talkers.map(({ states }) => states)).toStrictEqual([[], [], []]);
    expect(guest.client.socket.readyState).toBe(guest.client.socket.OPEN);
    expect(house.seen("session_closed").filter(({ close }) => close !== "normal")).toStrictEqual([]);

    await house.ground.log.mend();
    const healed = performance.now();
    await talk.goesOn(5_000, 1);
    measured("everybody is answered after", performance.now() - healed);
    // Unknown was the outcome of the guest's command: the same number again makes it once.
    expect(await guest.say({ type: "broadcast", n: 1, room: "tea", body: "in the dark" })).toMatchObject({
      type: "ack",
    });
    await talk.goesOn(10_000);
    guest.leaves();
    await talk.hush();
    for (const { lines } of talkers) {
      const heard = lines.filter((line) => line === "in the dark");
      expect(heard).toHaveLength(1);
      lines.splice(lines.indexOf("in the dark"), 1);
    }
    await talk.judge();
    expect(away().filter(({ change }) => change === "away")).toStrictEqual([]);
    expect(talkers.flatMap(({ gaps }) => gaps)).toStrictEqual([]);
  });
}
