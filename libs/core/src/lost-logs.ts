// Brings a room's state into a log that lost what it held: begun anew, or of which only the end is left.
import type { Position, RoomKey } from "@heliograph/protocol";
import { afterwards } from "./afterwards.ts";
import type { Hosted } from "./hosted.ts";
import type { Loading } from "./loading.ts";
import type { RoomCopy } from "./room/copy.ts";
import { Room } from "./room/room.ts";
import type { World } from "./world.ts";

export class LostLogs {
  readonly #world: World;
  readonly #loading: Loading;
  readonly #hosts: (hosted: Hosted) => boolean;

  /** `hosts`: whether the room is still hosted, and as this one. */
  constructor(world: World, loading: Loading, hosts: (hosted: Hosted) => boolean) {
    this.#world = world;
    this.#loading = loading;
    this.#hosts = hosts;
  }

  /** The log began anew: the hosts' states are all there is, and the first one that reaches the new log wins. */
  adoptInto(hosted: Hosted, copy: RoomCopy): void {
    const { replica } = hosted;
    const follow = this.#world.log.follow(replica.key, replica);
    afterwards(follow.proved, "a reborn log", this.#world.observer, () => {
      if (!this.#hosts(hosted)) return follow.end();
      // With its old position: that it lies beyond the new log tells everyone that the log was born again.
      hosted.adopts = () => copy;
      this.#loading.begin(hosted, this.#atTheBeginning(replica.key, copy), follow, 0);
    });
  }

  /**
   * A state was loaded that the log does not reach any more, and nobody had a better one: what is left of the log is
   * applied to it, and the result adopted by all.
   */
  adoptOver(hosted: Hosted, copy: RoomCopy): void {
    afterwards(this.#whatIsLeft(hosted, copy), "what is left of a log", this.#world.observer, () => undefined);
  }

  async #whatIsLeft(hosted: Hosted, copy: RoomCopy): Promise<void> {
    const { replica } = hosted;
    const { log } = this.#world;
    const follow = log.follow(replica.key, replica);
    try {
      await follow.proved;
      const [first, tail] = await Promise.all([log.first(replica.key), log.tail(replica.key)]);
      if (!this.#hosts(hosted)) return follow.end();
      // Otherwise it only could not be read in time.
      if (first === undefined || tail === undefined || first.seq <= copy.at.seq) {
        follow.end();
        return this.#loading.load(hosted);
      }
      hosted.adopts = () => replica.copy();
      this.#loading.begin(hosted, this.#atTheBeginning(replica.key, copy), follow, tail);
      follow.mention(tail);
    } catch (error) {
      this.#loading.failed(hosted, follow, error);
    }
  }

  /** What was adopted before does not count: the first state in what is left of the log must win with every host alike. */
  #atTheBeginning(key: RoomKey, copy: RoomCopy): Room {
    const former = { ...copy, at: beginning, effects: [], idle: [], adopted: null };
    return Room.revive(key, former, this.#world.rules);
  }
}

const beginning: Position = { seq: 0, index: 0, time: 0 };
