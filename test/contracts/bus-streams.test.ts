// A bus opens on servers that are what it was told, and on no others; its refusal says what is wrong and how to mend it.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BusOptions, BusRefused, openBus } from "@heliograph/bus";
import { Gate, NatsServers } from "@heliograph/cluster";
import { newNodeId } from "@heliograph/core";
import { realm } from "@heliograph/core/contract";
import { parseRoomName, roomKey } from "@heliograph/protocol";
import { systemRandom } from "@heliograph/system";
import { nkeys } from "@nats-io/transport-node";
import { generate } from "selfsigned";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { Admin, plainOptions, witness } from "./bus-stage.ts";

const base: Omit<BusOptions, "servers"> = { ...plainOptions, replicas: 1 };

async function refusal(options: BusOptions): Promise<string> {
  const error: unknown = await openBus(options, witness().ports).then(
    (bus) => bus.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BusRefused);
  return error instanceof Error ? error.message : "";
}

/** The address of a server as it stands in a configuration. */
function addressOf(servers: NatsServers): readonly string[] {
  return servers.urls;
}

describe("streams that are not what a node was told", () => {
  let servers: NatsServers;
  let admin: Admin;
  beforeAll(async () => {
    servers = await NatsServers.start({ count: 1 });
    admin = await Admin.of(servers);
  });
  beforeEach(async () => {
    const bus = await openBus({ ...base, servers: addressOf(servers) }, witness().ports);
    await bus.close();
  });
  afterEach(() => admin.removeStreams());
  afterAll(async () => {
    await admin.close();
    await servers.stop();
  });

  test("the same settings open again", async () => {
    const bus = await openBus({ ...base, servers: addressOf(servers) }, witness().ports);
    expect(bus.log.link).toBe("up");
    await bus.close();
  });

  test.each<[string, Partial<BusOptions>, readonly string[]]>([
    ["more shards", { shards: 4 }, ["for 2 shards", "configured for 4", "nats.shards"]],
    ["fewer shards", { shards: 1 }, ["for 2 shards", "configured for 1", "nats.shards"]],
    ["another age", { maxAge: 200_000 }, ["max_age", "resume window", "nats stream edit HG_0 --max-age=200000ms"]],
    ["other bytes", { maxBytes: 1 << 27 }, ["max_bytes", "nats.maxBytes is 134217728", "--max-bytes=134217728"]],
    ["replicas", { replicas: 3 }, ["num_replicas is 1", "nats.replicas is 3", "--replicas=3"]],
    ["another storage", { storage: "memory" }, ["storage", "nats stream rm HG_0"]],
  ])("%s are refused", async (_, change, words) => {
    const message = await refusal({ ...base, ...change, servers: addressOf(servers) });
    for (const word of words) expect(message).toContain(word);
  });

  test("a stream that nobody told how many there are is refused", async () => {
    await admin.removeStreams();
    await admin.ask("STREAM.CREATE.HG_0", { name: "HG_0", subjects: ["hg.in.0.>"] });
    expect(await refusal({ ...base, servers: addressOf(servers) })).toContain("made by somebody else");
    await openBus({ ...base, servers: addressOf(servers) }, witness().ports).catch(() => undefined);
    await admin.ask("STREAM.CREATE.HG_1", { name: "HG_1", subjects: ["hg.in.1.>"] });
  });

  test("a stream of somebody else that takes our subjects is refused", async () => {
    await admin.removeStreams();
    await admin.ask("STREAM.CREATE.OTHER", { name: "OTHER", subjects: ["hg.in.>"] });
    expect(await refusal({ ...base, servers: addressOf(servers) })).toContain("another stream takes the subjects");
    await admin.ask("STREAM.DELETE.OTHER");
    await (await openBus({ ...base, servers: addressOf(servers) }, witness().ports)).close();
  });

  test("replicas on a server that stands alone are refused", async () => {
    await admin.removeStreams();
    expect(await refusal({ ...base, replicas: 3, servers: addressOf(servers) })).toContain("nats.replicas to 1");
    await (await openBus({ ...base, servers: addressOf(servers) }, witness().ports)).close();
  });

  test("more bytes than the servers have are refused", async () => {
    await admin.removeStreams();
    const message = await refusal({ ...base, maxBytes: 2 ** 40, servers: addressOf(servers) });
    expect(message).toContain("nats.maxBytes");
    await (await openBus({ ...base, servers: addressOf(servers) }, witness().ports)).close();
  });

  test("frames larger than a message may be are refused", async () => {
    const message = await refusal({ ...base, largestFrame: 1 << 20, servers: addressOf(servers) });
    expect(message).toContain("max_payload of 1048576");
    expect(message).toContain(String((1 << 20) + 65_536));
  });

  test("a server without TLS is refused where TLS is wanted", async () => {
    expect(await refusal({ ...base, tls: {}, servers: addressOf(servers) })).toContain("TLS");
  });

  test("a file that is not there is named", async () => {
    const missing = join(tmpdir(), "heliograph-no-such-file");
    expect(await refusal({ ...base, credsFile: missing, servers: addressOf(servers) })).toContain(missing);
  });
});

describe("servers that are not there", () => {
  test("are waited for, and told of once", async () => {
    const servers = await NatsServers.start({ count: 1 });
    const gate = await Gate.before("127.0.0.1", servers.server(0).port);
    gate.cut();
    const { happenings, ports } = witness();
    const opening = openBus({ ...base, servers: [`nats://127.0.0.1:${gate.port}`] }, ports);
    await until("the word of trouble", () => happenings.length > 0);
    gate.mend();
    const bus = await opening;
    expect(happenings).toMatchObject([{ type: "waiting", link: "log" }]);
    await bus.close();
    await gate.close();
    await servers.stop();
  });

  test("are waited for only until the signal", async () => {
    const { happenings, ports } = witness();
    const stop = new AbortController();
    const opening = openBus({ ...base, servers: ["nats://127.0.0.1:1"] }, ports, stop.signal);
    await until("the word of trouble", () => happenings.length > 0);
    stop.abort(new Error("no longer wanted"));
    await expect(opening).rejects.toThrow("no longer wanted");
  });
});

describe("servers that are not what they must be", () => {
  test("an old one is refused", async () => {
    const old = await oldServer("2.11.9");
    expect(await refusal({ ...base, servers: [`nats://127.0.0.1:${old.port}`] })).toMatch(/2\.11\.9 is too old.*2\.12/);
    old.server.close();
  });

  test("one without JetStream is refused", async () => {
    const servers = await NatsServers.start({ count: 1, jetStream: false });
    expect(await refusal({ ...base, servers: addressOf(servers) })).toContain("JetStream is not enabled");
    await servers.stop();
  });
});

describe("who we are", () => {
  const user = nkeys.createUser();
  const seed = new TextDecoder().decode(user.getSeed());
  let servers: NatsServers;
  beforeAll(async () => {
    const config = `authorization { users: [
      { user: right, password: secret }
      { user: poor, password: secret, permissions: { publish: ["hg.in.>"], subscribe: [">"] } }
      { nkey: ${user.getPublicKey()} }
    ] }`;
    servers = await NatsServers.start({ count: 1, config });
  });
  afterAll(() => servers.stop());

  test("a wrong password is refused, and so is none", async () => {
    const wrong = await refusal({ ...base, user: "right", password: "wrong", servers: addressOf(servers) });
    expect(wrong).toContain("nats.password");
    expect(wrong).not.toContain("wrong,");
    expect(await refusal({ ...base, servers: addressOf(servers) })).toContain("nats.password");
  });

  test("the right password and the right key open", async () => {
    for (const login of [{ user: "right", password: "secret" }, { nkeySeed: seed }]) {
      const bus = await openBus({ ...base, ...login, servers: addressOf(servers) }, witness().ports);
      await bus.close();
    }
  });

  test("a user without permissions is refused, and told how to get them", async () => {
    const message = await refusal({ ...base, user: "poor", password: "secret", servers: addressOf(servers) });
    expect(message).toContain("$JS.API.STREAM.INFO.HG_0");
    expect(message).toContain("heliograph nats permissions");
  });
});

describe("TLS", () => {
  let folder: string;
  let servers: NatsServers;
  let caFile: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "heliograph-tls-"));
    const made = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      keySize: 2048,
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    caFile = join(folder, "cert.pem");
    const keyFile = join(folder, "key.pem");
    await writeFile(caFile, made.cert);
    await writeFile(keyFile, made.private);
    servers = await NatsServers.start({ count: 1, tls: { certFile: caFile, keyFile } });
  });
  afterAll(async () => {
    await servers.stop();
    await rm(folder, { recursive: true });
  });

  test("a certificate of a known authority is accepted", async () => {
    const bus = await openBus({ ...base, tls: { caFile }, servers: addressOf(servers) }, witness().ports);
    expect(bus.log.link).toBe("up");
    await bus.close();
  });

  test("a certificate of nobody we know is refused", async () => {
    expect(await refusal({ ...base, servers: addressOf(servers) })).toContain("nats.tls.caFile");
  });
});

/** Says of itself what an older server would, and answers pings. */
async function oldServer(version: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const info = { server_id: "old", version, proto: 1, headers: true, max_payload: 1 << 20, jetstream: true };
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on("data", (chunk) => {
      if (chunk.includes("PING")) socket.write("PONG\r\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a listener on an address has a port");
  return { server, port: address.port };
}

test("a stream that is full says that it drops entries before their time", async () => {
  const servers = await NatsServers.start({ count: 1 });
  const { ports, happenings } = witness();
  const bus = await openBus({ ...base, shards: 1, maxAge: 8_000, maxBytes: 1 << 20, servers: servers.urls }, ports);
  const end = bus.watchEarlyLosses();
  const name = parseRoomName("busy");
  if (!name.ok) throw new Error("a sound name was refused");
  const room = roomKey(realm, name.value);
  const keep = { kind: "keep" as const, by: newNodeId(systemRandom) };
  let full = true;
  const filling = (async () => {
    while (full)
      await bus.log.append(
        room,
        Array.from({ length: 200 }, () => keep),
      );
  })();
  try {
    await until("the loss is told", () => happenings.some(({ type }) => type === "log_lost_early"));
  } finally {
    full = false;
    await filling;
    end();
    await bus.close();
    await servers.stop();
  }
  const loss = happenings.find((each) => each.type === "log_lost_early");
  expect(loss).toMatchObject({ shard: 0 });
});
