// An SDK client in a room, with everything it was told, for tests in Node.
import type { HeliographOptions, MemberEvent, Room } from "@heliograph/client";
import { Heliograph } from "@heliograph/client";
import { msgpack } from "@heliograph/client/msgpack";
import WebSocket from "ws";

export interface MemberOptions extends Partial<HeliographOptions> {
  readonly speaks?: "json" | "msgpack";
}

export class TestMember {
  readonly client: Heliograph;
  readonly room: Room;
  readonly lines: unknown[] = [];
  readonly members: MemberEvent[] = [];
  readonly gaps: unknown[] = [];
  readonly nodes: string[] = [];
  readonly states: string[] = [];

  private constructor(client: Heliograph, room: Room) {
    this.client = client;
    this.room = room;
    room.on("broadcast", ({ body }) => this.lines.push(body));
    room.on("member", (event) => this.members.push(event));
    room.on("gap", (gap) => this.gaps.push(gap));
    client.on("welcome", ({ node }) => this.nodes.push(node));
    client.on("state", (state) => this.states.push(state));
  }

  static async join(url: string | readonly string[], room: string, options: MemberOptions = {}): Promise<TestMember> {
    const client = newClient(url, options);
    await client.connect();
    return new TestMember(client, await client.join(room));
  }

  /** A client that was made and connected already. */
  static async with(client: Heliograph, room: string): Promise<TestMember> {
    return new TestMember(client, await client.join(room));
  }

  say(line: unknown): Promise<void> {
    return this.room.broadcast(line);
  }

  close(): void {
    this.client.close();
  }
}

export function newClient(url: string | readonly string[], { speaks = "json", ...options }: MemberOptions): Heliograph {
  return new Heliograph({
    url,
    webSocket: WebSocket,
    storage: undefined,
    ...(speaks === "msgpack" ? { codec: msgpack() } : {}),
    ...options,
  });
}

/** A tab's session storage. */
export class TabStorage {
  readonly #values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
  removeItem(key: string): void {
    this.#values.delete(key);
  }
}
