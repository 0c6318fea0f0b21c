// Hears on the bus what the hosts of the rooms tell each other of their states, and writes it down.
import { join } from "node:path";
import type { Bus } from "@heliograph/bus";
import { openBus } from "@heliograph/bus";
import { newNodeId } from "@heliograph/core";
import { MemoryCluster } from "@heliograph/core/memory";
import { SystemClock, systemRandom } from "@heliograph/system";
import type { DigestLine } from "../checker/journal.ts";
import { JournalFile } from "./journal-file.ts";

export class DigestListener {
  readonly #bus: Bus;
  readonly #journal: JournalFile<DigestLine>;
  /** The last word of each host about each room, since the silence began. */
  #last = new Map<string, Map<string, string>>();
  readonly #stop: () => void;

  private constructor(bus: Bus, journal: JournalFile<DigestLine>) {
    this.#bus = bus;
    this.#journal = journal;
    this.#stop = bus.nodes.onDigests(({ node, digests }) => {
      for (const { room, seq, time, digest } of digests) {
        journal.write({ what: "digest", node, room, seq, time, digest });
        const hosts = this.#last.get(room) ?? new Map<string, string>();
        this.#last.set(room, hosts.set(node, `${seq} ${digest}`));
      }
    });
  }

  static async start(servers: readonly string[], folder: string): Promise<DigestListener> {
    const clock = new SystemClock(() => undefined);
    const { copies } = new MemoryCluster({ clock, random: systemRandom }).node(newNodeId(systemRandom));
    const observer = { observe: () => undefined };
    const bus = await openBus(
      {
        servers,
        name: "digest listener",
        shards: 4,
        replicas: servers.length,
        maxAge: 300_000,
        maxBytes: 512 << 20,
        storage: "file",
        largestFrame: 65_536,
      },
      { clock, random: systemRandom, observer, copies },
    );
    return new DigestListener(bus, new JournalFile(join(folder, "digests.jsonl")));
  }

  /** From now on nothing is said in the rooms: what hosts told before counts no longer. */
  silence(): void {
    this.#last = new Map();
  }

  /** In this silence all of these nodes have spoken, of so many rooms, and the hosts of each room say the same. */
  agreed(nodes: ReadonlySet<string>, rooms: number): boolean {
    const all = [...this.#last.values()];
    const speaking = new Set(all.flatMap((each) => [...each.keys()]));
    const whole = [...nodes].every((node) => speaking.has(node)) && all.length >= rooms;
    return whole && all.every((each) => new Set(each.values()).size === 1);
  }

  async end(): Promise<void> {
    this.#stop();
    await this.#bus.close();
    await this.#journal.end();
  }
}
