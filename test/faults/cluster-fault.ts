// A row that needs processes which die, pause or drain: a whole cluster on this machine, and clients that know its edges.
import { type EdgeProcess, LocalCluster, type LocalClusterOptions } from "@heliograph/cluster";
import { expect, test } from "vitest";
import type { Measured } from "./fault.ts";
import { Guests } from "./guests.ts";

export interface ClusterRow extends Partial<LocalClusterOptions> {
  /** Milliseconds. */
  readonly timeout?: number;
}

/** The grace of these clusters: longer than a dead node goes unnoticed, shorter than in production. */
export const grace = 8_000;

export class Village {
  readonly cluster: LocalCluster;
  readonly #guests = new Guests();
  readonly member: Guests["member"] = (...asked) => this.#guests.member(...asked);
  readonly nodesOf: Guests["nodesOf"] = (member) => this.#guests.nodesOf(member);

  constructor(cluster: LocalCluster) {
    this.cluster = cluster;
  }

  edge(at: number): EdgeProcess {
    const edge = this.cluster.edges[at];
    if (edge === undefined) throw new Error(`there is no edge ${at}`);
    return edge;
  }

  /** Lines of the log of every edge and keeper that tell of this event. */
  logged(event: string): readonly string[] {
    const parts = [...this.cluster.edges, ...this.cluster.keepers];
    return parts.flatMap(({ log }) => log.split("\n").filter((line) => line.includes(`"event":"${event}"`)));
  }

  async end(): Promise<void> {
    this.#guests.end();
    await this.cluster.stop();
  }
}

export function clusterFault(
  name: string,
  row: ClusterRow,
  play: (village: Village, measured: Measured) => Promise<void>,
): void {
  const { timeout = 90_000, settings = {}, ...options } = row;
  test(name, { timeout }, async () => {
    const cluster = await LocalCluster.start({
      edges: 3,
      keepers: 1,
      nats: 1,
      redis: "single",
      settings: { limits: { grace }, ...settings },
      ...options,
    });
    const village = new Village(cluster);
    const lines: string[] = [];
    try {
      await play(village, (what, ms) => lines.push(`${what} ${(ms / 1_000).toFixed(2)} s`));
      expect(village.logged("fault")).toStrictEqual([]);
    } finally {
      await village.end();
      if (lines.length > 0) process.stdout.write(`    ${name}: ${lines.join(", ")}\n`);
    }
  });
}
