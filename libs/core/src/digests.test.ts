import { roomKey } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { type Edge, House, lobby, realm } from "../test-kit/story.ts";
import type { Entry } from "./room/entry.ts";

const key = roomKey(realm, lobby);

function digestOf(edge: Edge): Promise<string | undefined> {
  return edge.ports.copies.load(key).then((copy) => (copy === undefined ? undefined : JSON.stringify(copy.settings)));
}

/** A mistake: the room's lock is missed. */
function deaf(entry: Entry): Entry {
  return entry.kind === "settings" ? { ...entry, change: {} } : entry;
}

// Hosts of a busy room hardly ever stand at the same sequence when one of them reports.
test.each([0, 1, 2, 3])(
  "a difference between hosts of a busy room is found and mended within 10 s, at phase %d",
  async (phase) => {
    const house = new House();
    const [east, west] = [house.edge("east"), house.edge("west")];
    const alarms: string[] = [];
    for (const edge of [east, west]) edge.observe = ({ type }) => void (type === "digest_alarm" && alarms.push(type));
    const ann = east.hello().join();
    await house.clock.settle();
    const bob = west.hello().join();
    west.ports.link.misbehave({ delay: [1, 30] });
    west.misread = (bundle) => ({ ...bundle, entries: bundle.entries.map(deaf) });
    let n = 0;
    const talk = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 20) {
        n += 1;
        ann.say(n);
        await house.clock.advance(20);
      }
    };
    await talk(6_000 + 1_300 * phase);
    n += 1;
    ann.lock(n);
    expect(alarms).toStrictEqual([]);
    await talk(10_000);
    expect(alarms.length).toBeGreaterThan(0);
    expect(bob.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["in_doubt"]);
    expect(ann.of("gap").map(({ gap }) => gap.reason)).toStrictEqual(["in_doubt"]);
    const found = alarms.length;
    await talk(20_000);
    // One state for all: nobody finds another difference, in samples from before it neither.
    expect(alarms.length).toBe(found);
    expect(await digestOf(east)).toBe(await digestOf(west));
  },
);
