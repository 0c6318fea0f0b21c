// What every RoomCopies promises: a copy never goes back.
import type { Position, RoomKey } from "@heliograph/protocol";
import { describe, expect } from "vitest";
import type { RoomCopies } from "../src/ports/room-copies.ts";
import type { RoomCopy } from "../src/room/copy.ts";
import type { CopyChanges } from "../src/room/copy-changes.ts";
import { changesBetween } from "../src/room/copy-changes.ts";
import { Room } from "../src/room/room.ts";
import { at, copyAt, freshRoom, memberId, nodeId, said, sessionId } from "./fixtures.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import type { Ability } from "./stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface RoomCopiesUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly copies: readonly [RoomCopies, RoomCopies];
  /** The way of the first of them to the memory, which the second goes on reaching. */
  readonly link: Ability<{ cut(): Promise<void>; mend(): Promise<void> }>;
  /** The memory loses all it holds, and goes on. */
  readonly emptying: Ability<{ flush(): Promise<void> }>;
}

const rules = { version: 2, logLife: 300_000 };

/** A room in which someone is, and what it is like after each further word: copies that differ in every part. */
function growing(key: RoomKey): RoomCopy[] {
  const room = Room.fresh(key, rules);
  const copies: RoomCopy[] = [];
  const apply = (entry: Parameters<Room["apply"]>[0], seq: number): void => {
    room.apply(entry, at(seq, 1000 + seq));
    copies.push(room.toCopy());
  };
  room.apply({ kind: "upgrade", rules: 2 }, at(5, 1005));
  const body = { codec: "json", bytes: new TextEncoder().encode('{"a":[1,"ü"]}') } as const;
  for (let i = 1; i <= 2; i += 1) {
    const epoch = { attempt: 1, bump: 0, node: nodeId(i) };
    const profile = { name: `Åse ${i}`, ...(i === 1 ? { own: body } : {}) };
    apply(
      { kind: "join", from: memberId(i), epoch, session: sessionId(i), profile, grace: 30_000, marks: [`m${i}`] },
      10 * i,
    );
  }
  const by = { from: memberId(1), epoch: { attempt: 1, bump: 0, node: nodeId(1) } };
  apply({ kind: "data", key: "board", value: body, owned: true, n: 1, ...by }, 30);
  apply(
    { kind: "settings", change: { locked: true, linger: 60_000, pin: { salt: "00", proof: "11" } }, n: 2, ...by },
    40,
  );
  apply({ kind: "moderate", action: { action: "ban", member: memberId(2) }, n: 3, ...by }, 50);
  apply({ ...said(4), ...by }, 60);
  apply({ kind: "leave", n: 5, ...by }, 70);
  return copies;
}

export function roomCopiesContract(name: string, make: () => Promise<RoomCopiesUnderTest>): void {
  const on = casesOn(make);
  const template = Room.fresh(freshRoom(), rules).toCopy();
  const nothing = (position: Position): CopyChanges => changesBetween(template, copyAt(position, template));

  describe(`RoomCopies: ${name}`, () => {
    on("a room without a copy has none", async (stage) => {
      expect(await settled(stage, stage.copies[0].load(freshRoom()))).toBeUndefined();
    });

    on("a copy comes back whole, on every node", async (stage) => {
      for (const copy of growing(freshRoom())) {
        const room = freshRoom();
        expect(await settled(stage, stage.copies[0].replace(room, copy))).toBe("replaced");
        const loaded = await settled(stage, stage.copies[1].load(room));
        expect(loaded && Room.revive(room, loaded, rules).digest()).toBe(Room.revive(room, copy, rules).digest());
      }
    });

    on("a copy with a time to live goes by itself, unless the room lives again before", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [copies] = stage.copies;
      const [over, again] = [freshRoom(), freshRoom()];
      const [first, second] = growing(over);
      if (first === undefined || second === undefined) throw new Error("nothing grew");
      for (const room of [over, again]) await settled(stage, copies.replace(room, first, { ttl: 2_000 }));
      await settled(stage, copies.advance(again, first.at, changesBetween(first, second)));
      expect(await settled(stage, copies.load(over))).toBeDefined();
      await pass(3_000);
      expect(await settled(stage, copies.load(over))).toBeUndefined();
      expect((await settled(stage, copies.load(again)))?.at).toEqual(second.at);
    });

    on("changes move a copy on, step by step, to the same state", async (stage) => {
      const room = freshRoom();
      const [first, ...later] = growing(room);
      if (first === undefined) throw new Error("nothing grew");
      await settled(stage, stage.copies[0].replace(room, first));
      let before = first;
      for (const copy of later) {
        const advanced = stage.copies[0].advance(room, before.at, changesBetween(before, copy));
        expect(await settled(stage, advanced)).toBe("advanced");
        const loaded = await settled(stage, stage.copies[1].load(room));
        expect(loaded && Room.revive(room, loaded, rules).digest()).toBe(Room.revive(room, copy, rules).digest());
        before = copy;
      }
    });

    on("changes apply only to a copy that stands exactly where they begin", async (stage) => {
      const room = freshRoom();
      const [copies] = stage.copies;
      expect(await settled(stage, copies.advance(room, at(10, 100), nothing(at(20, 200))))).toBe("missing");
      await settled(stage, copies.replace(room, copyAt(at(10, 100), template, true)));
      for (const from of [at(9, 100), at(11, 100), at(10, 100, 1), at(10, 99)]) {
        expect(await settled(stage, copies.advance(room, from, nothing(at(20, 200))))).toEqual(at(10, 100));
      }
      expect((await settled(stage, copies.load(room)))?.at).toEqual(at(10, 100));
    });

    on("whether a copy stands is asked by moving it to where it is", async (stage) => {
      const room = freshRoom();
      const [copies] = stage.copies;
      const [copy] = growing(room);
      if (copy === undefined) throw new Error("nothing grew");
      expect(await settled(stage, copies.advance(room, copy.at, changesBetween(copy, copy)))).toBe("missing");
      await settled(stage, copies.replace(room, copy));
      expect(await settled(stage, copies.advance(room, copy.at, changesBetween(copy, copy)))).toBe("advanced");
      const loaded = await settled(stage, copies.load(room));
      expect(loaded && Room.revive(room, loaded, rules).digest()).toBe(Room.revive(room, copy, rules).digest());
    });

    on("of two scribes the first one wins, and the other finds it done", async (stage) => {
      const room = freshRoom();
      const [one, two] = stage.copies;
      await settled(stage, one.replace(room, copyAt(at(10, 100), template)));
      const both = [one, two].map((copies) => copies.advance(room, at(10, 100), nothing(at(20, 200))));
      const answers = await settled(stage, Promise.all(both));
      expect(answers).toContain("advanced");
      expect(answers).toContainEqual(at(20, 200));
    });

    on("an older copy, or one as old, replaces nothing", async (stage) => {
      const room = freshRoom();
      const [copies] = stage.copies;
      await settled(stage, copies.replace(room, copyAt(at(10, 100, 1), template, true)));
      for (const position of [at(10, 100, 1), at(10, 100, 0), at(9, 100), at(9, 90)]) {
        expect(await settled(stage, copies.replace(room, copyAt(position, template)))).toBe("newer");
      }
      expect((await settled(stage, copies.load(room)))?.settings.locked).toBe(true);
      expect(await settled(stage, copies.replace(room, copyAt(at(11, 100), template)))).toBe("replaced");
    });

    on("a copy of a reborn log replaces one of the life before, and is never put back by it", async (stage) => {
      const room = freshRoom();
      const [copies] = stage.copies;
      const reborn = { reborn: true };
      await settled(stage, copies.replace(room, copyAt(at(500, 100), template)));
      expect(await settled(stage, copies.replace(room, copyAt(at(3, 200), template, true)))).toBe("newer");
      expect(await settled(stage, copies.replace(room, copyAt(at(3, 200), template, true), reborn))).toBe("replaced");
      // A host that has not noticed yet, and one that adopted earlier than what is there.
      expect(await settled(stage, copies.replace(room, copyAt(at(510, 110), template)))).toBe("newer");
      expect(await settled(stage, copies.replace(room, copyAt(at(2, 190), template), reborn))).toBe("newer");
      expect((await settled(stage, copies.load(room)))?.settings.locked).toBe(true);
      expect(await settled(stage, copies.replace(room, copyAt(at(4, 210), template)))).toBe("replaced");
    });

    on("a copy is forgotten unless it has moved on", async (stage) => {
      const room = freshRoom();
      const [copies] = stage.copies;
      await settled(stage, copies.replace(room, copyAt(at(10, 100, 1), template)));
      await settled(stage, copies.forget(room, at(10, 100, 0)));
      expect(await settled(stage, copies.load(room))).toBeDefined();
      await settled(stage, copies.forget(room, at(10, 100, 1)));
      expect(await settled(stage, copies.load(room))).toBeUndefined();
      await settled(stage, copies.forget(room, at(10, 100, 1)));
    });

    on("rooms have copies of their own", async (stage) => {
      const [one, two] = [freshRoom(), freshRoom()];
      const [copies] = stage.copies;
      await settled(stage, copies.replace(one, copyAt(at(10, 100), template)));
      expect(await settled(stage, copies.load(two))).toBeUndefined();
      await settled(stage, copies.forget(two, at(99, 999)));
      expect((await settled(stage, copies.load(one)))?.at).toEqual(at(10, 100));
    });

    on("whoever loses the memory is told, nobody else, and again when it is back", async (stage, context) => {
      const link = need(stage.link, context);
      const [one, two] = stage.copies;
      const told: string[] = [];
      one.onLink((state) => told.push(state));
      const elsewhere: string[] = [];
      two.onLink((state) => elsewhere.push(state));
      expect([one.link, two.link]).toEqual(["up", "up"]);
      await link.cut();
      await stage.until(() => one.link === "down" && told.length > 0);
      expect(told).toEqual(["down"]);
      await link.mend();
      await stage.until(() => told.length > 1);
      expect(told).toEqual(["down", "up"]);
      expect([one.link, two.link]).toEqual(["up", "up"]);
      expect(elsewhere).toEqual([]);
      expect(await settled(stage, one.load(freshRoom()))).toBeUndefined();
    });

    on("whoever was cut off is told that something may be lost, once it can ask again", async (stage, context) => {
      const link = need(stage.link, context);
      const [one] = stage.copies;
      const room = freshRoom();
      await settled(stage, one.replace(room, copyAt(at(10, 100), template)));
      const links: string[] = [];
      let lost = 0;
      const stop = one.onLoss(() => {
        links.push(one.link);
        lost += 1;
      });
      await link.cut();
      await stage.until(() => one.link === "down");
      expect(lost).toBe(0);
      await link.mend();
      await stage.until(() => lost > 0);
      expect(links[0]).toBe("up");
      expect((await settled(stage, one.load(room)))?.at).toEqual(at(10, 100));
      stop();
      const before = lost;
      await link.cut();
      await stage.until(() => one.link === "down");
      await link.mend();
      await stage.until(() => one.link === "up");
      await stage.round();
      expect(lost).toBe(before);
    });

    on("an emptied memory is told to every node, which writes again what it knows", async (stage, context) => {
      const { flush } = need(stage.emptying, context);
      const [one, two] = stage.copies;
      const room = freshRoom();
      await settled(stage, one.replace(room, copyAt(at(10, 100), template)));
      let lost = [false, false];
      for (const [i, copies] of [one, two].entries()) {
        copies.onLoss(() => {
          lost = lost.map((each, j) => each || i === j);
        });
      }
      await flush();
      await stage.until(() => lost.every((each) => each));
      expect(await settled(stage, two.load(room))).toBeUndefined();
      expect(await settled(stage, one.advance(room, at(10, 100), nothing(at(20, 200))))).toBe("missing");
      expect(await settled(stage, one.replace(room, copyAt(at(20, 200), template)))).toBe("replaced");
      expect((await settled(stage, two.load(room)))?.at).toEqual(at(20, 200));
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const room = freshRoom();
      const [copies] = stage.copies;
      await settled(stage, copies.replace(room, copyAt(at(10, 100), template)));
      await outage.begin();
      await expectUnreachable(stage, [
        copies.load(room),
        copies.advance(room, at(10, 100), nothing(at(20, 200))),
        copies.replace(room, copyAt(at(30, 300), template)),
        copies.forget(room, at(10, 100)),
      ]);
      await outage.end();
      expect((await settled(stage, copies.load(room)))?.at).toEqual(at(10, 100));
    });
  });
}
