// What follows of a Log promise: everything once, in one order, whatever becomes of the link.
import type { Position } from "@heliograph/protocol";
import { describe, expect } from "vitest";
import type { LinkState } from "../src/ports/log.ts";
import { freshRoom, said, wordOf } from "./fixtures.ts";
import { follow, Hearer, heardOf, once, placesOf, range, wordsOf } from "./hearer.ts";
import type { LogUnderTest } from "./log-stage.ts";
import { persist, say } from "./log-stage.ts";
import type { Case } from "./stage.ts";
import { need, settled } from "./stage.ts";

export function followCases(on: Case<LogUnderTest>): void {
  describe("follow", () => {
    on("every node hears every bundle once, in the one order of the log", async (stage) => {
      const room = freshRoom();
      const hearers = await Promise.all(stage.logs.map((log) => follow(stage, log, room)));
      const speaking = stage.logs.map(async (log, i) => {
        let last = 0;
        for (let n = 1; n <= 30; n += 1) last = (await log.append(room, [said(n, i)])).seq;
        return last;
      });
      const last = Math.max(...(await settled(stage, Promise.all(speaking))));
      for (const { has } of hearers) await has(last);
      const truth = await persist(stage, () => stage.logs[0].read(room, undefined, last));
      for (const { hearer } of hearers) {
        expect(placesOf(hearer.heard.filter(({ seq }) => seq <= last))).toEqual(placesOf(truth.bundles));
        expect(hearer.why).toBeUndefined();
      }
      const words = once(wordsOf(truth.bundles));
      for (let i = 0; i < 3; i += 1) {
        const own = range(1, 30, i);
        expect(words.filter((word) => own.includes(word))).toEqual(own);
      }
      const times = truth.bundles.map(({ time }) => time);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    on("a follow that begins later hears what stands after its position, and nothing before", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      await say(stage, log, room, said(1));
      const from = await say(stage, log, room, said(2), said(3));
      await say(stage, log, room, said(4));
      const stored = await say(stage, log, room, said(5));
      const { hearer, has } = await follow(stage, other, room, { ...from, index: 1 });
      await has(stored.seq);
      const last = await say(stage, log, room, said(6));
      await has(last.seq);
      expect(once(hearer.words).filter((word) => !range(2, 3).includes(word))).toEqual(range(4, 6));
      expect(hearer.heard.every(({ seq }) => seq > from.seq)).toBe(true);
    });

    on("what comes before the start waits for it", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      const hearer = new Hearer();
      const following = other.follow(room, hearer);
      await settled(stage, following.proved);
      const first = await say(stage, log, room, said(1));
      const last = await say(stage, log, room, said(2));
      expect(hearer.heard).toEqual([]);
      following.start(first);
      await heardOf(stage, following, hearer, last.seq);
      expect(once(hearer.words).filter((word) => word !== wordOf(said(1)))).toEqual(range(2, 2));
    });

    on("an acknowledged append of its own comes without a mention", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const { hearer } = await follow(stage, log, room);
      for (let n = 1; n <= 10; n += 1) {
        const { seq } = await say(stage, log, room, said(n));
        await stage.until(() => hearer.has(seq));
      }
      expect(once(hearer.words)).toEqual(range(1, 10));
    });

    on("once a follow is proved, what others append comes without a mention", async (stage, context) => {
      need(stage.copies, context);
      const [log, other] = stage.logs;
      for (let i = 0; i < 10; i += 1) {
        const room = freshRoom();
        const { hearer, follow: following } = await follow(stage, other, room);
        const { seq } = await say(stage, log, room, said(1));
        await stage.until(() => hearer.has(seq));
        following.end();
      }
    });

    on("rooms do not hear each other", async (stage) => {
      const [log, other] = stage.logs;
      const [here, there] = [freshRoom(), freshRoom()];
      const [one, two] = [await follow(stage, log, here), await follow(stage, other, there)];
      await say(stage, other, here, said(1));
      const last = await say(stage, log, there, said(2));
      const here2 = await say(stage, other, here, said(3));
      await two.has(last.seq);
      await one.has(here2.seq);
      expect(once(one.hearer.words)).toEqual([...range(1, 1), ...range(3, 3)]);
      expect(once(two.hearer.words)).toEqual(range(2, 2));
    });

    on("nothing is told after the end of a follow", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      const [gone, stays] = [await follow(stage, log, room), await follow(stage, other, room)];
      const first = await say(stage, other, room, said(1));
      await gone.has(first.seq);
      const heard = gone.hearer.heard.length;
      gone.follow.end();
      gone.follow.end();
      const last = await say(stage, log, room, said(2));
      gone.follow.mention(last.seq);
      await stays.has(last.seq);
      expect(gone.hearer.heard.length).toBe(heard);
      expect(gone.hearer.why).toBeUndefined();
    });

    on("an append is told outside the call that made it", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const { hearer } = await follow(stage, log, room);
      const appended = log.append(room, [said(1)]);
      expect(hearer.heard).toEqual([]);
      const { seq } = await settled(stage, appended);
      await stage.until(() => hearer.has(seq));
    });
  });

  describe("lost links", () => {
    on(
      "a node that was cut off hears everything once its link is back, the last word included",
      async (stage, context) => {
        const links = need(stage.links, context);
        const [log, cut] = stage.logs;
        const room = freshRoom();
        const { hearer } = await follow(stage, cut, room);
        const states: LinkState[] = [];
        cut.onLink((state) => states.push(state));
        const first = await say(stage, log, room, said(1));
        await stage.until(() => hearer.has(first.seq) || hearer.heard.length === 0);
        await links.cut(1);
        await stage.until(() => cut.link === "down");
        for (let n = 2; n <= 6; n += 1) await say(stage, log, room, said(n));
        await links.mend(1);
        await stage.until(() => new Set(hearer.words).size === 6);
        expect(once(hearer.words)).toEqual(range(1, 6));
        expect(states).toEqual(["down", "up"]);
        expect(hearer.why).toBeUndefined();
      },
    );

    on("an append waits for the link and is stored once it is back", async (stage, context) => {
      const links = need(stage.links, context);
      const [log, cut] = stage.logs;
      const room = freshRoom();
      const { hearer, has } = await follow(stage, log, room);
      await links.cut(1);
      await stage.until(() => cut.link === "down");
      let stored: Position | undefined;
      const append = cut.append(room, [said(1, 2)]).then((position) => {
        stored = position;
        return position;
      });
      await say(stage, log, room, said(1));
      expect(stored).toBeUndefined();
      await links.mend(1);
      const { seq } = await settled(stage, append);
      await has(seq);
      expect(once(hearer.words)).toEqual([...range(1, 1), ...range(1, 1, 2)]);
    });

    on("a follow made while the link is down is proved when it is back", async (stage, context) => {
      const links = need(stage.links, context);
      const [log, cut] = stage.logs;
      const room = freshRoom();
      await links.cut(1);
      await stage.until(() => cut.link === "down");
      const hearer = new Hearer();
      const following = cut.follow(room, hearer);
      let proved = false;
      void following.proved.then(() => {
        proved = true;
      });
      await say(stage, log, room, said(1));
      expect(proved).toBe(false);
      await links.mend(1);
      await settled(stage, following.proved);
      following.start(undefined);
      const { seq } = await say(stage, log, room, said(2));
      await heardOf(stage, following, hearer, seq);
      expect(once(hearer.words)).toEqual(range(1, 2));
    });
  });
}
