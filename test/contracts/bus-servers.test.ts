// The servers that the bus is tested with start, fall and come back, and a gate cuts and silences what passes it.
import { Gate, NatsServers } from "@heliograph/cluster";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";

describe("three nats-servers", () => {
  let servers: NatsServers;
  beforeAll(async () => {
    servers = await NatsServers.start({ count: 3 });
  });
  afterAll(() => servers.stop());

  test("a stream outlives its leader, and the leader that was killed comes back", async () => {
    const link = await connect({ servers: [...servers.urls], maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const streams = await jetstreamManager(link);
    await streams.streams.add({ name: "KEPT", subjects: ["kept.>"], num_replicas: 3 });
    const leader = await servers.leaderOf("KEPT");
    await servers.server(leader).kill();
    expect(servers.server(leader).running).toBe(false);
    const next = await servers.leaderOf("KEPT");
    expect(next).not.toBe(leader);
    await servers.server(leader).start();
    await servers.healthy();
    await link.close();
  });
});

describe("a gate", () => {
  let servers: NatsServers;
  let gate: Gate;
  beforeAll(async () => {
    servers = await NatsServers.start({ count: 1 });
    gate = await Gate.before("127.0.0.1", servers.server(0).port);
  });
  afterAll(async () => {
    await gate.close();
    await servers.stop();
  });

  test("passes, is silent, passes again late, and cuts", async () => {
    const link = await connect({ servers: `127.0.0.1:${gate.port}`, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    await link.flush();
    expect(gate.connections).toBe(1);
    gate.blackhole();
    let flushed = false;
    const flush = link.flush().then(() => {
      flushed = true;
    });
    const other = await connect({ servers: servers.server(0).url });
    await other.flush();
    expect(flushed).toBe(false);
    gate.mend();
    await flush;
    gate.cut();
    await until("the connection to fall", () => gate.connections === 0);
    gate.mend();
    await until("the connection to come back", () => gate.connections === 1);
    await link.flush();
    await Promise.all([link.close(), other.close()]);
  });
});
