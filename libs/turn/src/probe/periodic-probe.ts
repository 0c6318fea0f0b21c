// Probes a provider's servers again and again, one keeper of the cluster at a time, and tells edges which zones fail.
import type { Clock, IceSets, Nodes, Observer, Random } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { Looks } from "../looks.ts";
import type { ProbedServers, ZoneRound } from "./probe-round.ts";
import { probeRound } from "./probe-round.ts";
import { probeRelay } from "./relay-probe.ts";
import { failsAfter, probeNameOf, readFails, writeFails } from "./zone-fails.ts";

export interface PeriodicProbeParts {
  /** Of the provider. */
  readonly id: string;
  /** Milliseconds between two rounds, whichever keeper makes them. */
  readonly interval: number;
  /** What to probe now; undefined: nothing. */
  readonly servers: () => ProbedServers | undefined;
  readonly sets: Pick<IceSets, "read" | "claim" | "commit" | "fail">;
  readonly nodes: Pick<Nodes, "sayIceSet">;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  readonly probe?: typeof probeRelay;
}

/**
 * The claim of a shared set serves here as well: what a round found is stored for twice the interval, so that a claim is
 * given again once one interval is over, and a cluster without keepers forgets what it knew.
 */
export class PeriodicProbe {
  readonly #parts: PeriodicProbeParts;
  readonly #looks: Looks;
  /** Milliseconds since 1970 of the last round made here. */
  #last = 0;

  constructor(parts: PeriodicProbeParts) {
    this.#parts = parts;
    const { clock, random, interval } = parts;
    this.#looks = new Looks(() => this.#look(), clock, random, { look: interval / 4, spread: 0.2 });
  }

  start(): void {
    this.#looks.now();
  }

  stop(): void {
    this.#looks.stop();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { observer } = this.#parts;
    try {
      await this.#takeTurn();
    } catch (error) {
      if (error instanceof Unreachable) await this.#alone();
      else observer.observe({ type: "fault", where: "a probe of TURN servers", error });
    }
  }

  async #takeTurn(): Promise<void> {
    const { id, interval, sets, nodes, random, servers } = this.#parts;
    if (servers() === undefined) return;
    const name = probeNameOf(id);
    const token = Buffer.from(random.bytes(16)).toString("hex");
    const claim = await sets.claim(name, token);
    if (claim.is !== "yours") return;
    const round = await this.#round();
    const before = (await sets.read(name)).set;
    const fails = failsAfter(before === undefined ? new Map() : readFails(before.bytes), round);
    const generation = await sets.commit(name, token, writeFails(fails), 2 * interval);
    // Too slow, and another has made a round meanwhile: what it found is as good.
    if (generation !== undefined) nodes.sayIceSet({ provider: name, generation });
  }

  /** Without the memory nobody knows whether another keeper probes: each does, for its own metrics. */
  async #alone(): Promise<void> {
    const { clock, interval } = this.#parts;
    if (clock.now() - this.#last >= interval) await this.#round();
  }

  async #round(): Promise<readonly ZoneRound[]> {
    const { clock, observer, servers, interval: every, probe = probeRelay } = this.#parts;
    this.#last = clock.now();
    const now = servers();
    const round = now === undefined ? [] : await probeRound(now, probe);
    for (const { zone, transports, guards } of round) {
      for (const { transport, end, ms } of transports)
        observer.observe({ type: "ice_probed", zone, transport, end, ms, every });
      for (const { peer, refused } of guards) observer.observe({ type: "ice_guarded", zone, peer, refused, every });
    }
    return round;
  }
}
