// What appends and reads of a Log promise: one place for everything, and all of it found again.
import { describe, expect } from "vitest";
import { freshRoom, said, wordOf } from "./fixtures.ts";
import { once, range, wordsOf } from "./hearer.ts";
import type { LogUnderTest } from "./log-stage.ts";
import { persist, say } from "./log-stage.ts";
import type { Case } from "./stage.ts";
import { need, settled } from "./stage.ts";

export function readCases(on: Case<LogUnderTest>): void {
  describe("append and read", () => {
    on("an append is answered with the position of its first entry, and later ones stand later", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const first = await say(stage, log, room, said(1), said(2));
      const second = await say(stage, log, room, said(3));
      expect(first.index).toBe(0);
      expect(first.seq).toBeGreaterThan(0);
      expect(second.seq).toBeGreaterThan(first.seq);
      expect(second.time).toBeGreaterThanOrEqual(first.time);
      const { whole, bundles } = await persist(stage, () => log.read(room, undefined, second.seq));
      expect(whole).toBe(true);
      expect(once(wordsOf(bundles))).toEqual(range(1, 3));
      expect(bundles.find((bundle) => bundle.seq === second.seq)?.time).toBe(second.time);
      expect(bundles.at(-1)?.seq).toBe(second.seq);
    });

    on("entries come back as they were appended", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      const entries = [said(1), said(2, 2)];
      const { seq } = await say(stage, log, room, ...entries);
      const { bundles } = await persist(stage, () => other.read(room, undefined, seq));
      expect(bundles.at(-1)?.entries).toEqual(entries);
    });

    on("of all who would open a room one does, and the others are told", async (stage) => {
      const [log] = stage.logs;
      for (let i = 0; i < 10; i += 1) {
        const room = freshRoom();
        const opening = stage.logs.map((each, by) => each.open(room, [said(1, by)]));
        const opened = await settled(stage, Promise.all(opening));
        const [position, ...others] = opened.filter((each) => each !== undefined);
        if (position === undefined) throw new Error("nobody opened the room");
        expect(others).toEqual([]);
        expect(await settled(stage, log.open(room, [said(2)]))).toBeUndefined();
        const last = await say(stage, log, room, said(3));
        const { bundles } = await persist(stage, () => log.read(room, undefined, last.seq));
        expect(bundles[0]).toMatchObject({ seq: position.seq, time: position.time });
        expect(wordsOf(bundles.slice(0, 2))).toEqual([wordOf(said(1, opened.indexOf(position))), wordOf(said(3))]);
      }
    });

    on("a room is opened once, however often its opening was tried", async (stage, context) => {
      const links = need(stage.links, context);
      const [log, cut] = stage.logs;
      for (let i = 0; i < 5; i += 1) {
        const room = freshRoom();
        const opening = cut.open(room, [said(1)]);
        // Its acknowledgement may be on the way.
        await links.cut(1);
        await links.mend(1);
        const opened = await settled(stage, opening);
        const last = await say(stage, log, room, said(2));
        const { bundles } = await persist(stage, () => log.read(room, undefined, last.seq));
        expect(bundles[0]).toMatchObject({ seq: opened?.seq, time: opened?.time });
        expect(wordsOf(bundles.slice(0, 2))).toEqual(range(1, 2));
      }
    });

    on("a read ends at the bundle it was asked for, though more is stored", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      await say(stage, log, room, said(1));
      const middle = await say(stage, log, room, said(2));
      await say(stage, log, room, said(3));
      const { bundles } = await persist(stage, () => other.read(room, undefined, middle.seq));
      expect(once(wordsOf(bundles))).toEqual(range(1, 2));
    });

    on("a read sees what was acknowledged, whichever replica answers", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      for (let n = 1; n <= 10; n += 1) {
        const { seq } = await say(stage, log, room, said(n));
        const { whole, bundles } = await persist(stage, () => other.read(room, undefined, seq));
        expect(whole).toBe(true);
        expect(bundles.at(-1)?.seq).toBe(seq);
      }
    });

    on("a read after a position brings what follows it", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const first = await say(stage, log, room, said(1));
      const last = await say(stage, log, room, said(2));
      const { whole, bundles } = await persist(stage, () => log.read(room, first, last.seq));
      expect(whole).toBe(true);
      expect(bundles.every((bundle) => bundle.seq > first.seq)).toBe(true);
      expect(bundles.at(-1)?.entries.map(wordOf)).toEqual(range(2, 2));
    });

    on("a read after a position inside a bundle brings the bundle whole", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const bundle = await say(stage, log, room, said(1), said(2), said(3));
      const last = await say(stage, log, room, said(4));
      const inside = await persist(stage, () => log.read(room, { ...bundle, index: 1 }, last.seq));
      expect(inside.whole).toBe(true);
      expect(inside.bundles[0]?.entries.map(wordOf)).toEqual(range(1, 3));
      const behind = await persist(stage, () => log.read(room, { ...bundle, index: 2 }, last.seq));
      expect(behind.bundles.every(({ seq }) => seq > bundle.seq)).toBe(true);
    });

    on("a position with another time is of another life of the log", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      const { seq, time } = await say(stage, log, room, said(1));
      const last = await say(stage, log, room, said(2));
      const answer = await persist(stage, () => log.read(room, { seq, index: 0, time: time - 5000 }, last.seq));
      expect(answer).toMatchObject({ whole: false, why: "log_restarted" });
    });

    on("a place in another room is no position of this one", async (stage) => {
      const [log] = stage.logs;
      const room = freshRoom();
      let elsewhere = freshRoom();
      while (stage.together?.(room, elsewhere) === false) elsewhere = freshRoom();
      await say(stage, log, room, said(1));
      const other = await say(stage, log, elsewhere, said(1));
      const last = await say(stage, log, room, said(2));
      const answer = await persist(stage, () => log.read(room, other, last.seq));
      expect(answer).toMatchObject({ whole: false, why: "unknown_position" });
    });

    on(
      "a position beyond the log is no position, and behind one that stands beyond the bound nothing is left",
      async (stage) => {
        const [log] = stage.logs;
        const room = freshRoom();
        const first = await say(stage, log, room, said(1));
        const last = await say(stage, log, room, said(2));
        const future = { seq: last.seq + 1_000_000, index: 0, time: last.time + 60_000 };
        const answer = await persist(stage, () => log.read(room, future, last.seq));
        expect(answer).toMatchObject({ whole: false, why: "unknown_position" });
        const behind = await persist(stage, () => log.read(room, last, first.seq));
        expect(behind).toEqual({ whole: true, bundles: [] });
      },
    );

    on("an empty room has neither tail nor first bundle, a room with entries has both", async (stage) => {
      const [log, other] = stage.logs;
      const room = freshRoom();
      expect(await persist(stage, () => log.tail(room))).toBeUndefined();
      expect(await persist(stage, () => log.first(room))).toBeUndefined();
      await say(stage, log, room, said(1));
      const last = await say(stage, log, room, said(2));
      // It may lag: asked until it has caught up. An append that stands twice may have raised it further.
      const tail = await persist(
        stage,
        () => other.tail(room),
        (found) => (found ?? 0) >= last.seq,
      );
      expect(tail).toBeGreaterThanOrEqual(last.seq);
      const first = await persist(
        stage,
        () => other.first(room),
        (found) => found !== undefined,
      );
      expect(first?.entries.map(wordOf)).toEqual(range(1, 1));
    });
  });
}
