// Which zones fail, as an edge reads it from what keepers have found.
import type { Clock, IceSets, Nodes, Random } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { Looks } from "../looks.ts";
import { sharingTimes } from "../sharing-times.ts";
import type { ZoneHealth } from "../zone-health.ts";
import { inARow } from "../zone-health.ts";
import type { ZoneFails } from "./zone-fails.ts";
import { probeNameOf, readFails } from "./zone-fails.ts";

export interface SharedZoneHealthParts {
  /** Whose servers are probed. */
  readonly providers: readonly string[];
  readonly sets: Pick<IceSets, "read">;
  readonly nodes: Pick<Nodes, "onIceSet">;
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
  fault(where: string, error: unknown): void;
}

interface Known {
  readonly fails: ZoneFails;
  /** Milliseconds since 1970 from which on nothing is known any more. */
  readonly until: number;
}

export class SharedZoneHealth implements ZoneHealth {
  readonly #parts: SharedZoneHealthParts;
  readonly #known = new Map<string, Known>();
  readonly #looks: Looks;
  readonly #unhear: () => void;

  constructor(parts: SharedZoneHealthParts) {
    this.#parts = parts;
    const { clock, random, nodes, providers } = parts;
    this.#looks = new Looks(() => this.#look(), clock, random, sharingTimes);
    const names = new Set(providers.map(probeNameOf));
    this.#unhear = nodes.onIceSet(({ provider }) => {
      if (names.has(provider)) this.#looks.now();
    });
  }

  start(): void {
    this.#looks.now();
  }

  close(): void {
    this.#looks.stop();
    this.#unhear();
  }

  failing(provider: string, zone: string): boolean {
    const known = this.#known.get(provider);
    if (known === undefined || known.until <= this.#parts.clock.now()) return false;
    return (known.fails.get(zone) ?? 0) >= inARow;
  }

  /** Never rejects. What was read before holds on while the memory is away, to its end. */
  async #look(): Promise<void> {
    const { providers, sets, clock, fault } = this.#parts;
    for (const provider of providers) {
      try {
        const { set } = await sets.read(probeNameOf(provider));
        if (set === undefined) this.#known.delete(provider);
        else this.#known.set(provider, { fails: readFails(set.bytes), until: clock.now() + set.left });
      } catch (error) {
        if (!(error instanceof Unreachable)) fault("what probes of TURN servers found", error);
      }
    }
  }
}
