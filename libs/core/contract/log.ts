// What every Log promises: one order for all, nothing lost, nothing told twice, and an honest word when it cannot be so.
import type { Position, RoomKey } from "@heliograph/protocol";
import { describe, expect } from "vitest";
import type { LinkState, Log } from "../src/ports/log.ts";
import type { Entry } from "../src/room/entry.ts";
import { freshRoom, said, wordOf } from "./fixtures.ts";
import { follow, Hearer, heardOf, once, placesOf, range, wordsOf } from "./hearer.ts";
import type { Ability, Stage } from "./stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface LogUnderTest extends Stage {
  /** The logs of three nodes on one stream. */
  readonly logs: readonly [Log, Log, Log];
  /** Cuts and mends the link of a node's log. */
  readonly links: Ability<{ cut(node: number): Promise<void>; mend(node: number): Promise<void> }>;
  /** Live copies come by themselves: not where the links are made to lose some. */
  readonly copies: Ability<{ readonly sure: true }>;
  /** Where rooms are spread over several streams: whether these two share one. */
  readonly together?: (one: RoomKey, other: RoomKey) => boolean;
  /** The stream loses everything and begins again under the same name, later. */
  readonly rebirth: Ability<() => Promise<void>>;
  /** Everything stored so far ages out. */
  readonly ageOut: Ability<() => Promise<void>>;
}

async function say(stage: Stage, log: Log, room: RoomKey, ...entries: readonly Entry[]): Promise<Position> {
  return settled(stage, log.append(room, entries));
}

/** Asks until it is answered: any replica may be out of reach or behind for a while. */
async function persist<T>(
  stage: Stage,
  ask: () => Promise<T>,
  enough: (answer: T) => boolean = () => true,
): Promise<T> {
  for (;;) {
    const outcome = await settled(
      stage,
      ask().then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    );
    if (outcome !== undefined && enough(outcome.answer)) return outcome.answer;
  }
}

export function logContract(name: string, make: () => Promise<LogUnderTest>): void {
  const on = casesOn(make);

  describe(`Log: ${name}`, () => {
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
  });
}
