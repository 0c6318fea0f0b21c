// What a Log says when something cannot be told any more: that it has aged out, or that the log began again.
import { describe, expect } from "vitest";
import { freshRoom, said } from "./fixtures.ts";
import { follow, once, range, wordsOf } from "./hearer.ts";
import type { LogUnderTest } from "./log-stage.ts";
import { persist, say } from "./log-stage.ts";
import type { Case } from "./stage.ts";
import { need } from "./stage.ts";

export function lossCases(on: Case<LogUnderTest>): void {
  describe("what cannot be told", () => {
    on("a read says that what it was asked for has aged out", async (stage, context) => {
      const ageOut = need(stage.ageOut, context);
      const [log] = stage.logs;
      const room = freshRoom();
      const first = await say(stage, log, room, said(1));
      await say(stage, log, room, said(2));
      await ageOut();
      const last = await say(stage, log, room, said(3));
      const answer = await persist(stage, () => log.read(room, first, last.seq));
      expect(answer).toMatchObject({ whole: false, why: "too_old" });
      expect(once(wordsOf(answer.bundles))).toEqual(range(3, 3));
    });

    on("a follow is broken as lost when a bundle it missed has aged out", async (stage, context) => {
      const ageOut = need(stage.ageOut, context);
      const links = need(stage.links, context);
      const [log, cut] = stage.logs;
      const room = freshRoom();
      const { hearer, has } = await follow(stage, cut, room);
      const first = await say(stage, log, room, said(1));
      await has(first.seq);
      await links.cut(1);
      await stage.until(() => cut.link === "down");
      await say(stage, log, room, said(2));
      await ageOut();
      await links.mend(1);
      const last = await say(stage, log, room, said(3));
      await has(last.seq);
      expect(hearer.why).toBe("lost");
      expect(once(hearer.words)).toEqual(range(1, 1));
    });

    on("a follow is broken as reborn by the first bundle of a stream that began again", async (stage, context) => {
      const rebirth = need(stage.rebirth, context);
      const [log, other] = stage.logs;
      const room = freshRoom();
      const hearers = [await follow(stage, log, room), await follow(stage, other, room)];
      let before = await say(stage, log, room, said(1));
      for (let n = 2; n <= 5; n += 1) before = await say(stage, log, room, said(n));
      for (const { has } of hearers) await has(before.seq);
      await rebirth();
      // The node that appended knows from the acknowledgement, the others from the copy or by reading.
      const { seq, time } = await say(stage, log, room, said(6));
      expect(seq).toBeLessThan(before.seq);
      expect(time).toBeGreaterThan(before.time);
      const later = await follow(stage, stage.logs[2], room);
      for (let n = 7; hearers.some(({ hearer }) => hearer.why === undefined); n += 1) {
        const again = await say(stage, other, room, said(n));
        await later.has(again.seq);
      }
      for (const { hearer } of hearers) {
        expect(hearer.why).toBe("reborn");
        expect(once(hearer.words)).toEqual(range(1, 5));
      }
    });

    on(
      "a read from a position before the rebirth says so, even when the number exists again",
      async (stage, context) => {
        const rebirth = need(stage.rebirth, context);
        const [log] = stage.logs;
        const room = freshRoom();
        const old = await say(stage, log, room, said(1));
        await rebirth();
        await say(stage, log, room, said(2));
        const last = await say(stage, log, room, said(3));
        const answer = await persist(stage, () => log.read(room, old, last.seq));
        expect(answer).toMatchObject({ whole: false, why: "log_restarted" });
        expect(once(wordsOf(answer.bundles))).toEqual(range(2, 3));
      },
    );
  });
}
