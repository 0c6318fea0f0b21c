// What no node of this version would write stands in the log: skipped, counted, told, and every host goes on alike.
import { Room } from "@heliograph/core";
import { expect } from "vitest";
import type { Row } from "./fault.ts";
import { fault } from "./fault.ts";
import { RealGround } from "./real-ground.ts";
import { edgesOf, keyOf } from "./room.ts";
import { bundleOf, Stranger } from "./stranger.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

const text = (value: string): Uint8Array => Buffer.from(value);

const row: Row = {
  beside: true,
  timeout: 90_000,
  ground: () => RealGround.start(),
  expected: /^bundle: .* an unreadable bundle/,
};

fault("bad entries on the bus", row, async (house, measured) => {
  const { nats } = house.ground instanceof RealGround ? house.ground : { nats: undefined };
  if (nats === undefined) throw new Error("this row stands on real servers");
  const [east, west] = await edgesOf(house, 2);
  const stranger = await Stranger.at(nats.urls);
  house.after(() => stranger.end());
  const ann = await house.member([east], "tea");
  const bob = await house.member([west], "tea", { speaks: "msgpack" });
  const talk = new Talk([ann, bob]);
  await talk.goesOn(10_000);
  const subject = stranger.subjectOf("tea") ?? "";
  expect(subject).toMatch(/^hg\.in\.\d\.default\.tea$/);
  const self = ann.room.self;
  const [node] = house.nodesOf(ann);
  const epoch = [1, 0, node];
  const zeros = new Uint8Array(200_000);
  const other = "A".repeat(22);

  const bundles: readonly (readonly [what: string, bytes: Uint8Array])[] = [
    ["nothing", new Uint8Array(0)],
    ["one byte", Uint8Array.of(1)],
    ["noise", Uint8Array.from({ length: 400 }, (_, at) => (at * 7_919 + 31) % 256)],
    ["zeros", zeros],
    ["text", text('{"type":"broadcast","body":"in the clear"}')],
    ["another framing", bundleOf([{ head: ["keep", node] }], 2)],
    ["half a bundle", bundleOf([{ head: ["broadcast", self, epoch, 1, "json"], body: text('"x"') }]).subarray(0, 30)],
    ["lengths beyond the end", Buffer.concat([bundleOf([]), Buffer.from([0x7f, 255, 255, 255, 0, 0, 0, 1, 2])])],
    ["a kind of a later version", bundleOf([{ head: ["dance", self, epoch, 1, { steps: [1, 2, 3] }] }])],
    ["a kind with a long name", bundleOf([{ head: ["x".repeat(5_000)] }])],
    ["no kind", bundleOf([{ head: [] }, { head: {} }, { head: 7 }, { head: null }, { head: [null] }])],
    ["fields of a later version", bundleOf([{ head: ["keep", node, "why", { since: 3 }, [1]] }])],
    ["a join of nobody", bundleOf([{ head: ["join", "", epoch, "short", [], -1, ["m"], 1, "king", 0, 0] }])],
    ["a leave with a negative number", bundleOf([{ head: ["leave", self, epoch, -1] }])],
    ["a leave of another epoch", bundleOf([{ head: ["leave", self, [99, 0, other], 9_999] }])],
    ["an away of another epoch", bundleOf([{ head: ["away", self, [1, 7, other]] }])],
    ["a left of somebody present", bundleOf([{ head: ["left", self, epoch] }])],
    ["a broadcast of a stranger", bundleOf([{ head: ["broadcast", other, epoch, 1, "json"], body: text('"hi"') }])],
    ["a body of an unknown codec", bundleOf([{ head: ["broadcast", self, epoch, 5_000, "cbor"], body: zeros }])],
    ["settings of a later version", bundleOf([{ head: ["settings", self, [99, 0, other], 1, { colour: "red" }] }])],
    ["a state that is none", bundleOf([{ head: ["adopt", node], body: text("what a state") }])],
    ["a state of nothing", bundleOf([{ head: ["adopt", node] }])],
    ["good, bad and good", bundleOf([{ head: ["keep", node] }, { head: ["dance"] }, { head: ["keep", node] }])],
  ];
  for (const [what, bytes] of bundles) {
    await stranger.say(subject, bytes);
    await talk.goesOn(5_000, 1).catch((error: unknown) => {
      throw new Error(`after ${what}: ${error}`, { cause: error });
    });
  }
  // Beats, digests, questions to hosts and volatile messages are read by the same nodes.
  const spoken = subject.slice("hg.in.".length);
  const noises = [
    zeros,
    new Uint8Array(0),
    bundleOf([{ head: [node, 1] }]),
    text("{}"),
    Uint8Array.of(0x93, 1, 0xc0, 0xc1),
  ];
  for (const heard of ["hg.n.beat", "hg.n.digest", `hg.h.${spoken}`, `hg.v.${spoken}`]) {
    for (const noise of noises) await stranger.tell(heard, noise);
  }
  await talk.goesOn(5_000, 5);
  measured("longest without an answer", talk.longestSilence);
  const unknown = house.seen("unknown_entry", east.happened).map(({ kind }) => kind);
  expect(new Set(unknown)).toStrictEqual(new Set(["unreadable", "dance", "x".repeat(32)]));
  expect(house.seen("unknown_entry", west.happened)).toHaveLength(unknown.length);
  expect(unknown.length).toBeGreaterThan(12);
  // Each node tells the first of them, with its place; the rest is counted.
  expect(house.faults).toHaveLength(house.edges.length);

  await talk.judge();
  expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
  expect([ann, bob].map(({ room }) => room.members.size)).toStrictEqual([2, 2]);
  // Both hosts hold the state that the log gives to whoever reads it from its beginning.
  const quiet = performance.now();
  await within(13_000, "digests have been compared", () => performance.now() - quiet > 11_000);
  expect(house.seen("digest_alarm")).toStrictEqual([]);
  const third = await house.edge();
  const [copy, log] = [await third.footing.ports.nodes.ask(keyOf("tea")), third.footing.ports.log];
  const rules = { version: 1, logLife: house.settings.logLife };
  const read = await log.read(keyOf("tea"), undefined, copy?.at.seq ?? 0);
  const room = Room.fresh(keyOf("tea"), rules);
  for (const { seq, time, entries } of read.bundles)
    entries.forEach((entry, index) => {
      room.apply(entry, { seq, index, time });
    });
  expect(copy).toBeDefined();
  if (copy !== undefined) expect(Room.revive(keyOf("tea"), copy, rules).digest()).toBe(room.digest());
});

fault(
  "a body on the bus that no codec can read",
  { beside: true, timeout: 90_000, ground: () => RealGround.start(), expected: /an encoder|stored body/ },
  async (house, measured) => {
    const { nats } = house.ground instanceof RealGround ? house.ground : { nats: undefined };
    if (nats === undefined) throw new Error("this row stands on real servers");
    const [east, west] = await edgesOf(house, 2);
    const stranger = await Stranger.at(nats.urls);
    house.after(() => stranger.end());
    const ann = await house.member([east], "tea");
    const bob = await house.member([west], "tea", { speaks: "msgpack" });
    const cat = await house.member([west], "tea");
    const errors: unknown[] = [];
    for (const { client } of [ann, bob, cat]) client.on("error", (error) => errors.push(error));
    const voice = await house.member([east], "tea");
    await voice.say("before");
    await within(5_000, "it was heard", () => [ann, bob, cat].every(({ lines }) => lines.includes("before")));
    const epoch = [1, 0, house.nodesOf(voice)[0]];
    const broken = bundleOf([
      { head: ["broadcast", voice.room.self, epoch, 2, "json"], body: text('{"half":') },
      { head: ["broadcast", voice.room.self, epoch, 3, "msgpack"], body: Uint8Array.of(0x92, 0x01) },
    ]);
    await stranger.say(stranger.subjectOf("tea") ?? "", broken);
    const began = performance.now();
    const rest = [ann, bob, cat];
    await rest[0]?.say("after");
    await within(
      10_000,
      "the others hear what comes after",
      () => bob.lines.includes("after") && cat.lines.includes("after"),
    );
    measured("what comes after is heard after", performance.now() - began);
    const moved = rest.map((member) => house.nodesOf(member).length);
    await within(8_000, "nobody goes round in circles", () => {
      expect(rest.map((member) => house.nodesOf(member).length)).toStrictEqual(moved);
      return performance.now() - began > 6_000;
    });
    process.stdout.write(`    connections each: ${moved.join(", ")}; errors of the SDK: ${errors.length}\n`);
  },
);
