// Rooms as the ports name them, for tests that look behind the sockets.
import type { RoomCopy } from "@heliograph/core";
import type { RoomKey } from "@heliograph/protocol";
import { parseRealm, parseRoomName, roomKey } from "@heliograph/protocol";
import type { House, RunningEdge } from "./house.ts";

/** In the realm of every test. */
export function keyOf(name: string): RoomKey {
  const [realm, room] = [parseRealm("default"), parseRoomName(name)];
  if (!realm.ok || !room.ok) throw new Error(`no room has the name ${name}`);
  return roomKey(realm.value, room.value);
}

/** The memory's copy of the room, as a node reads it. */
export async function copyOf(house: House, name: string): Promise<RoomCopy | undefined> {
  return house.edges[0]?.footing.ports.copies.load(keyOf(name));
}

export async function copyStands(house: House, name: string): Promise<boolean> {
  return (await copyOf(house, name)) !== undefined;
}

/** So many edges, each with its name in the test. */
export async function edgesOf(house: House, count: number): Promise<readonly [RunningEdge, RunningEdge, RunningEdge]> {
  const started = await house.start(count);
  const [one, two, three] = [started[0], started[1] ?? started[0], started[2] ?? started[0]];
  if (one === undefined || two === undefined || three === undefined) throw new Error("at least one edge is started");
  return [one, two, three];
}
