// Several nodes over one memory behave as a cluster: replicas agree, storage ends, links break and heal, nothing is left.

import type { RoomKey } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { freshRoom, memberId, nodeId, said, sessionId, wordOf } from "../../contract/fixtures.ts";
import type { Follower, Stored } from "../ports/log.ts";
import { Unreachable } from "../ports/unreachable.ts";
import type { Entry } from "../room/entry.ts";
import { Room } from "../room/room.ts";
import type { MemoryNode } from "./cluster.ts";
import { MemoryCluster } from "./cluster.ts";
import { hostile } from "./misbehaviour.ts";
import { SeededRandom } from "./seeded-random.ts";
import type { Retention } from "./stream.ts";
import { VirtualClock } from "./virtual-clock.ts";

const rules = { version: 1, logLife: 300_000 };

function world(seed = 1, retention?: Retention) {
  const random = new SeededRandom(seed);
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)), shuffle: random });
  const cluster = new MemoryCluster({ clock, random, ...(retention === undefined ? {} : { retention }) });
  const until = async (holds: () => boolean): Promise<void> => {
    if (!(await clock.runUntil(holds))) throw new Error("it never came to pass");
  };
  return { random, clock, cluster, until };
}

/** A follow with a real room behind it. */
class Replica implements Follower {
  readonly room: Room;
  readonly heard: Stored[] = [];
  broke: "lost" | "reborn" | undefined;
  readonly #node: MemoryNode;
  readonly #key: RoomKey;

  constructor(node: MemoryNode, key: RoomKey) {
    this.#node = node;
    this.#key = key;
    this.room = Room.fresh(key, rules);
  }

  async follow(): Promise<(seq: number) => void> {
    const follow = this.#node.log.follow(this.#key, this);
    await follow.proved;
    follow.start(undefined);
    return (seq) => follow.mention(seq);
  }

  stored(bundle: Stored): void {
    this.heard.push(bundle);
    for (const [index, entry] of bundle.entries.entries()) {
      this.room.apply(entry, { seq: bundle.seq, index, time: bundle.time });
    }
  }

  broken(why: "lost" | "reborn"): void {
    this.broke = why;
  }
}

/** What member `by` says as its `n`-th: every kind of entry, some of them refused. */
function spoken(n: number, by: number, random: SeededRandom): Entry {
  const epoch = { attempt: 1, bump: 0, node: nodeId(by) };
  const from = memberId(by);
  const body = { codec: "json", bytes: new TextEncoder().encode(`${n}`) } as const;
  switch (Math.floor(random.fraction() * 6)) {
    case 0:
      return { kind: "signal", from, epoch, n, to: memberId(Math.floor(random.fraction() * 4)), body };
    case 1:
      return { kind: "data", from, epoch, n, key: `k${n % 3}`, value: body, owned: n % 2 === 0 };
    case 2:
      return { kind: "profile", from, epoch, n, profile: { name: `${by} the ${n}th` } };
    case 3:
      return { kind: "away", member: memberId(Math.floor(random.fraction() * 4)), epoch };
    case 4:
      return { kind: "settings", from, epoch, n, change: { locked: n % 2 === 0 } };
    default:
      return said(n, by);
  }
}

function joining(by: number): Entry {
  const epoch = { attempt: 1, bump: 0, node: nodeId(by) };
  return { kind: "join", from: memberId(by), epoch, session: sessionId(by), profile: {}, grace: 30_000, marks: [] };
}

/** Three nodes talk over hostile links; the digests of their replicas and what each was told. */
async function conversation(seed: number) {
  const { random, clock, cluster, until } = world(seed);
  const key = freshRoom();
  const nodes = [0, 1, 2].map((i) => cluster.node(nodeId(i), hostile));
  const replicas = nodes.map((node) => new Replica(node, key));
  const following = Promise.all(replicas.map((replica) => replica.follow()));
  let mentions: ((seq: number) => void)[] = [];
  void following.then((all) => {
    mentions = all;
  });
  await until(() => mentions.length === 3);
  let speaking = 3;
  let last = 0;
  for (const [by, node] of nodes.entries()) {
    void (async () => {
      await node.log.append(key, [joining(by)]);
      for (let n = 1; n <= 20; n += 2) {
        const { seq } = await node.log.append(key, [spoken(n, by, random), spoken(n + 1, by, random)]);
        last = Math.max(last, seq);
      }
      speaking -= 1;
    })();
  }
  // One of them is cut off for a while in the middle of it.
  clock.after(200, () => nodes[seed % 3]?.link.cut());
  clock.after(900, () => nodes[seed % 3]?.link.mend());
  await until(() => speaking === 0);
  for (const mention of mentions) mention(last);
  await until(() => replicas.every(({ room }) => room.at.seq >= last));
  // Appends that stand twice may stand behind the last acknowledgement: every replica hears of them by mention too.
  await clock.advance(1000);
  for (const mention of mentions) mention(cluster.stream.last.seq);
  await until(() => replicas.every(({ room }) => room.at.seq === cluster.stream.last.seq));
  for (const node of nodes) node.kill();
  await clock.advance(5000);
  return { replicas, clock, cluster };
}

describe("replicas over hostile links", () => {
  test("replicas that saw the same stream have the same state, whatever their links did", async () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const { replicas, cluster } = await conversation(seed);
      const [first, ...others] = replicas.map(({ room }) => room.digest());
      for (const other of others) expect(other, `seed ${seed}`).toBe(first);
      const [key] = replicas.map(({ room }) => room.key);
      const stored = key === undefined ? [] : cluster.stream.between(key, 0, cluster.stream.last.seq);
      for (const { heard, broke } of replicas) {
        expect(heard.map(({ seq }) => seq)).toEqual(stored.map(({ seq }) => seq));
        expect(broke).toBeUndefined();
      }
    }
  });

  test("a seed replays", async () => {
    const trace = async () => {
      const { replicas, clock } = await conversation(7);
      return { digest: replicas[0]?.heard.map(({ seq, time }) => `${seq} ${time}`), now: clock.now() };
    };
    expect(await trace()).toEqual(await trace());
  });
});

describe("on good links", () => {
  test("a live copy comes before the acknowledgement of the same append, both in the same turn of the loop", async () => {
    const { clock, cluster } = world();
    const node = cluster.node(nodeId(1));
    const told: string[] = [];
    const room = freshRoom();
    const follow = node.log.follow(room, {
      stored: (bundle) => told.push(`copy ${bundle.entries.map(wordOf).join(" ")}`),
      broken: () => undefined,
    });
    await follow.proved;
    follow.start(undefined);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    for (const n of [1, 2]) void node.log.append(room, [said(n)]).then(({ seq }) => told.push(`stored ${seq}`));
    told.push("called");
    await node.log.append(room, [said(3)]);
    expect(turned).toBe(false);
    expect(told).toEqual(["called", ...[1, 2, 3].map((n) => `copy ${wordOf(said(n))}`), "stored 1", "stored 2"]);
    follow.end();
    await clock.advance(0);
  });

  test("nothing is copied: a bundle goes out as it came in", async () => {
    const { cluster } = world();
    const node = cluster.node(nodeId(1));
    const room = freshRoom();
    const bundle = [said(1)];
    const { seq } = await node.log.append(room, bundle);
    const { bundles } = await node.log.read(room, undefined, seq);
    expect(bundles[0]?.entries).toBe(bundle);
  });
});

describe("retention", () => {
  test("what is older than its age or beyond the bytes goes, oldest first, and idle rooms leave nothing behind", async () => {
    const { clock, cluster } = world(1, { maxAge: 1000, maxBytes: 4000 });
    const { log } = cluster.node(nodeId(1));
    const [one, two] = [freshRoom(), freshRoom()];
    await log.append(one, [said(1)]);
    await clock.advance(600);
    const second = await log.append(two, [said(2)]);
    await clock.advance(600);
    expect(await log.first(one)).toBeUndefined();
    expect(await log.tail(one)).toBeUndefined();
    expect(await log.tail(two)).toBe(second.seq);
    for (let n = 0; n < 100; n += 1) await log.append(one, [said(n)]);
    expect(await log.tail(two)).toBeUndefined();
    const { bundles } = await log.read(one, undefined, cluster.stream.last.seq);
    expect(bundles.length).toBeGreaterThan(5);
    expect(bundles.length).toBeLessThan(50);
    expect(bundles.at(-1)?.seq).toBe(cluster.stream.last.seq);
    await clock.advance(5000);
    expect(cluster.stream.rooms).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("a room whose last bundle has aged out begins again with predecessor 0", async () => {
    const { clock, cluster } = world(1, { maxAge: 1000, maxBytes: 1 << 20 });
    const { log } = cluster.node(nodeId(1));
    const room = freshRoom();
    const first = cluster.stream.store(room, [said(1)]);
    const second = cluster.stream.store(room, [said(2)]);
    expect([first.previous, second.previous]).toEqual([0, first.seq]);
    await clock.advance(2000);
    expect(cluster.stream.store(room, [said(3)]).previous).toBe(0);
    expect(await log.read(room, { seq: 1, index: 0, time: first.time }, 3)).toMatchObject({ why: "too_old" });
  });

  test("times never fall, though the clock does", async () => {
    const { cluster, clock } = world();
    const slow = new MemoryCluster({
      clock: { now: () => 5000 - clock.timers, after: (ms, call) => clock.after(ms, call), endOfTurn: () => undefined },
      random: new SeededRandom(1),
    });
    const room = freshRoom();
    const times = [1, 2, 3].map((n) => {
      clock.after(n, () => undefined);
      return slow.stream.store(room, [said(n)]).time;
    });
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(cluster.stream.last.seq).toBe(0);
  });

  test("a follow from the first bundle is broken when its link was down for longer than anything is kept", async () => {
    const { clock, cluster, until } = world(1, { maxAge: 1000, maxBytes: 1 << 20 });
    const [one, two] = [cluster.node(nodeId(1)), cluster.node(nodeId(2))];
    const key = freshRoom();
    const replica = new Replica(two, key);
    await replica.follow();
    two.link.cut();
    await one.log.append(key, [said(1)]);
    await clock.advance(1500);
    two.link.mend();
    await until(() => replica.broke === "lost");
  });
});

describe("broken links", () => {
  test("a half-open link looks up, delivers late, and loses nothing", async () => {
    const { clock, cluster, until } = world();
    const [one, two] = [cluster.node(nodeId(1)), cluster.node(nodeId(2))];
    const key = freshRoom();
    const replica = new Replica(two, key);
    await replica.follow();
    await one.log.append(key, [joining(1)]);
    two.link.stall();
    expect(two.log.link).toBe("up");
    await one.log.append(key, [said(1)]);
    let acknowledged = 0;
    void two.log.append(key, [joining(2)]).then(({ seq }) => {
      acknowledged = seq;
    });
    const asked = two.log.tail(key).catch((error: unknown) => error);
    await clock.advance(3000);
    expect(await asked).toBeInstanceOf(Unreachable);
    expect(replica.heard.length).toBe(1);
    expect(acknowledged).toBe(0);
    two.link.mend();
    await until(() => acknowledged > 0 && replica.room.at.seq === cluster.stream.last.seq);
    // Every attempt that was under way arrives now: the append stands more than once, and the room hears it once.
    expect(replica.heard.length).toBeGreaterThan(3);
    expect(replica.room.size).toBe(2);
  });

  test("what is under way when a link is cut never arrives, not even after it is mended", async () => {
    const { clock, cluster } = world();
    const node = cluster.node(nodeId(1), { delay: [10, 10] });
    const arrived: string[] = [];
    node.link.pass(() => arrived.push("before the cut"));
    await clock.advance(5);
    node.link.cut();
    node.link.pass(() => arrived.push("while it was down"));
    node.link.mend();
    node.link.pass(() => arrived.push("after"));
    await clock.advance(100);
    expect(arrived).toEqual(["after"]);
  });

  test("a killed node is heard no more, and leaves no follow and no timer", async () => {
    const { clock, cluster } = world();
    const [one, two] = [cluster.node(nodeId(1)), cluster.node(nodeId(2))];
    const key = freshRoom();
    const replica = new Replica(two, key);
    await replica.follow();
    await one.log.append(key, [joining(1)]);
    await clock.settle();
    two.link.stall();
    const pending = two.log.append(key, [joining(2)]).catch((error: unknown) => error);
    two.kill();
    await one.log.append(key, [said(1)]);
    await clock.advance(10_000);
    expect(await pending).toBeInstanceOf(Unreachable);
    expect(replica.heard.length).toBe(1);
    expect(two.log.followed).toBe(0);
    await expect(two.copies.load(key)).rejects.toBeInstanceOf(Unreachable);
    one.kill();
    await clock.advance(1_000_000);
    expect(clock.timers).toBe(0);
    expect(cluster.stream.rooms).toBe(0);
  });

  test("an answer that is lost leaves the step done and its outcome unknown", async () => {
    const { cluster } = world();
    const node = cluster.node(nodeId(1));
    cluster.reach.set("answers lost");
    await expect(node.counters.add("guesses", 1000)).rejects.toBeInstanceOf(Unreachable);
    cluster.reach.set("open");
    expect((await node.counters.peek("guesses")).count).toBe(1);
  });

  test("a flushed memory holds nothing, and the log goes on", async () => {
    const { cluster } = world();
    const node = cluster.node(nodeId(1));
    const room = freshRoom();
    await node.copies.replace(room, Room.fresh(room, rules).toCopy());
    await node.counters.add("guesses", 1000);
    await node.log.append(room, [said(1)]);
    cluster.flush();
    expect(await node.copies.load(room)).toBeUndefined();
    expect((await node.counters.peek("guesses")).count).toBe(0);
    expect(await node.log.tail(room)).toBe(1);
  });
});
