// Three nodes' buses on real servers, each behind a gate of its own, for the suites of the ports they implement.
import { type Bus, type BusOptions, type BusPorts, openBus, shardOf } from "@heliograph/bus";
import { Gate, type NatsServers } from "@heliograph/cluster";
import type { Happening, RoomCopies, RoomCopy } from "@heliograph/core";
import type { LogUnderTest, NodesUnderTest, WhisperUnderTest } from "@heliograph/core/contract";
import { SystemClock, systemRandom } from "@heliograph/system";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { expect } from "vitest";
import { patience } from "../kit/until.ts";

export const shards = 2;

export const plainOptions: Omit<BusOptions, "servers" | "replicas"> = {
  name: "contract",
  shards,
  maxAge: 300_000,
  maxBytes: 1 << 28,
  storage: "file",
  largestFrame: 65_536,
};

/** A memory of rooms that only the buses of one stage share. */
export class SharedCopies implements Pick<RoomCopies, "load" | "replace"> {
  readonly kept = new Map<string, RoomCopy>();

  async load(room: string): Promise<RoomCopy | undefined> {
    return this.kept.get(room);
  }

  async replace(room: string, copy: RoomCopy): Promise<"replaced"> {
    this.kept.set(room, copy);
    return "replaced";
  }
}

export interface Witness {
  readonly happenings: Happening[];
  readonly ports: BusPorts;
}

/** Ports of a real process, and what they were told. */
export function witness(copies: Pick<RoomCopies, "load" | "replace"> = new SharedCopies()): Witness {
  const happenings: Happening[] = [];
  const observer = { observe: (happening: Happening) => void happenings.push(happening) };
  const clock = new SystemClock((error) => observer.observe({ type: "fault", where: "clock", error }));
  return { happenings, ports: { clock, random: systemRandom, observer, copies } };
}

export async function soon(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: patience, interval: 5 }).toBe(true);
}

/** What tests do to streams that no node may. */
export class Admin {
  readonly #connection: NatsConnection;

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  static async of(
    servers: NatsServers,
    login: { readonly user?: string; readonly pass?: string } = {},
  ): Promise<Admin> {
    const addresses = servers.urls.map((url) => url.replace("nats://", ""));
    return new Admin(await connect({ servers: addresses, maxReconnectAttempts: -1, reconnectTimeWait: 50, ...login }));
  }

  async flush(): Promise<void> {
    await this.#connection.flush();
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#connection.publish(subject, payload);
  }

  /** Of the stream API; the answer as it came. */
  async ask(what: string, question: object = {}): Promise<unknown> {
    const answer = await this.#connection.request(`$JS.API.${what}`, JSON.stringify(question), { timeout: 5000 });
    return answer.json();
  }

  async purge(): Promise<void> {
    for (let shard = 0; shard < shards; shard += 1) await this.ask(`STREAM.PURGE.HG_${shard}`);
  }

  async removeStreams(): Promise<void> {
    for (let shard = 0; shard < shards; shard += 1) await this.ask(`STREAM.DELETE.HG_${shard}`);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}

export interface BusStage extends LogUnderTest, WhisperUnderTest, NodesUnderTest {
  readonly buses: readonly [Bus, Bus, Bus];
  /** Everything the buses observed. */
  readonly happenings: readonly Happening[];
}

type Login = Pick<BusOptions, "user" | "password">;

/** Node `i` reaches only server `i`, so that on three servers every node has another one. */
export async function busStage(servers: NatsServers, admin: Admin, login: Login = {}): Promise<BusStage> {
  const { length: count } = servers.servers;
  const gates = await Promise.all([0, 1, 2].map((i) => Gate.before("127.0.0.1", servers.server(i % count).port)));
  const { happenings, ports } = witness();
  const opening = gates.map(({ port }) =>
    openBus({ ...plainOptions, ...login, servers: [`nats://127.0.0.1:${port}`], replicas: count }, ports),
  );
  const [one, two, three] = await Promise.all(opening);
  if (one === undefined || two === undefined || three === undefined) throw new Error("three buses were opened");
  const buses = [one, two, three] as const;
  return {
    buses,
    happenings,
    logs: [one.log, two.log, three.log],
    whispers: [one.whisper, two.whisper, three.whisper],
    nodes: [one.nodes, two.nodes, three.nodes],
    until: soon,
    round: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await admin.flush();
    },
    links: {
      cut: async (node) => {
        gates[node]?.cut();
        await soon(() => buses[node]?.log.link === "down");
      },
      mend: async (node) => {
        gates[node]?.mend();
        await soon(() => buses[node]?.log.link === "up");
      },
    },
    hints: { may: true },
    numbers: { may: true },
    copies: { sure: true },
    together: (room, other) => shardOf(room, shards) === shardOf(other, shards),
    rebirth: () => admin.removeStreams(),
    ageOut: () => admin.purge(),
    end: async () => {
      await Promise.all(buses.map((bus) => bus.close()));
      await Promise.all(gates.map((gate) => gate.close()));
    },
  };
}
