// Every other twin keeps its port's promise.

import { clockContract } from "../../contract/clock.ts";
import { codesContract } from "../../contract/codes.ts";
import { countersContract } from "../../contract/counters.ts";
import { directoryContract } from "../../contract/directory.ts";
import { nodeId } from "../../contract/fixtures.ts";
import { iceSetsContract } from "../../contract/ice-sets.ts";
import type { MemoryStage } from "../../contract/memory-stage.ts";
import { nodesContract } from "../../contract/nodes.ts";
import { picturesContract } from "../../contract/pictures.ts";
import { randomContract } from "../../contract/random.ts";
import { roomCopiesContract } from "../../contract/room-copies.ts";
import type { Stage } from "../../contract/stage.ts";
import { turnIssuerContract } from "../../contract/turn-issuer.ts";
import { whisperContract } from "../../contract/whisper.ts";
import type { MemoryNode } from "./cluster.ts";
import { MemoryCluster } from "./cluster.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { hostile } from "./misbehaviour.ts";
import { SeededRandom } from "./seeded-random.ts";
import { MemoryTurnIssuer } from "./turn-issuer.ts";
import { VirtualClock } from "./virtual-clock.ts";

type Three<T> = readonly [T, T, T];

interface Cluster extends MemoryStage {
  readonly clock: VirtualClock;
  readonly links: { cut(node: number): Promise<void>; mend(node: number): Promise<void> };
  /** As the first of the nodes reaches the shared memory. */
  readonly link: { cut(): Promise<void>; mend(): Promise<void> };
  readonly emptying: { flush(): Promise<void> };
  three<T>(take: (node: MemoryNode) => T): Three<T>;
}

function newClock(random: SeededRandom): VirtualClock {
  return new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)), shuffle: random });
}

function onClock(clock: VirtualClock): Stage {
  return {
    until: async (holds) => {
      if (!(await clock.runUntil(holds))) throw new Error("it never came to pass");
    },
    round: () => clock.advance(20),
    end: async () => undefined,
  };
}

function cluster(misbehave: Partial<Misbehaviour> = {}, seed = 1): Cluster {
  const random = new SeededRandom(seed);
  const clock = newClock(random);
  const shared = new MemoryCluster({ clock, random });
  const [one, two, three] = [1, 2, 3].map((i) => shared.node(nodeId(i), misbehave));
  if (one === undefined || two === undefined || three === undefined) throw new Error("three nodes were made");
  const nodes = [one, two, three];
  return {
    ...onClock(clock),
    clock,
    three: (take) => [take(one), take(two), take(three)],
    links: {
      cut: async (node) => nodes[node]?.link.cut(),
      mend: async (node) => nodes[node]?.link.mend(),
    },
    link: { cut: async () => one.reach.set("closed"), mend: async () => one.reach.set("open") },
    emptying: { flush: async () => shared.flush() },
    outage: { begin: async () => shared.reach.set("closed"), end: async () => shared.reach.set("open") },
    passage: { pass: (ms) => clock.advance(ms) },
    end: async () => {
      for (const node of nodes) node.kill();
    },
  };
}

clockContract("virtual", async () => {
  const clock = newClock(new SeededRandom(1));
  return { ...onClock(clock), clock };
});

for (const seed of [0, 1, 0xffff_ffff]) {
  randomContract(`seeded with ${seed}`, async () => ({
    ...onClock(newClock(new SeededRandom(0))),
    random: new SeededRandom(seed),
  }));
}

for (const [name, ice] of [
  ["memory, everybody's", { ttl: 3600, expiry: "hard", shared: true }],
  ["memory, each session's own", { ttl: 3600, expiry: "admission", shared: false }],
  ["memory, without an end", { ttl: 0, expiry: "never", shared: true }],
] as const) {
  turnIssuerContract(name, async () => {
    const clock = newClock(new SeededRandom(1));
    const issuer = new MemoryTurnIssuer(clock, [{ urls: ["stun:stun.example"] }]);
    const login = (password: string) => ({
      ...ice,
      iceServers: [
        { urls: ["turn:turn.example?transport=udp"], username: "u", credential: password },
        { urls: ["stun:stun.example"] },
      ],
    });
    issuer.serve(login("first"));
    return {
      ...onClock(clock),
      issuer,
      renewal: { renew: async () => issuer.serve(login("another")) },
      withdrawal: { withdraw: async () => issuer.replace(login("another")) },
      loss: { lose: async () => issuer.lose(), recover: async () => issuer.serve(login("another")) },
    };
  });
}

const links: readonly (readonly [string, Partial<Misbehaviour>])[] = [
  ["memory", {}],
  ["memory, everything late", { delay: [0, 50] }],
  ["memory, much lost", { drop: 0.3, delay: [0, 50] }],
  ["memory, hostile links", hostile],
];
for (const [name, misbehave] of links) {
  whisperContract(name, async () => {
    const stage = cluster(misbehave);
    return { ...stage, whispers: stage.three(({ whisper }) => whisper) };
  });
  nodesContract(name, async () => {
    const stage = cluster(misbehave);
    return { ...stage, hints: { may: true }, numbers: { may: true }, nodes: stage.three(({ nodes }) => nodes) };
  });
}

/** The first two of three. */
function pair<T>([one, two]: Three<T>): readonly [T, T] {
  return [one, two];
}

roomCopiesContract("memory", async () => {
  const stage = cluster();
  return { ...stage, copies: pair(stage.three(({ copies }) => copies)) };
});
directoryContract("memory", async () => {
  const stage = cluster();
  return { ...stage, directories: pair(stage.three(({ directory }) => directory)) };
});
picturesContract("memory", async () => {
  const stage = cluster();
  return { ...stage, pictures: pair(stage.three(({ pictures }) => pictures)) };
});
countersContract("memory", async () => {
  const stage = cluster();
  return { ...stage, counters: pair(stage.three(({ counters }) => counters)) };
});
iceSetsContract("memory", async () => {
  const stage = cluster();
  const [one, two, reader] = stage.three(({ iceSets }) => iceSets);
  return { ...stage, iceSets: [one, two], reader };
});
codesContract("memory", async () => {
  const stage = cluster();
  return { ...stage, codes: pair(stage.three(({ codes }) => codes)) };
});
