import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createJsonCodec } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import { SeededRandom } from "@heliograph/core/memory";
import { afterEach, expect, test } from "vitest";
import type { BusOptions } from "../options.ts";
import { AuthorizationRefused } from "./dial.ts";
import { Link } from "./link.ts";

function until(what: string, holds: () => boolean): Promise<void> {
  return expect.poll(holds, { timeout: 20_000, interval: 5, message: what }).toBe(true);
}

const info = { server_id: "one", version: "2.12.0", max_payload: 1_000, jetstream: true, headers: true };
const json = createJsonCodec({ maxBytes: 1 << 20, maxDepth: 8, maxKeys: 1_000 });

/** A server that says only what it is told to, beside the greeting. */
class Scripted {
  readonly sockets: Socket[] = [];
  readonly heard: string[] = [];
  readonly #server: Server;

  private constructor(greets: boolean) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on("error", () => undefined);
      socket.write(`INFO ${JSON.stringify(info)}\r\n`);
      socket.on("data", (chunk) => {
        for (const line of chunk.toString("latin1").split("\r\n")) if (line !== "") this.heard.push(line);
        if (greets && chunk.toString("latin1").endsWith("PING\r\n")) socket.write("PONG\r\n");
      });
    });
  }

  static async start(greets = true): Promise<Scripted> {
    const scripted = new Scripted(greets);
    scripted.#server.listen(0, "127.0.0.1");
    await once(scripted.#server, "listening");
    return scripted;
  }

  get url(): string {
    const address = this.#server.address();
    return `nats://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  get last(): Socket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nobody has connected");
    return socket;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Real time, and an end of the turn as the system's. */
const clock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  endOfTurn: (call) => void setImmediate(call),
};

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function scripted(greets = true): Promise<Scripted> {
  const server = await Scripted.start(greets);
  ends.push(() => server.stop());
  return server;
}

function linked(server: Scripted, more: Partial<BusOptions> = {}) {
  const faults: unknown[] = [];
  const denied: string[] = [];
  const options: BusOptions = {
    servers: [server.url],
    name: "a node",
    shards: 1,
    replicas: 1,
    maxAge: 1,
    maxBytes: 1,
    storage: "memory",
    largestFrame: 1,
    ...more,
  };
  const fault = (_where: string, error: unknown) => void faults.push(error);
  const ports = { json, clock, random: new SeededRandom(1), fault, denied: (what: string) => void denied.push(what) };
  const link = new Link(options, ports);
  ends.push(() => link.close());
  return { link, faults, denied };
}

test("says who it is, stands with its subjects, and sends what one turn says in one write", async () => {
  const server = await scripted();
  const { link } = linked(server, { user: "ann", password: "s3cret" });
  const chunks: string[] = [];
  link.subscribe("hg.a", () => undefined);
  await link.dial();
  const [connect] = server.heard;
  expect(JSON.parse(connect?.slice(8) ?? "")).toMatchObject({
    user: "ann",
    pass: "s3cret",
    echo: false,
    headers: true,
  });
  await until("its subject to stand", () => server.heard.includes("SUB hg.a 1"));
  server.last.on("data", (chunk) => chunks.push(chunk.toString("latin1")));
  link.publish("hg.b", Buffer.from("one"), "hg.r");
  link.publish("hg.b", Buffer.from(""));
  await until("both to come", () => chunks.join("").includes("PUB hg.b 0"));
  link.publishNow("hg.b", Buffer.from("two"), "hg.r", ["Said", "7"]);
  await until("the third to come", () => chunks.join("").includes("HPUB"));
  expect(chunks).toEqual([
    "PUB hg.b hg.r 3\r\none\r\nPUB hg.b 0\r\n\r\n",
    "HPUB hg.b hg.r 21 24\r\nNATS/1.0\r\nSaid: 7\r\n\r\ntwo\r\n",
  ]);
});

test("what a listener throws is told as a fault, and the connection reads on", async () => {
  const server = await scripted();
  const { link, faults } = linked(server);
  const heard: string[] = [];
  link.subscribe("hg.a", ({ bytes }) => {
    heard.push(Buffer.from(bytes).toString());
    if (heard.length === 1) throw new Error("a bug of one room");
  });
  await link.dial();
  server.last.write("MSG hg.a 1 3\r\none\r\nMSG hg.a 1 3\r\ntwo\r\n");
  await until("both to be heard", () => heard.length === 2);
  expect(heard).toEqual(["one", "two"]);
  expect(faults).toEqual([new Error("a bug of one room")]);
});

test("a connection that ended is not heard any more, and its subjects stand on the next before anybody is told", async () => {
  const server = await scripted();
  const { link } = linked(server);
  const told: string[] = [];
  link.onState((state) => told.push(state));
  link.subscribe("hg.a", () => undefined);
  const ended = link.subscribe("hg.b", () => told.push("heard"));
  await link.dial();
  await until("both to stand", () => server.heard.includes("SUB hg.b 2"));
  ended.end();
  server.last.write("MSG hg.b 2 2\r\nhi\r\n");
  await until("the end to be told", () => server.heard.includes("UNSUB 2"));
  server.heard.length = 0;
  server.last.destroy();
  await until("it to be up again", () => told.length === 3);
  expect(told).toEqual(["up", "down", "up"]);
  await until("the subject to stand", () => server.heard.includes("SUB hg.a 1"));
  expect(server.heard.filter((line) => line.startsWith("SUB"))).toEqual(["SUB hg.a 1"]);
});

test("what the server refuses is told by its subject, and the connection stays", async () => {
  const server = await scripted();
  const { link, faults, denied } = linked(server);
  await link.dial();
  server.last.write(`-ERR 'Permissions Violation for Publish to "hg.n.beat"'\r\n`);
  server.last.write(`-ERR 'Permissions Violation for Subscription to "hg.a" using queue "q"'\r\n`);
  await until("both to be told", () => denied.length === 2);
  expect(denied).toEqual(["publish hg.n.beat", "subscription hg.a"]);
  expect(faults).toHaveLength(2);
  expect(link.state).toBe("up");
});

test("who is not let in is told so", async () => {
  const server = await scripted(false);
  const { link } = linked(server);
  const dialling = link.dial();
  await until("it to say hello", () => server.heard.some((line) => line.startsWith("CONNECT")));
  server.last.end("-ERR 'Authorization Violation'\r\n");
  await expect(dialling).rejects.toBeInstanceOf(AuthorizationRefused);
  expect(link.state).toBe("down");
});

test("a server that is none, or closes at once, is an attempt that failed", async () => {
  const server = await scripted(false);
  const { link } = linked(server);
  const noProtocol = link.dial();
  await until("it to say hello", () => server.heard.some((line) => line.startsWith("CONNECT")));
  server.last.write("HTTP/1.1 400 Bad Request\r\n");
  await expect(noProtocol).rejects.toThrow("does not speak the NATS protocol");
  server.heard.length = 0;
  const closed = link.dial();
  await until("it to say hello again", () => server.heard.some((line) => line.startsWith("CONNECT")));
  server.last.destroy();
  await expect(closed).rejects.toThrow();
  const tls = linked(server, { tls: {} });
  await expect(tls.link.dial()).rejects.toThrow("does not support 'tls'");
});

test("what is larger than the server takes is not sent, since the server would end the connection for it", async () => {
  const server = await scripted();
  const { link, faults } = linked(server);
  await link.dial();
  link.publish("hg.b", new Uint8Array(1_001));
  link.publish("hg.b", new Uint8Array(1_000));
  await until("the smaller to come", () => server.heard.some((line) => line === "PUB hg.b 1000"));
  expect(server.heard.some((line) => line === "PUB hg.b 1001")).toBe(false);
  expect(faults).toHaveLength(1);
});

test("a server that ends while it is being written to ends nothing else", async () => {
  const server = await scripted();
  const { link } = linked(server);
  const states: string[] = [];
  link.onState((state) => states.push(state));
  await link.dial();
  for (let round = 0; round < 20; round += 1) {
    const before = states.length;
    link.publish("hg.b", new Uint8Array(900));
    server.last.end();
    // Written behind the end of the server, and once more when its end has been seen.
    for (let i = 0; i < 50; i += 1) link.publish("hg.b", new Uint8Array(900));
    await until("the link to stand again", () => states.length >= before + 2 && link.state === "up");
  }
  expect(states.filter((state) => state === "down")).toHaveLength(20);
});
