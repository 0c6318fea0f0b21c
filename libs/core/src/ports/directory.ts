// Who is where: for administrators, look-ups, keepers and dialects that need it. Eventually right, rebuilt by its owners.
import type { NodeId, Realm, RoomKey, RoomName, SessionId } from "@heliograph/protocol";

export interface SessionRecord {
  readonly realm: Realm;
  readonly session: SessionId;
  readonly node: NodeId;
  readonly dialect: string;
  readonly user?: string;
  readonly rooms: readonly RoomName[];
  /** Milliseconds since 1970. */
  readonly since: number;
}

/**
 * Promise: written behind, never waited for on the path of a client; a record goes by itself `ttl` milliseconds after
 * its last `put`. Rejects with `Unreachable`.
 */
export interface Directory {
  put(record: SessionRecord, ttl: number): Promise<void>;
  /** Removes the record if it still names this node. */
  remove(realm: Realm, session: SessionId, node: NodeId): Promise<void>;
  find(realm: Realm, session: SessionId): Promise<SessionRecord | undefined>;
  sessionsOf(realm: Realm, user: string): Promise<readonly SessionRecord[]>;
  /**
   * The rooms that a node hosts, for keepers to look after when it dies. All that is known of the node goes by itself
   * `ttl` milliseconds after it last said something here; to name no room only prolongs what there is. A node says all
   * its rooms again every now and then, since a memory may lose them and a keeper may have forgotten them wrongly.
   */
  addRooms(node: NodeId, rooms: readonly RoomKey[], ttl: number): Promise<void>;
  removeRooms(node: NodeId, rooms: readonly RoomKey[]): Promise<void>;
  roomsOf(node: NodeId): Promise<readonly RoomKey[]>;
  /** Every node of which there are rooms; it may name others too, of which there are none. */
  nodes(): Promise<readonly NodeId[]>;
  /** A node that died and whose rooms are looked after, or that goes and hosts none. */
  forgetNode(node: NodeId): Promise<void>;
}
