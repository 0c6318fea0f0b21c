// The library's connections as the store knows them: to one server, or to every server of a Cluster.
import type { Cluster, Redis } from "ioredis";
import type { Client, Part, Word } from "./client.ts";
import { checkSize } from "./client.ts";
import { bare } from "./errors.ts";
import { keys } from "./keys.ts";
import { slotCount, slotOf } from "./slot.ts";
import type { TurnCork } from "./turn-cork.ts";

export class SingleClient implements Client {
  readonly #redis: Redis;
  readonly #cork: TurnCork;

  constructor(redis: Redis, cork: TurnCork) {
    this.#redis = redis;
    this.#cork = cork;
  }

  connect(): Promise<void> {
    return this.#redis.connect();
  }

  call(command: string, words: readonly Word[]): Promise<unknown> {
    checkSize(words);
    this.#cork.hold(this.#redis.stream);
    return this.#redis.callBuffer(command, [...words]).catch(rethrow);
  }

  parts(): readonly Part[] {
    return [{ connection: this.#redis, lifeKey: keys.life(0) }];
  }

  onEnd(listener: () => void): void {
    this.#redis.once("close", listener);
  }

  onChange(): void {
    // One server does not change; another one is another connection.
  }

  close(): void {
    this.#redis.removeAllListeners("close");
    this.#redis.disconnect();
  }
}

export class ClusterClient implements Client {
  readonly #cluster: Cluster;
  readonly #lifeSlots: number[] = [];

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  connect(): Promise<void> {
    const cluster = this.#cluster;
    return new Promise((resolve, reject) => {
      cluster.once("ready", resolve);
      // Some failures end it without rejecting what `connect` gave.
      cluster.once("end", () => reject(new Error("no server of the Cluster is of use")));
      cluster.connect().catch(reject);
    });
  }

  call(command: string, words: readonly Word[]): Promise<unknown> {
    checkSize(words);
    return this.#cluster.callBuffer(command, [...words]).catch(rethrow);
  }

  /** Whoever serves a slot is a part, whether there is a connection to it or not. */
  parts(): readonly Part[] {
    const { slots } = this.#cluster;
    const owners = new Set(Array.from({ length: slotCount }, (_, slot) => slots[slot]?.[0]));
    if (owners.has(undefined)) throw new Error("the Cluster does not serve every slot");
    const connections = new Map(
      this.#cluster.nodes("master").map((redis) => [`${redis.options.host}:${redis.options.port}`, redis]),
    );
    const parts: Part[] = [];
    for (let i = 0; owners.size > 0; i += 1) {
      const owner = slots[this.#lifeSlot(i)]?.[0];
      if (!owners.delete(owner)) continue;
      // Without a connection the question makes one, or fails.
      parts.push({ connection: connections.get(owner ?? "") ?? {}, lifeKey: keys.life(i) });
    }
    return parts;
  }

  /** The slots of life keys are spread at random: soon or late every slot has one. */
  #lifeSlot(i: number): number {
    const slot = this.#lifeSlots[i] ?? slotOf(keys.life(i));
    this.#lifeSlots[i] = slot;
    return slot;
  }

  onEnd(listener: () => void): void {
    this.#cluster.once("end", listener);
  }

  onChange(listener: () => void): void {
    this.#cluster.on("-node", listener);
    this.#cluster.on("+node", listener);
  }

  close(): void {
    for (const event of ["end", "-node", "+node"]) this.#cluster.removeAllListeners(event);
    this.#cluster.disconnect();
  }
}

function rethrow(error: unknown): never {
  throw bare(error);
}
