// Finds a room's state for a node that does not host it yet: from another host, from its copy, or as a new room.
import type { RoomKey } from "@heliograph/protocol";
import { ownerOf, roomOf } from "@heliograph/protocol";
import type { Follow } from "./ports/log.ts";
import { Unreachable } from "./ports/unreachable.ts";
import { beginsRoom } from "./room/beginning.ts";
import type { RoomCopy } from "./room/copy.ts";
import { Room } from "./room/room.ts";
import type { World } from "./world.ts";

export interface Loaded {
  readonly room: Room;
  readonly from: "new" | "host" | "copy" | "log";
  /** The log is known to reach this far; the room is current once it has applied it. */
  readonly upTo: number | undefined;
}

/**
 * The follow is proved before anything is read, so that every entry after the state comes live or is found as a hole.
 * Rejects with `Unreachable` when nobody can say what the room is: out of reach is not absent.
 */
export async function findRoom(key: RoomKey, follow: Follow, world: World): Promise<Loaded> {
  await follow.proved;
  const [answered, remembered] = await Promise.all([world.nodes.ask(key).catch(() => undefined), loadCopy(key, world)]);
  const tail = await world.log.tail(key);
  const copy = answered ?? (remembered.reached ? remembered.copy : undefined);
  if (copy !== undefined && copy.rules > world.rules.version) {
    throw new Unreachable("the room's rules are newer than this node: another one must host it");
  }
  if (copy !== undefined) {
    const room = Room.revive(key, copy, world.rules);
    return { room, from: answered === undefined ? "copy" : "host", upTo: tail };
  }
  const fresh = Room.fresh(key, world.rules);
  // A session's letters may stand there before it, and nothing that is forgotten keeps it out: no PIN, no bans.
  const personal = ownerOf(roomOf(key).name) !== undefined;
  if (tail === undefined && personal) return { room: fresh, from: "new", upTo: undefined };
  if (tail === undefined) {
    // No entry and no host: new, unless the memory that cannot be asked knows it as an idle room with PIN and bans.
    if (!remembered.reached) throw new Unreachable("the memory of rooms cannot be asked");
    return { room: fresh, from: "new", upTo: undefined };
  }
  const first = await world.log.first(key);
  if (personal || beginsRoom(first?.entries ?? [])) return { room: fresh, from: "log", upTo: tail };
  throw new Unreachable("the log has entries of the room, but nobody has the state they change");
}

async function loadCopy(
  key: RoomKey,
  world: World,
): Promise<{ readonly reached: true; readonly copy: RoomCopy | undefined } | { readonly reached: false }> {
  try {
    return { reached: true, copy: await world.copies.load(key) };
  } catch (error) {
    if (error instanceof Unreachable) return { reached: false };
    throw error;
  }
}
