// What a node does for the pictures of its sessions, over two nodes, and what it leaves behind: nothing.
import type { Happening, Picture, Pictures, TokenKey } from "@heliograph/core";
import { pictureIdsOf, pictureTimes, Signer } from "@heliograph/core";
import { MemoryCluster, type MemoryNode, VirtualClock } from "@heliograph/core/memory";
import type { NodeId, Outcome, SessionId } from "@heliograph/protocol";
import { parseNodeId, parseRealm, parseSessionId } from "@heliograph/protocol";
import { systemRandom } from "@heliograph/system";
import { beforeEach, describe, expect, test } from "vitest";
import { PictureShelf } from "./picture-shelf.ts";
import { pictureOf } from "./read-picture.ts";

function must<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.value;
}

const realm = must(parseRealm("default"));
const owner = must(parseSessionId("session---------------"));
const key: TokenKey = { id: "a", secret: new Uint8Array(32).fill(7) };

function gif(words: string, length = 0): Picture {
  const picture = pictureOf(Uint8Array.from(Buffer.concat([Buffer.from(`GIF89a${words}`), Buffer.alloc(length)])));
  if (picture === undefined) throw new Error("no picture");
  return picture;
}

/** How often each question was put to the memory. */
function counted(pictures: Pictures, counts: Record<string, number>): Pictures {
  const counting = <A extends readonly unknown[], R>(name: string, ask: (...of: A) => R) => {
    return (...of: A): R => {
      counts[name] = (counts[name] ?? 0) + 1;
      return ask(...of);
    };
  };
  return {
    put: counting("put", pictures.put.bind(pictures)),
    get: counting("get", pictures.get.bind(pictures)),
    take: counting("take", pictures.take.bind(pictures)),
    touch: counting("touch", pictures.touch.bind(pictures)),
    remove: counting("remove", pictures.remove.bind(pictures)),
  };
}

class OneNode {
  readonly ports: MemoryNode;
  readonly living = new Set<SessionId>();
  readonly happened: Happening[] = [];
  readonly counts: Record<string, number> = {};
  readonly signer: Signer;
  readonly shelf: PictureShelf;

  constructor(id: NodeId, ring: readonly [TokenKey, ...TokenKey[]] = [key]) {
    this.ports = cluster.node(id);
    this.signer = new Signer(ring);
    this.shelf = new PictureShelf({
      pictures: counted(this.ports.pictures, this.counts),
      signer: this.signer,
      node: id,
      clock,
      observer: { observe: (happening) => this.happened.push(happening) },
      lives: (session) => this.living.has(session),
      changed: () => undefined,
    });
  }

  get id() {
    return pictureIdsOf(this.signer, realm, owner)[0];
  }

  /** What the memory gives this node. */
  find(id = this.id): Promise<Picture | undefined> {
    return this.ports.pictures.get(id);
  }
}

let clock: VirtualClock;
let cluster: MemoryCluster;
let one: OneNode;
let two: OneNode;

beforeEach(() => {
  clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  cluster = new MemoryCluster({ clock, random: systemRandom });
  one = new OneNode(must(parseNodeId("node-1----------------")));
  two = new OneNode(must(parseNodeId("node-2----------------")));
  one.living.add(owner);
});

const pass = (ms: number) => clock.advance(ms);

describe("a picture", () => {
  test("[spreed 58] same bytes again have the same reference, other bytes the same first part and another second", async () => {
    const first = one.shelf.put(realm, owner, gif("first"));
    expect(first?.id).toMatch(/^[\w-]{20}$/);
    expect(first?.change).toMatch(/^[\w-]{12}$/);
    await pass(100);
    expect(await two.find()).toEqual(gif("first"));
    expect(one.shelf.put(realm, owner, gif("first"))).toEqual(first);
    await pass(100);
    expect(one.counts).toEqual({ put: 1 });
    const second = one.shelf.put(realm, owner, gif("second"));
    expect(second?.id).toBe(first?.id);
    expect(second?.change).not.toBe(first?.change);
    await pass(100);
    expect(await two.find()).toEqual(gif("second"));
  });

  test("its address is the same on every node, and nothing of its owner can be read from it", () => {
    expect(two.id).toBe(one.id);
    expect(one.id).not.toContain(owner.slice(0, 6));
    const other = new OneNode(must(parseNodeId("node-3----------------")), [{ id: "a", secret: new Uint8Array(32) }]);
    expect(other.id).not.toBe(one.id);
  });

  test("lives as long as its owner, touched every 30 s and no oftener", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(600_000);
    expect(await two.find()).toBeDefined();
    expect(one.counts["touch"]).toBeGreaterThanOrEqual(18);
    expect(one.counts["touch"]).toBeLessThanOrEqual(20);
    expect(one.counts["put"]).toBe(1);
  });

  test("[spreed 59] is gone with its owner, and nothing is left behind", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    one.living.delete(owner);
    one.shelf.gone(realm, owner);
    await pass(10);
    expect(await two.find()).toBeUndefined();
    await pass(1_000);
    expect(one.shelf.size).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("goes within two seconds though nobody says that its owner has ended", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(5_000);
    one.living.delete(owner);
    await pass(2_500);
    expect(await two.find()).toBeUndefined();
    expect(one.shelf.size).toBe(0);
  });

  test("goes by itself when its node has died", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    one.ports.kill();
    one.shelf.end();
    await pass(pictureTimes.ttl - 2_000);
    expect(await two.find()).toBeDefined();
    await pass(4_000);
    expect(await two.find()).toBeUndefined();
  });

  test("put and taken away in one breath is not there", async () => {
    one.shelf.put(realm, owner, gif("a"));
    one.shelf.gone(realm, owner);
    await pass(1_000);
    expect(await two.find()).toBeUndefined();
    expect(one.shelf.size).toBe(0);
  });

  test("changed many times in one breath is put as it is in the end", async () => {
    for (let i = 0; i < 100; i += 1) one.shelf.put(realm, owner, gif(`${i}`));
    await pass(1_000);
    expect(await two.find()).toEqual(gif("99"));
    expect(one.counts["put"]).toBeLessThanOrEqual(2);
  });
});

test("who changes a picture all the time has it put once a second, and as it is in the end", async () => {
  for (let i = 0; i < 600; i += 1) {
    one.shelf.put(realm, owner, gif(`${i}`));
    expect(one.shelf.find(one.id)).toEqual(gif(`${i}`));
    await pass(100);
  }
  expect(one.counts["put"]).toBeGreaterThanOrEqual(20);
  expect(one.counts["put"]).toBeLessThanOrEqual(66);
  await pass(4_000);
  expect(await two.find()).toEqual(gif("599"));
  expect(one.shelf.isOnItsWay(one.id)).toBe(false);
});

describe("a session that goes on at another node", () => {
  const moveToTwo = () => {
    two.living.add(owner);
    two.shelf.adopt(realm, owner);
    one.living.delete(owner);
  };

  test("keeps its picture under the same address, whatever the former node does", async () => {
    const shown = one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    moveToTwo();
    await pass(10);
    one.shelf.gone(realm, owner);
    await pass(300_000);
    expect(await one.find()).toEqual(gif("a"));
    expect(one.shelf.size).toBe(0);
    expect(two.shelf.put(realm, owner, gif("a"))).toEqual(shown);
    expect(two.counts["put"]).toBeUndefined();
    two.living.delete(owner);
    await pass(2_500);
    expect(await one.find()).toBeUndefined();
  });

  test("keeps it when its node died, if it comes before the picture is over", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    one.ports.kill();
    one.shelf.end();
    moveToTwo();
    await pass(300_000);
    expect(await two.find()).toEqual(gif("a"));
  });

  test("may bring another one along at once", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    moveToTwo();
    two.shelf.put(realm, owner, gif("b"));
    await pass(60_000);
    expect(await one.find()).toEqual(gif("b"));
  });

  test("has nothing on the shelf where it had no picture", async () => {
    moveToTwo();
    await pass(1_000);
    expect(two.shelf.size).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("keeps the old address of a key that is being retired, and gets the new one with its next picture", async () => {
    const shown = one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    const three = new OneNode(must(parseNodeId("node-3----------------")), [
      { id: "b", secret: new Uint8Array(32).fill(8) },
      key,
    ]);
    three.living.add(owner);
    three.shelf.adopt(realm, owner);
    one.living.delete(owner);
    await pass(300_000);
    expect(await two.find(shown?.id)).toEqual(gif("a"));
    const next = three.shelf.put(realm, owner, gif("a"));
    expect(next).toMatchObject({ id: three.id, change: shown?.change });
    expect(next?.id).not.toBe(shown?.id);
    three.living.delete(owner);
    await pass(2_500);
    expect(await two.find(shown?.id)).toBeUndefined();
    expect(await two.find(three.id)).toBeUndefined();
  });
});

describe("while the memory is out of reach", () => {
  test("the owner's node still has it, and puts it once the memory is back", async () => {
    cluster.reach.set("closed");
    one.shelf.put(realm, owner, gif("a"));
    await pass(60_000);
    expect(one.shelf.find(one.id)).toEqual(gif("a"));
    expect(one.shelf.isOnItsWay(one.id)).toBe(true);
    // Once a second, not in a loop.
    expect(one.counts["put"]).toBeLessThanOrEqual(62);
    cluster.reach.set("open");
    await pass(1_500);
    expect(await two.find()).toEqual(gif("a"));
    expect(one.shelf.isOnItsWay(one.id)).toBe(false);
    expect(one.happened).toEqual([]);
  });

  test("what a memory lost is put again: when told, and by itself within 30 s", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    cluster.flush();
    one.shelf.lookAgain();
    await pass(2_500);
    expect(await two.find()).toEqual(gif("a"));
    cluster.flush();
    await pass(pictureTimes.touch + 2_500);
    expect(await two.find()).toEqual(gif("a"));
  });

  test("what a memory lost of a session that came from elsewhere is put again as well", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    two.living.add(owner);
    two.shelf.adopt(realm, owner);
    one.living.delete(owner);
    await pass(3_000);
    cluster.flush();
    two.shelf.lookAgain();
    await pass(2_500);
    expect(await one.find()).toEqual(gif("a"));
  });

  test("whose owner goes is not put, and taken away when the memory is back", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    cluster.reach.set("closed");
    one.shelf.gone(realm, owner);
    one.living.delete(owner);
    await pass(30_000);
    expect(one.shelf.find(one.id)).toBeUndefined();
    cluster.reach.set("open");
    await pass(1_500);
    expect(await two.find()).toBeUndefined();
  });

  test("nothing is kept longer than it would live anyway", async () => {
    one.shelf.put(realm, owner, gif("a"));
    await pass(1_000);
    cluster.reach.set("closed");
    one.shelf.gone(realm, owner);
    await pass(pictureTimes.ttl + 3_000);
    expect(one.shelf.size).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("a shelf that is full of what nobody could be given takes no more, and takes some when it could", async () => {
    cluster.reach.set("closed");
    const sessions = Array.from({ length: 300 }, (_, i) => must(parseSessionId(`session-${i}`.padEnd(22, "-"))));
    for (const session of sessions) one.living.add(session);
    const large = gif("", 262_000);
    const shown = sessions.map((session) => one.shelf.put(realm, session, large));
    expect(shown.filter((each) => each !== undefined).length).toBe(256);
    cluster.reach.set("open");
    await pass(5_000);
    expect(one.counts["put"]).toBeGreaterThanOrEqual(256);
    const last = sessions.at(-1) ?? owner;
    expect(one.shelf.put(realm, last, large)).toBeDefined();
    await pass(1_000);
    for (const session of sessions.slice(0, 256)) {
      expect(await two.find(pictureIdsOf(one.signer, realm, session)[0])).toBeDefined();
    }
  });
});

test("many pictures are touched over the whole of the time, and a memory that is back is not run over", async () => {
  const sessions = Array.from({ length: 3_000 }, (_, i) => must(parseSessionId(`session-${i}`.padEnd(22, "-"))));
  for (const session of sessions) {
    one.living.add(session);
    one.shelf.put(realm, session, gif(session));
  }
  await pass(5_000);
  expect(one.counts).toEqual({ put: 3_000 });
  await pass(300_000);
  expect(one.counts["touch"]).toBeLessThanOrEqual(30_000);
  for (const session of sessions) expect(await two.find(pictureIdsOf(one.signer, realm, session)[0])).toBeDefined();
  one.living.clear();
  await pass(5_000);
  expect(one.shelf.size).toBe(0);
});
