// The SDK in Node against real edges: whatever is cut, moved or reloaded, nothing is lost and nothing comes twice.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningEdge } from "../kit/edges.ts";
import { Edges } from "../kit/edges.ts";
import { newClient, TabStorage, TestMember } from "../kit/member.ts";
import { until } from "../kit/until.ts";
import { Wire } from "../kit/wire.ts";

/** Chance that the same seed draws again, for what is cut when. */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    // Lehmer's generator, in the constants of Park and Miller.
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** The deadlines and the heartbeat of the SDK, in milliseconds; every other wait is a back-off or a pause for company. */
const deadlines: ReadonlySet<number> = new Set([3_000, 10_000, 25_000]);

/** The SDK's own clock with its back-off cut short: thirty cuts would otherwise take thirty growing waits. */
const hurried = {
  now: () => performance.now(),
  after(delay: number, call: () => void) {
    const timer = setTimeout(call, deadlines.has(delay) ? delay : Math.min(delay, 30));
    return () => clearTimeout(timer);
  },
};

/** The clock of a page that is left: its client tries nothing any more, and says no goodbye either. */
function leavable() {
  let left = false;
  const clock = {
    now: () => performance.now(),
    after(delay: number, call: () => void) {
      const timer = setTimeout(() => left || call(), delay);
      return () => clearTimeout(timer);
    },
  };
  return {
    clock,
    leave: () => {
      left = true;
    },
  };
}

const keyOf = (url: string) => `heliograph:${url}`;
const keptBy = (storage: TabStorage, url: string) => storage.getItem(keyOf(url)) ?? "";

describe("over real sockets", () => {
  let edges: Edges;
  const members: TestMember[] = [];
  const wires: Wire[] = [];

  beforeEach(() => {
    edges = new Edges();
  });

  afterEach(async () => {
    for (const member of members.splice(0)) member.close();
    for (const wire of wires.splice(0)) await wire.end();
    await edges.end();
    expect(edges.faults).toStrictEqual([]);
  });

  async function through(running: RunningEdge): Promise<{ readonly wire: Wire; readonly url: string }> {
    const wire = await Wire.to(running.edge.port);
    wires.push(wire);
    return { wire, url: `ws://127.0.0.1:${wire.port}/v1/socket` };
  }

  async function member(...how: Parameters<typeof TestMember.join>): Promise<TestMember> {
    const joined = await TestMember.join(...how);
    members.push(joined);
    return joined;
  }

  test("hundreds of lines over sockets that are cut again and again arrive once each, in order", async () => {
    const running = await edges.start();
    const { wire, url } = await through(running);
    const ann = await member(url, "tea", { speaks: "json", clock: hurried });
    const bob = await member(url, "tea", { speaks: "msgpack", clock: hurried });
    const cat = await member(running.url, "tea");
    const chance = chanceOf(2026);
    const total = 240;
    const said: Promise<void>[] = [];
    let cuts = 0;
    for (let line = 0; line < total; line += 1) {
      said.push(ann.say(`ann ${line}`), bob.say(`bob ${line}`));
      if (line % 8 === 0) {
        // Lets the sockets carry something before the next cut.
        await until(
          "both speak, and something came through",
          () => wire.sockets.length === 2 && cat.lines.length > line,
        );
        wire.sockets[Math.floor(chance() * 2)]?.cut();
        cuts += 1;
      }
    }
    await Promise.all(said);
    await until("everything has arrived", () => cat.lines.length >= 2 * total);
    const lines = (name: string) => Array.from({ length: total }, (_, line) => `${name} ${line}`);
    await until("everything has arrived at both", () => ann.lines.length >= total && bob.lines.length >= total);
    expect(ann.lines).toStrictEqual(lines("bob"));
    expect(bob.lines).toStrictEqual(lines("ann"));
    const heard = (name: string) => cat.lines.filter((line) => String(line).startsWith(name));
    expect([heard("ann"), heard("bob")]).toStrictEqual([lines("ann"), lines("bob")]);
    expect(cat.lines).toHaveLength(2 * total);
    expect([ann, bob, cat].flatMap(({ gaps }) => gaps)).toStrictEqual([]);
    expect(cuts).toBe(30);
    expect(wire.made).toBeGreaterThan(cuts);
  });

  test("a half-open socket is noticed, and what was said into it arrives once", async () => {
    edges = new Edges({ LIMITS_HEARTBEAT: "1s" });
    const running = await edges.start();
    const { wire, url } = await through(running);
    const ann = await member(url, "tea", {
      speaks: "msgpack",
      // A silence of ten seconds is long enough in the world, and too long for a test.
      clock: { ...hurried, after: (delay, call) => hurried.after(delay === 10_000 ? 500 : delay, call) },
    });
    const bob = await member(running.url, "tea");
    for (const strand of wire.strands) strand.stall();
    const said = [ann.say("one"), ann.say("two"), bob.say("three")];
    await Promise.all(said);
    await until("everything has arrived", () => bob.lines.length === 2 && ann.lines.length === 1);
    expect([bob.lines, ann.lines]).toStrictEqual([["one", "two"], ["three"]]);
    expect(ann.states).toStrictEqual(["reconnecting", "open"]);
  });

  test("a reloaded page goes on where it was: what was said meanwhile comes, once", async () => {
    const running = await edges.start();
    const { wire, url } = await through(running);
    const storage = new TabStorage();
    const page = leavable();
    const ann = await member(url, "tea", { storage, clock: page.clock });
    const bob = await member(running.url, "tea");
    await bob.say("before");
    await ann.say("from before");
    await until("it was heard", () => ann.lines.length === 1);
    // What the page had got to is written within a quarter of a second.
    await until("the place is kept", () => keptBy(storage, url).includes("tea"));
    page.leave();
    wire.open = false;
    wire.cutAll();
    await until("the others see it go", () => bob.members.some(({ change }) => change === "away"));
    await bob.say("meanwhile");
    wire.open = true;

    const again = newClient(url, { storage });
    await again.connect();
    expect(again.session).toBe(ann.client.session);
    const reloaded = await TestMember.with(again, "tea");
    members.push(reloaded);
    await until("what was missed has come", () => reloaded.lines.length > 0);
    await bob.say("after");
    await until("what comes later has come", () => reloaded.lines.includes("after"));
    expect(reloaded.lines).toStrictEqual(["meanwhile", "after"]);
    expect(reloaded.gaps).toStrictEqual([]);
    expect(bob.members.map(({ change }) => change)).toStrictEqual(["away", "back"]);
    await reloaded.say("from after");
    await until("its own lines count on", () => bob.lines.length === 2);
    expect(bob.lines).toStrictEqual(["from before", "from after"]);
  });

  test("a node that drains hands its clients over before they leave it: nobody sees anybody away", async () => {
    const east = await edges.start();
    const west = await edges.start();
    // East first for those who are to move, and only west for who watches.
    const movers = await Promise.all([
      member([east.url, west.url], "tea", { speaks: "json" }),
      member([east.url, west.url], "tea", { speaks: "msgpack" }),
    ]);
    const watcher = await member(west.url, "tea");
    const all = [...movers, watcher];
    await until("everybody is there", () => all.every(({ room }) => room.members.size === 3));
    for (const each of all) each.members.length = 0;

    let line = 0;
    const said: Promise<void>[] = [];
    let talking = true;
    const talk = async (): Promise<void> => {
      while (talking) {
        line += 1;
        said.push(...movers.map((each, index) => each.say(`${index} ${line}`)));
        await Promise.all(said.slice(-2));
      }
    };
    const talked = talk();
    await until("they talk", () => watcher.lines.length > 20);
    await east.edge.drain();
    expect(east.edge.held().connections).toBe(0);
    const after = watcher.lines.length;
    await until("they go on talking", () => watcher.lines.length > after + 20);
    talking = false;
    await talked;
    await Promise.all(said);
    await until("everything has arrived", () => watcher.lines.length === 2 * line);

    for (const [index] of movers.entries()) {
      const heard = watcher.lines.filter((text) => String(text).startsWith(`${index} `));
      expect(heard).toStrictEqual(Array.from({ length: line }, (_, at) => `${index} ${at + 1}`));
    }
    expect(all.flatMap(({ members }) => members.map(({ change }) => change))).not.toContain("away");
    expect(all.flatMap(({ members }) => members.map(({ change }) => change))).not.toContain("left");
    expect(all.flatMap(({ gaps }) => gaps)).toStrictEqual([]);
    // Never without a connection: the new one was there before the old one went.
    expect(movers.map(({ states }) => states)).toStrictEqual([[], []]);
    expect(movers.every(({ client }) => client.state === "open")).toBe(true);
  });

  test("two pages that claim one session: the newer one speaks, the older one is told", async () => {
    const running = await edges.start();
    const storage = new TabStorage();
    const ann = await member(running.url, "tea", { storage });
    await until("the place is kept", () => keptBy(storage, running.url).includes("tea"));
    const taken: unknown[] = [];
    ann.client.on("taken_over", (event) => taken.push(event));
    const copy = new TabStorage();
    copy.setItem(keyOf(running.url), keptBy(storage, running.url));
    const twin = newClient(running.url, { storage: copy });
    await twin.connect();
    await until("the first one is told", () => taken.length === 1);
    expect(ann.client.state).toBe("closed");
    members.push(await TestMember.with(twin, "tea"));
    expect(twin.state).toBe("open");
  });
});
