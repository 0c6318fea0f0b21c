// Lets rooms go that nobody here needs: what only this node can look after is hosted on, and every copy is written first.
import type { RoomKey } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import type { Beats } from "./beats.ts";
import { type Hosted, isCurrent } from "./hosted.ts";
import type { Replica } from "./replica.ts";
import type { Scribe } from "./scribe.ts";
import type { World } from "./world.ts";

/** The rooms that may be let go. */
export interface LettingGoHost {
  /** Calls a little later, if the room is still hosted as this one. */
  later(hosted: Hosted, call: () => void): void;
  /** It is hosted no more. */
  drop(hosted: Hosted): void;
}

export class LettingGo {
  readonly #world: World;
  readonly #hosted: ReadonlyMap<RoomKey, Hosted>;
  readonly #scribe: Pick<Scribe, "last">;
  readonly #beats: Pick<Beats, "alive">;
  readonly #host: LettingGoHost;

  /** `hosted`: the rooms of the node, as they are at any time. */
  constructor(
    world: World,
    hosted: ReadonlyMap<RoomKey, Hosted>,
    scribe: Pick<Scribe, "last">,
    beats: Pick<Beats, "alive">,
    host: LettingGoHost,
  ) {
    this.#world = world;
    this.#hosted = hosted;
    this.#scribe = scribe;
    this.#beats = beats;
    this.#host = host;
  }

  /**
   * Whether this node must go on hosting the room. A join that is still under way would make a member of this node that
   * nobody speaks for.
   */
  needs(replica: Replica): boolean {
    if (this.#hosted.get(replica.key)?.outgrown === true) return replica.inUse || !replica.quiet;
    return replica.inUse || !replica.settled || this.#answersFor(replica);
  }

  /** Unless somebody needs it, or it is about to go already. */
  begin(hosted: Hosted): void {
    if (hosted.leaving || this.needs(hosted.replica)) return;
    hosted.leaving = true;
    this.#goSoon(hosted);
  }

  #goSoon(hosted: Hosted): void {
    afterwards(this.#go(hosted), "letting a room go", this.#world.observer, () => undefined);
  }

  async #go(hosted: Hosted): Promise<void> {
    const { replica } = hosted;
    // Not within a bundle that is being told: whoever loads the copy goes on with the next one.
    await Promise.resolve();
    // What is not current yet was found somewhere, and still stands there.
    const written = !isCurrent(hosted) || (await this.#scribe.last(replica));
    if (this.#hosted.get(replica.key) !== hosted || !hosted.leaving) return;
    if (this.needs(replica)) {
      hosted.leaving = false;
    } else if (written) {
      this.#host.drop(hosted);
    } else {
      // The state would be lost with us: host on until the memory is back.
      this.#host.later(hosted, () => {
        if (hosted.leaving) this.#goSoon(hosted);
      });
    }
  }

  /**
   * Whether a member bears the name of this node, or of one that is not heard: nobody else may notice that it has no
   * connection. Whoever is heard hosts the rooms of its members itself.
   */
  #answersFor(replica: Replica): boolean {
    const { id } = this.#world;
    for (const { epoch } of replica.room?.members() ?? []) {
      if (epoch.node === id || !this.#beats.alive(epoch.node)) return true;
    }
    return false;
  }
}
