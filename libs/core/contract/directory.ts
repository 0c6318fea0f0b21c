// What every Directory promises.
import { describe, expect } from "vitest";
import type { Directory, SessionRecord } from "../src/ports/directory.ts";
import { freshRoom, freshRoomName, nodeId, otherRealm, realm, sessionId } from "./fixtures.ts";
import type { MemoryStage } from "./memory-stage.ts";
import { expectUnreachable } from "./memory-stage.ts";
import { casesOn, need, settled } from "./stage.ts";

export interface DirectoryUnderTest extends MemoryStage {
  /** Of two nodes. */
  readonly directories: readonly [Directory, Directory];
}

function record(i: number, node: number, user?: string): SessionRecord {
  const base = { realm, session: sessionId(i), node: nodeId(node), dialect: "native", since: 1000 + i };
  return { ...base, rooms: [freshRoomName()], ...(user === undefined ? {} : { user }) };
}

export function directoryContract(name: string, make: () => Promise<DirectoryUnderTest>): void {
  const on = casesOn(make);

  describe(`Directory: ${name}`, () => {
    on("a session is found by every node as it was last put", async (stage) => {
      const [one, two] = stage.directories;
      await settled(stage, one.put(record(1, 1), 60_000));
      const moved = record(1, 2, "ann");
      await settled(stage, two.put(moved, 60_000));
      expect(await settled(stage, one.find(realm, sessionId(1)))).toEqual(moved);
      expect(await settled(stage, one.find(otherRealm, sessionId(1)))).toBeUndefined();
      expect(await settled(stage, one.find(realm, sessionId(2)))).toBeUndefined();
    });

    on("a node removes only what still names it", async (stage) => {
      const [one, two] = stage.directories;
      await settled(stage, one.put(record(1, 1), 60_000));
      await settled(stage, two.put(record(1, 2), 60_000));
      await settled(stage, one.remove(realm, sessionId(1), nodeId(1)));
      expect((await settled(stage, one.find(realm, sessionId(1))))?.node).toBe(nodeId(2));
      await settled(stage, two.remove(realm, sessionId(1), nodeId(2)));
      expect(await settled(stage, one.find(realm, sessionId(1)))).toBeUndefined();
    });

    on("a user's sessions are found, and no others", async (stage) => {
      const [one, two] = stage.directories;
      const records = [record(1, 1, "ann"), record(2, 2, "ann"), record(3, 1, "bob"), record(4, 1)];
      for (const each of records) await settled(stage, one.put(each, 60_000));
      await settled(stage, one.put({ ...record(5, 1, "ann"), realm: otherRealm }, 60_000));
      const sessions = async (user: string) =>
        (await settled(stage, two.sessionsOf(realm, user))).map(({ session }) => session).sort();
      expect(await sessions("ann")).toEqual([sessionId(1), sessionId(2)]);
      expect(await sessions("eve")).toEqual([]);
      await settled(stage, one.put(record(2, 2, "bob"), 60_000));
      expect(await sessions("ann")).toEqual([sessionId(1)]);
      expect(await sessions("bob")).toEqual([sessionId(2), sessionId(3)]);
      await settled(stage, one.remove(realm, sessionId(1), nodeId(1)));
      expect(await sessions("ann")).toEqual([]);
    });

    on("a record goes by itself after its last put", async (stage, context) => {
      const { pass } = need(stage.passage, context);
      const [directory] = stage.directories;
      await settled(stage, directory.put(record(1, 1, "ann"), 1000));
      await pass(700);
      await settled(stage, directory.put(record(1, 1, "ann"), 1000));
      await pass(700);
      expect(await settled(stage, directory.find(realm, sessionId(1)))).toBeDefined();
      await pass(301);
      expect(await settled(stage, directory.find(realm, sessionId(1)))).toBeUndefined();
      expect(await settled(stage, directory.sessionsOf(realm, "ann"))).toEqual([]);
    });

    on("the rooms of a node are known to all, until it is forgotten", async (stage) => {
      const [one, two] = stage.directories;
      const [first, second, third] = [freshRoom(), freshRoom(), freshRoom()];
      expect(await settled(stage, two.roomsOf(nodeId(1)))).toEqual([]);
      await settled(stage, one.addRooms(nodeId(1), [first, second], 60_000));
      await settled(stage, one.addRooms(nodeId(1), [second, third], 60_000));
      await settled(stage, two.addRooms(nodeId(2), [first], 60_000));
      await settled(stage, one.removeRooms(nodeId(1), [second]));
      expect([...(await settled(stage, two.roomsOf(nodeId(1))))].sort()).toEqual([first, third].sort());
      expect([...(await settled(stage, two.nodes()))].sort()).toEqual([nodeId(1), nodeId(2)]);
      await settled(stage, two.forgetNode(nodeId(1)));
      expect(await settled(stage, one.nodes())).toEqual([nodeId(2)]);
      expect(await settled(stage, one.roomsOf(nodeId(1)))).toEqual([]);
      expect(await settled(stage, one.roomsOf(nodeId(2)))).toEqual([first]);
    });

    on(
      "the rooms of a node that says no more go by themselves, unless it was forgotten before",
      async (stage, context) => {
        const { pass } = need(stage.passage, context);
        const [one, two] = stage.directories;
        const [first, second, third] = [freshRoom(), freshRoom(), freshRoom()];
        await settled(stage, one.addRooms(nodeId(1), [first], 1_000));
        await settled(stage, two.addRooms(nodeId(2), [second], 1_000));
        await pass(700);
        // Naming none prolongs, naming another one too.
        await settled(stage, one.addRooms(nodeId(1), [], 1_000));
        await settled(stage, two.addRooms(nodeId(2), [third], 1_000));
        await pass(700);
        expect(await settled(stage, two.roomsOf(nodeId(1)))).toEqual([first]);
        expect([...(await settled(stage, one.roomsOf(nodeId(2))))].sort()).toEqual([second, third].sort());
        await pass(1_000);
        for (const node of [nodeId(1), nodeId(2)]) expect(await settled(stage, one.roomsOf(node))).toEqual([]);
        expect(await settled(stage, two.nodes())).toEqual([]);
      },
    );

    on("a node that was forgotten is there again once it says its rooms", async (stage) => {
      const [one, two] = stage.directories;
      const room = freshRoom();
      await settled(stage, one.addRooms(nodeId(1), [room], 60_000));
      await settled(stage, two.forgetNode(nodeId(1)));
      await settled(stage, one.removeRooms(nodeId(1), [freshRoom()]));
      expect(await settled(stage, two.roomsOf(nodeId(1)))).toEqual([]);
      await settled(stage, one.addRooms(nodeId(1), [room], 60_000));
      expect(await settled(stage, two.nodes())).toEqual([nodeId(1)]);
      expect(await settled(stage, two.roomsOf(nodeId(1)))).toEqual([room]);
    });

    on("out of reach is not absent", async (stage, context) => {
      const outage = need(stage.outage, context);
      const [directory] = stage.directories;
      await settled(stage, directory.put(record(1, 1), 60_000));
      await outage.begin();
      await expectUnreachable(stage, [
        directory.put(record(2, 1), 60_000),
        directory.remove(realm, sessionId(1), nodeId(1)),
        directory.find(realm, sessionId(1)),
        directory.sessionsOf(realm, "ann"),
        directory.addRooms(nodeId(1), [freshRoom()], 60_000),
        directory.removeRooms(nodeId(1), [freshRoom()]),
        directory.roomsOf(nodeId(1)),
        directory.nodes(),
        directory.forgetNode(nodeId(1)),
      ]);
      await outage.end();
      expect(await settled(stage, directory.find(realm, sessionId(1)))).toBeDefined();
    });
  });
}
