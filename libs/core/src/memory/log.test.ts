// The memory log keeps the promise of Log, over a good link and over every kind of bad one.

import { nodeId } from "../../contract/fixtures.ts";
import type { LogUnderTest } from "../../contract/log.ts";
import { logContract } from "../../contract/log.ts";
import { MemoryCluster } from "./cluster.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { hostile } from "./misbehaviour.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

function logsThat(misbehave: Partial<Misbehaviour>, seed: number): () => Promise<LogUnderTest> {
  return async () => {
    const random = new SeededRandom(seed);
    const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)), shuffle: random });
    const cluster = new MemoryCluster({ clock, random });
    const nodes = [0, 1, 2].map((i) => cluster.node(nodeId(i), misbehave));
    const [one, two, three] = nodes;
    if (one === undefined || two === undefined || three === undefined) throw new Error("three nodes were made");
    return {
      logs: [one.log, two.log, three.log],
      until: async (holds) => {
        if (!(await clock.runUntil(holds))) throw new Error("it never came to pass");
      },
      round: () => clock.advance(20),
      links: {
        cut: async (node) => nodes[node]?.link.cut(),
        mend: async (node) => nodes[node]?.link.mend(),
      },
      copies: (misbehave.drop ?? 0) === 0 ? { sure: true } : { lacks: "its link loses copies" },
      rebirth: async () => cluster.stream.rebirth(),
      ageOut: async () => cluster.stream.evict(),
      end: async () => {
        for (const node of nodes) node.kill();
      },
    };
  };
}

logContract("memory", logsThat({}, 0));
logContract("memory, copies dropped", logsThat({ drop: 0.5 }, 1));
logContract("memory, every copy dropped", logsThat({ drop: 1 }, 2));
logContract("memory, copies doubled", logsThat({ double: 0.5 }, 3));
logContract("memory, everything late", logsThat({ delay: [0, 50] }, 4));
logContract("memory, copies out of order", logsThat({ delay: [0, 50], reorder: 0.5 }, 5));
logContract("memory, acknowledgements lost", logsThat({ ackLoss: 0.3 }, 6));
logContract("memory, appends stored twice", logsThat({ appendTwice: 0.3 }, 7));
logContract("memory, replicas that lag", logsThat({ drop: 0.3, readLag: [0, 500] }, 8));
logContract("memory, reads that fail", logsThat({ drop: 0.3, readFail: 0.5 }, 9));
logContract("memory, follows known late", logsThat({ proveLag: [0, 300] }, 10));
for (let seed = 11; seed < 16; seed += 1) logContract(`memory, hostile links ${seed}`, logsThat(hostile, seed));
