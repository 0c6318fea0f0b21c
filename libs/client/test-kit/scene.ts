// Clients around one fake cluster, with everything that they were told.
import type { HeliographOptions } from "../src/heliograph.ts";
import { Heliograph } from "../src/heliograph.ts";
import type { Room } from "../src/room.ts";
import type { SessionStorageLike } from "../src/surroundings.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { VirtualClock } from "./virtual-clock.ts";

export class MemoryStorage implements SessionStorageLike {
  readonly values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.values.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.values.set(key, value);
  }
  removeItem(key: string): void {
    this.values.delete(key);
  }
}

/** What the browser tells the page, told by a test. */
export class FakePage {
  readonly #listeners = new Map<string, Set<() => void>>();

  addEventListener(type: string, listener: () => void): void {
    const known = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, known.add(listener));
  }
  removeEventListener(type: string, listener: () => void): void {
    this.#listeners.get(type)?.delete(listener);
  }
  tell(type: string): void {
    for (const listener of this.#listeners.get(type) ?? []) listener();
  }
}

export class Scene {
  readonly clock = new VirtualClock();
  readonly cluster = new FakeCluster(this.clock);
  readonly errors: { readonly error: unknown; readonly where: string }[] = [];

  client(options: Partial<HeliographOptions> = {}): Heliograph {
    const client = new Heliograph({
      url: "ws://one",
      clock: this.clock,
      random: () => 0.5,
      webSocket: this.cluster.socket,
      storage: undefined,
      page: new FakePage(),
      ...options,
    });
    client.on("error", (error) => this.errors.push(error));
    return client;
  }

  async connected(options: Partial<HeliographOptions> = {}): Promise<Heliograph> {
    const client = this.client(options);
    await this.clock.until(client.connect());
    return client;
  }

  async joined(name: string, options: Partial<HeliographOptions> = {}): Promise<{ client: Heliograph; room: Room }> {
    const client = await this.connected(options);
    return { client, room: await this.clock.until(client.join(name)) };
  }
}

/** Everything a room is told, as short words. */
export function listen(room: Room): string[] {
  const told: string[] = [];
  room.on("broadcast", ({ body }) => told.push(`says ${String(body)}`));
  room.on("member", (event) =>
    told.push(`${event.change} ${"member" in event ? event.member.id : "id" in event ? event.id : event.count}`),
  );
  room.on("data", ({ key, value }) => told.push(`data ${key} ${String(value)}`));
  room.on("gap", ({ reason }) => told.push(`gap ${reason}`));
  room.on("left", ({ why }) => told.push(`over ${why}`));
  return told;
}

export function lines(told: readonly string[]): string[] {
  return told.filter((word) => word.startsWith("says ")).map((word) => word.slice(5));
}
