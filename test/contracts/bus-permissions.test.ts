// The permissions that we print are enough for everything a node does, and for nothing else: by servers that enforce them.
import { natsPermissions } from "@heliograph/bus";
import { NatsServers } from "@heliograph/cluster";
import { logContract, nodesContract, whisperContract } from "@heliograph/core/contract";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { Admin, type BusStage, busStage, shards } from "./bus-stage.ts";

const config = `
authorization {
  users: [
    { user: admin, password: secret }
    { user: edge, password: secret, ${natsPermissions("edge", shards)} }
    { user: keeper, password: secret, ${natsPermissions("keeper", shards)} }
  ]
}`;

describe("on a server that enforces the printed permissions", () => {
  let servers: NatsServers;
  let admin: Admin;
  beforeAll(async () => {
    servers = await NatsServers.start({ count: 1, config });
    admin = await Admin.of(servers, { user: "admin", pass: "secret" });
  });
  afterAll(async () => {
    await admin.close();
    await servers.stop();
  });

  /** A stage that also fails its case when anything was denied that the case did not miss. */
  const as = (user: string) => async (): Promise<BusStage> => {
    const stage = await busStage(servers, admin, { user, password: "secret" });
    return {
      ...stage,
      end: async () => {
        await stage.end();
        const faults = stage.happenings.flatMap((each) => (each.type === "fault" ? [String(each.error)] : []));
        expect(faults.filter((fault) => fault.includes("ermissions Violation"))).toEqual([]);
      },
    };
  };
  const [edge, keeper] = [as("edge"), as("keeper")];
  logContract("NATS, as an edge", edge);
  whisperContract("NATS, as an edge", edge);
  nodesContract("NATS, as an edge", async () => ({
    ...(await edge()),
    hints: { lacks: "an edge may not say that there is another set of TURN credentials" },
  }));
  logContract("NATS, as a keeper", keeper);
  nodesContract("NATS, as a keeper", async () => ({
    ...(await keeper()),
    numbers: { lacks: "a keeper has no doors, and may not say what one counts" },
  }));

  test.each([
    ["edge", "hg.out.0.default.room"],
    ["edge", "$JS.API.STREAM.DELETE.HG_0"],
    ["edge", "$JS.API.STREAM.PURGE.HG_0"],
    ["edge", "$JS.API.STREAM.UPDATE.HG_0"],
    ["edge", "$JS.API.STREAM.CREATE.OTHER"],
    ["edge", "$JS.API.DIRECT.GET.OTHER"],
    ["edge", "hg.n.ice"],
    ["edge", "hg.n.other"],
    ["edge", "other"],
    ["keeper", "hg.v.0.default.room"],
    ["keeper", "hg.out.0.default.room"],
  ])("%s may not publish to %s", async (user, subject) => {
    const denied: string[] = [];
    const link = await connect({ servers: servers.urls[0]?.replace("nats://", "") ?? "", user, pass: "secret" });
    void (async () => {
      for await (const status of link.status()) if (status.type === "error") denied.push(status.error.message);
    })();
    link.publish(subject, "");
    await link.flush();
    await until("the refusal", () => denied.length > 0);
    expect(denied[0]).toContain(subject);
    await link.close();
  });

  test.each([
    ["edge", ">"],
    ["edge", "hg.in.>"],
    ["edge", "$JS.API.>"],
    ["keeper", "_INBOX.>"],
  ])("%s may not listen to %s", async (user, subject) => {
    const refused: string[] = [];
    const link = await connect({ servers: servers.urls[0]?.replace("nats://", "") ?? "", user, pass: "secret" });
    link.subscribe(subject, { callback: (error) => void refused.push(error?.message ?? "heard") });
    await link.flush();
    await until("the refusal", () => refused.length > 0);
    expect(refused[0]).toContain("ermissions Violation");
    await link.close();
  });
});
