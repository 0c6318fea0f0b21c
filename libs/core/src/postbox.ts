// Letters on their way: appended to the logs of their addressees' personal channels, which nobody here needs to host.
import type { Body, Realm, RoomKey, SessionId } from "@heliograph/protocol";
import { personalRoom, roomKey } from "@heliograph/protocol";
import type { Backlog } from "./backlog.ts";
import { Lane } from "./lane.ts";
import type { Timer } from "./ports/clock.ts";
import type { World } from "./world.ts";

/** Milliseconds between two looks at who waits for longer than anyone should. */
const round = 1_000;

type PostboxWorld = Pick<World, "id" | "log" | "clock" | "settings" | "observer">;

export class Postbox {
  readonly #world: PostboxWorld;
  readonly #backlog: Backlog;
  readonly #stored: (room: RoomKey, seq: number) => void;
  /** One per addressee: a single append in flight keeps the letters of one sender to it in order. */
  readonly #lanes = new Map<RoomKey, Lane>();
  #written = 0;
  /** Exists while there are lanes. */
  #timer: Timer | undefined;

  /** `stored`: the room's log has a letter there; whoever follows it must come to hear it. */
  constructor(world: PostboxWorld, backlog: Backlog, stored: (room: RoomKey, seq: number) => void) {
    this.#world = world;
    this.#backlog = backlog;
    this.#stored = stored;
  }

  /** Addressees for whom something is under way. */
  get size(): number {
    return this.#lanes.size;
  }

  /** Undefined: it is on its way, and that is all that anyone learns. */
  post(
    realm: Realm,
    to: SessionId,
    sender: SessionId | undefined,
    body: Body,
  ): "slow_down" | "too_large" | "unavailable" | undefined {
    const { settings } = this.#world;
    // No door lets in more than this, in whatever dialect: one append must hold it.
    if (body.bytes.length > settings.bundleBytes) return "too_large";
    const room = roomKey(realm, personalRoom(to));
    const known = this.#lanes.get(room);
    if (known?.overdue === true) return "unavailable";
    if ((known?.queuedBytes ?? 0) > settings.laneBytes || this.#backlog.bytes > settings.backlogBytes)
      return "slow_down";
    this.#written += 1;
    const from = sender === undefined ? {} : { sender };
    (known ?? this.#lane(room)).push({ kind: "letter", by: this.#world.id, count: this.#written, ...from, body });
    return undefined;
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#lanes.clear();
  }

  #lane(room: RoomKey): Lane {
    const over = (): void => {
      if (lane.idle && this.#lanes.get(room) === lane) this.#lanes.delete(room);
    };
    const lane: Lane = new Lane(room, this.#world, this.#backlog, {
      members: () => 1,
      isNew: () => false,
      appended: ({ seq }) => {
        this.#stored(room, seq);
        over();
      },
      // Nobody waits for them. They may be stored all the same: those that follow are counted above them.
      unanswered: over,
      tooLarge: over,
    });
    this.#lanes.set(room, lane);
    this.#timer ??= this.#next();
    return lane;
  }

  #next(): Timer {
    const { clock } = this.#world;
    return clock.after(round, () => {
      for (const lane of [...this.#lanes.values()]) lane.checkPatience(clock.now());
      this.#timer = this.#lanes.size === 0 ? undefined : this.#next();
    });
  }
}
