// Copies of rooms in Redis: one hash for each room, moved on by scripts that compare positions first.
import type { Advance, CopyChanges, LinkState, RoomCopies, RoomCopy } from "@heliograph/core";
import type { Position, RoomKey } from "@heliograph/protocol";
import { copyOf, fieldsOf, fieldsOfChanges, placeOf, positionAt } from "./copy-fields.ts";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import { answersOf, lifeOf } from "./values.ts";

export class RedisRoomCopies implements RoomCopies {
  readonly #link: Link;
  readonly #advance = new Script("copy-advance");
  readonly #replace = new Script("copy-replace");
  readonly #forget = new Script("copy-forget");

  constructor(link: Link) {
    this.#link = link;
  }

  get link(): LinkState {
    return this.#link.state;
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#link.onLink(listener);
  }

  onLoss(listener: () => void): () => void {
    return this.#link.onLoss(listener);
  }

  load(room: RoomKey): Promise<RoomCopy | undefined> {
    // What cannot be read is a fault and rejects: a room taken for a new one would have no PIN, lock or bans.
    return this.#link.ask("load a copy", async (client) =>
      copyOf(answersOf(await client.call("HGETALL", [keys.room(room)]))),
    );
  }

  advance(room: RoomKey, from: Position, changes: CopyChanges): Promise<Advance> {
    return this.#link.ask("advance a copy", async (client) => {
      const { set, gone } = fieldsOfChanges(changes);
      const args = [placeOf(from), gone.length, ...gone, ...set];
      const answer = await this.#advance.run(client, [keys.room(room)], args);
      if (answer === 1) return "advanced";
      return answer === 0 ? "missing" : positionAt(answer);
    });
  }

  replace(
    room: RoomKey,
    copy: RoomCopy,
    options: { readonly reborn?: boolean; readonly ttl?: number } = {},
  ): Promise<"replaced" | "newer"> {
    return this.#link.ask("replace a copy", async (client) => {
      const { reborn = false, ttl } = options;
      const args = [reborn ? 1 : 0, ttl === undefined ? 0 : lifeOf(ttl), placeOf(copy.at), ...fieldsOf(copy)];
      return (await this.#replace.run(client, [keys.room(room)], args)) === 1 ? "replaced" : "newer";
    });
  }

  forget(room: RoomKey, upTo: Position): Promise<void> {
    return this.#link.ask("forget a copy", async (client) => {
      await this.#forget.run(client, [keys.room(room)], [placeOf(upTo)]);
    });
  }
}
