// Who is where, shared by the nodes of a cluster in memory.
import type { NodeId, Realm, RoomKey, SessionId } from "@heliograph/protocol";
import type { Clock } from "../ports/clock.ts";
import type { Directory, SessionRecord } from "../ports/directory.ts";
import { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

/** What the nodes' directories share. */
export class DirectoryShelf {
  readonly sessions: Expiring<string, SessionRecord>;
  readonly rooms: Expiring<NodeId, Set<RoomKey>>;

  constructor(clock: Clock) {
    this.sessions = new Expiring(clock);
    this.rooms = new Expiring(clock);
  }

  clear(): void {
    this.sessions.clear();
    this.rooms.clear();
  }
}

export class MemoryDirectory implements Directory {
  readonly #reach: Reach;
  readonly #shelf: DirectoryShelf;

  constructor(reach: Reach, shelf: DirectoryShelf) {
    this.#reach = reach;
    this.#shelf = shelf;
  }

  put(record: SessionRecord, ttl: number): Promise<void> {
    return this.#reach.ask(() => this.#shelf.sessions.set(keyOf(record.realm, record.session), record, ttl));
  }

  remove(realm: Realm, session: SessionId, node: NodeId): Promise<void> {
    return this.#reach.ask(() => {
      const key = keyOf(realm, session);
      if (this.#shelf.sessions.get(key)?.node === node) this.#shelf.sessions.delete(key);
    });
  }

  find(realm: Realm, session: SessionId): Promise<SessionRecord | undefined> {
    return this.#reach.ask(() => this.#shelf.sessions.get(keyOf(realm, session)));
  }

  sessionsOf(realm: Realm, user: string): Promise<readonly SessionRecord[]> {
    return this.#reach.ask(() =>
      [...this.#shelf.sessions.values()].filter((record) => record.realm === realm && record.user === user),
    );
  }

  addRooms(node: NodeId, rooms: readonly RoomKey[], ttl: number): Promise<void> {
    return this.#reach.ask(() => {
      const hosted = this.#shelf.rooms.get(node) ?? new Set();
      for (const room of rooms) hosted.add(room);
      if (hosted.size > 0) this.#shelf.rooms.set(node, hosted, ttl);
    });
  }

  removeRooms(node: NodeId, rooms: readonly RoomKey[]): Promise<void> {
    return this.#reach.ask(() => {
      const hosted = this.#shelf.rooms.get(node);
      for (const room of rooms) hosted?.delete(room);
      if (hosted?.size === 0) this.#shelf.rooms.delete(node);
    });
  }

  roomsOf(node: NodeId): Promise<readonly RoomKey[]> {
    return this.#reach.ask(() => [...(this.#shelf.rooms.get(node) ?? [])]);
  }

  nodes(): Promise<readonly NodeId[]> {
    return this.#reach.ask(() => [...this.#shelf.rooms.keys()]);
  }

  forgetNode(node: NodeId): Promise<void> {
    return this.#reach.ask(() => {
      this.#shelf.rooms.delete(node);
    });
  }
}

function keyOf(realm: Realm, session: SessionId): string {
  return `${realm}:${session}`;
}
