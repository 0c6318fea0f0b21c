// The memory twins as ground: rows are written and broken on purpose here, before real servers take part.
import type { Clock } from "@heliograph/core";
import { MemoryCluster } from "@heliograph/core/memory";
import { SystemClock, systemRandom } from "@heliograph/system";
import type { Footing, FootingParts, Ground, Way } from "./ground.ts";

export class MemoryGround implements Ground {
  readonly #cluster: MemoryCluster;
  readonly #links = new Set<Way>();
  readonly log: Way;
  readonly memory: Way;

  constructor(clock: Clock = new SystemClock(() => undefined)) {
    this.#cluster = new MemoryCluster({ clock, random: systemRandom });
    const { reach } = this.#cluster;
    this.memory = {
      cut: () => reach.set("closed"),
      blackhole: () => reach.set("closed"),
      mend: () => reach.set("open"),
    };
    const everyone = (what: (way: Way) => void) => () => this.#links.forEach(what);
    this.log = {
      cut: everyone((way) => way.cut()),
      blackhole: everyone((way) => way.blackhole()),
      mend: everyone((way) => way.mend()),
    };
  }

  async footing({ id }: FootingParts): Promise<Footing> {
    const ports = this.#cluster.node(id);
    const { link, reach } = ports;
    // A link that has fallen silent is known for it after a while; the twin is told at once.
    const log: Way = { cut: () => link.cut(), blackhole: () => link.cut(), mend: () => link.mend() };
    this.#links.add(log);
    return {
      ports,
      log,
      memory: {
        cut: () => reach.set("closed"),
        blackhole: () => reach.set("closed"),
        mend: () => reach.set("open"),
      },
      held: () => ports.log.followed,
      leave: async () => {
        this.#links.delete(log);
        ports.kill();
      },
    };
  }

  async loseLog(): Promise<void> {
    await this.log.cut();
    this.#cluster.stream.rebirth();
    await this.log.mend();
  }

  async loseMemory(): Promise<void> {
    this.#cluster.flush();
  }

  async ownerless(): Promise<readonly string[]> {
    return [];
  }

  async end(): Promise<void> {
    // Nothing outlives its nodes.
  }
}
