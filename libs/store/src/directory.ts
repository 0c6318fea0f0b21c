// Who is where, in Redis: a key for each session, lists of a user's sessions and a node's rooms, all of which expire.
import type { Directory, SessionRecord } from "@heliograph/core";
import type { NodeId, Outcome, Realm, RoomKey, SessionId } from "@heliograph/protocol";
import { parseKnownRoomName, parseNodeId, parseRealm, parseSessionId, roomKey } from "@heliograph/protocol";
import type { Client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import {
  answersOf,
  lifeOf,
  listOf,
  numberOf,
  objectOf,
  optional,
  read,
  textOf,
  Unreadable,
  wordOf,
  write,
} from "./values.ts";

/** Names in one step: a node may host very many rooms, a user have many sessions. */
const mostAtOnce = 500;

export class RedisDirectory implements Directory {
  readonly #link: Link;
  readonly #remove = new Script("session-remove");
  readonly #list = new Script("list-add");
  readonly #living = new Script("list-living");
  readonly #addRooms = new Script("rooms-add");

  constructor(link: Link) {
    this.#link = link;
  }

  put(record: SessionRecord, ttl: number): Promise<void> {
    return this.#link.ask("put a session", async (client) => {
      const { realm, session, user } = record;
      const life = lifeOf(ttl);
      // In the list first: a list may name a session that is not there, never the other way.
      if (user !== undefined) await this.#list.run(client, [keys.user(realm, user)], [session, life]);
      const words = [keys.session(realm, session), writeRecord(record), "PX", life, "GET"];
      const before = await client.call("SET", words);
      const former = before === null ? undefined : readRecord(before).user;
      if (former !== undefined && former !== user) await client.call("ZREM", [keys.user(realm, former), session]);
    });
  }

  remove(realm: Realm, session: SessionId, node: NodeId): Promise<void> {
    return this.#link.ask("remove a session", async (client) => {
      const key = keys.session(realm, session);
      const there = await client.call("GET", [key]);
      if (there === null) return;
      const record = readRecord(there);
      // Removed only as it was read: another node may have put its own meanwhile.
      if (record.node !== node || !Buffer.isBuffer(there)) return;
      const removed = await this.#remove.run(client, [key], [there]);
      if (removed === 1 && record.user !== undefined)
        await client.call("ZREM", [keys.user(realm, record.user), session]);
    });
  }

  find(realm: Realm, session: SessionId): Promise<SessionRecord | undefined> {
    return this.#link.ask("find a session", (client) => find(client, realm, session));
  }

  sessionsOf(realm: Realm, user: string): Promise<readonly SessionRecord[]> {
    return this.#link.ask("find a user's sessions", async (client) => {
      const listed = answersOf(await this.#living.run(client, [keys.user(realm, user)], []));
      const records: SessionRecord[] = [];
      for (let i = 0; i < listed.length; i += mostAtOnce) {
        const some = listed.slice(i, i + mostAtOnce).map((word) => known(parseSessionId(wordOf(word))));
        for (const record of await Promise.all(some.map((session) => find(client, realm, session)))) {
          // The list follows the records, and may still name a session that is somebody else's now.
          if (record?.user === user) records.push(record);
        }
      }
      return records;
    });
  }

  addRooms(node: NodeId, rooms: readonly RoomKey[], ttl: number): Promise<void> {
    return this.#link.ask("add a node's rooms", async (client) => {
      const life = lifeOf(ttl);
      // The node first: one that is named may have no rooms, but rooms of a node that is not named are never found.
      await this.#list.run(client, [keys.nodes()], [node, life]);
      for (let i = 0; i === 0 || i < rooms.length; i += mostAtOnce) {
        await this.#addRooms.run(client, [keys.rooms(node)], [life, ...rooms.slice(i, i + mostAtOnce)]);
      }
    });
  }

  removeRooms(node: NodeId, rooms: readonly RoomKey[]): Promise<void> {
    return this.#link.ask("remove a node's rooms", async (client) => {
      for (let i = 0; i < rooms.length; i += mostAtOnce) {
        await client.call("SREM", [keys.rooms(node), ...rooms.slice(i, i + mostAtOnce)]);
      }
    });
  }

  roomsOf(node: NodeId): Promise<readonly RoomKey[]> {
    return this.#link.ask("list a node's rooms", async (client) =>
      answersOf(await client.call("SMEMBERS", [keys.rooms(node)])).map((word) => roomIn(wordOf(word))),
    );
  }

  nodes(): Promise<readonly NodeId[]> {
    return this.#link.ask("list the nodes", async (client) =>
      answersOf(await this.#living.run(client, [keys.nodes()], [])).map((word) => known(parseNodeId(wordOf(word)))),
    );
  }

  forgetNode(node: NodeId): Promise<void> {
    return this.#link.ask("forget a node", async (client) => {
      await client.call("UNLINK", [keys.rooms(node)]);
      await client.call("ZREM", [keys.nodes(), node]);
    });
  }
}

async function find(client: Client, realm: Realm, session: SessionId): Promise<SessionRecord | undefined> {
  const value = await client.call("GET", [keys.session(realm, session)]);
  return value === null ? undefined : readRecord(value);
}

function writeRecord({ realm, session, node, dialect, user, rooms, since }: SessionRecord): Buffer {
  return write({ realm, session, node, dialect, ...(user === undefined ? {} : { user }), rooms, since });
}

function readRecord(bytes: unknown): SessionRecord {
  const record = objectOf(read(bytes));
  return {
    realm: known(parseRealm(record["realm"])),
    session: known(parseSessionId(record["session"])),
    node: known(parseNodeId(record["node"])),
    dialect: textOf(record["dialect"]),
    ...optional(record, "user", textOf),
    rooms: listOf(record["rooms"]).map((room) => known(parseKnownRoomName(room))),
    since: numberOf(record["since"]),
  };
}

function roomIn(key: string): RoomKey {
  const colon = key.indexOf(":");
  return roomKey(known(parseRealm(key.slice(0, colon))), known(parseKnownRoomName(key.slice(colon + 1))));
}

function known<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Unreadable(`a name is ${outcome.reason}`);
  return outcome.value;
}
