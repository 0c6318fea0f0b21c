// The bus keeps what Log, Whisper and Nodes promise, on one server and on three.
import { NatsServers } from "@heliograph/cluster";
import { logContract, nodesContract, whisperContract } from "@heliograph/core/contract";
import { afterAll, beforeAll, describe } from "vitest";
import { Admin, busStage } from "./bus-stage.ts";

describe.each([1, 3] as const)("on %i nats-server(s)", (count) => {
  let servers: NatsServers;
  let admin: Admin;
  beforeAll(async () => {
    servers = await NatsServers.start({ count });
    admin = await Admin.of(servers);
  });
  afterAll(async () => {
    await admin.close();
    await servers.stop();
  });

  const make = () => busStage(servers, admin);
  logContract(`NATS ×${count}`, make);
  whisperContract(`NATS ×${count}`, make);
  nodesContract(`NATS ×${count}`, make);
});
