import { EventEmitter, once } from "node:events";
import { type Clock, defaultSettings, newNodeId, type Observer, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, type MemoryLink, MemoryTurnIssuer, VirtualClock, wellBehaved } from "@heliograph/core/memory";
import type { Realm } from "@heliograph/protocol";
import { SystemClock, systemRandom } from "@heliograph/system";
import { afterEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { msgpack } from "../contract/formats.ts";
import { type Edge, type EdgeOptions, startEdge } from "./start.ts";

const faults: unknown[] = [];
/** How each session's connection ended. */
const closes = new Map<string, string>();
const closings = new EventEmitter();
const observer: Observer = {
  observe: (happening) => {
    if (happening.type === "fault") faults.push(happening.error);
    if (happening.type !== "session_closed") return;
    closes.set(happening.session, happening.close);
    closings.emit(happening.session, happening.close);
  },
};

const options: EdgeOptions = {
  host: "127.0.0.1",
  port: 0,
  basePath: "/",
  socketPath: "/v1/socket",
  realm: "default" as Realm,
  origins: ["https://app.example"],
  ownPage: true,
  trustForwarded: 0,
  connectionsPerAddress: 100,
  bufferedBytes: 1 << 20,
  maxDepth: 32,
  maxKeys: 4_096,
  site: undefined,
  drain: { lag: 0, perSecond: 1_000, deadline: 200 },
};

const edges: Edge[] = [];
const links = new WeakMap<Edge, MemoryLink>();

async function edge(
  more: Partial<EdgeOptions> = {},
  clock: Clock = new SystemClock((error) => faults.push(error)),
  cluster = new MemoryCluster({ clock, random: systemRandom }),
  misbehaviour = wellBehaved,
): Promise<Edge> {
  const id = newNodeId(systemRandom);
  const ports = cluster.node(id);
  ports.link.misbehave(misbehaviour);
  const started = await startEdge(
    { ...options, ...more },
    {
      ...ports,
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: new Tokens(new Signer([{ id: "k", secret: systemRandom.bytes(32) }]), defaultSettings.tokenLife),
      turn: new MemoryTurnIssuer(clock),
      clock,
      random: systemRandom,
      observer,
    },
    (reason) => faults.push(reason),
  );
  edges.push(started);
  links.set(started, ports.link);
  return started;
}

afterEach(async () => {
  for (const each of edges.splice(0)) await each.stop();
  expect(faults.splice(0)).toStrictEqual([]);
});

type Frame = Record<string, unknown>;

/** A client that keeps every frame and lets a test wait for one. */
class Client {
  readonly frames: Frame[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #waiting: (() => void)[] = [];

  constructor(port: number, headers: Record<string, string> = {}, subprotocol = "heliograph.v1.json") {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/v1/socket`, subprotocol, { headers });
    this.closed = new Promise((resolve) => this.socket.on("close", resolve));
    this.socket.on("message", (data) => {
      this.frames.push(JSON.parse(String(data)));
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on("error", () => undefined);
  }

  async open(): Promise<this> {
    await new Promise((resolve, reject) => {
      this.socket.once("open", resolve);
      this.socket.once("error", reject);
    });
    return this;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  async next(type: string): Promise<Frame> {
    for (;;) {
      const at = this.frames.findIndex((frame) => frame["type"] === type);
      if (at >= 0) return this.frames.splice(at, 1)[0] ?? {};
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async hello(): Promise<Frame> {
    this.send({ type: "hello", attempt: 1 });
    return this.next("welcome");
  }

  async join(room = "lobby"): Promise<Frame> {
    this.send({ type: "join", n: 1, room });
    return this.next("joined");
  }
}

async function client(port: number): Promise<Client> {
  return new Client(port).open();
}

describe("over a real socket", () => {
  test("two clients meet, signal, chat and are answered", async () => {
    const { port } = await edge();
    const ann = await client(port);
    await ann.hello();
    const joined = await ann.join();
    const bob = await client(port);
    await bob.hello();
    await bob.join();
    expect(await ann.next("member")).toMatchObject({ change: "joined", room: "lobby" });
    bob.send({ type: "signal", n: 1, room: "lobby", to: joined["self"], body: { kind: "ring", call: "c" } });
    expect(await ann.next("signal")).toMatchObject({ room: "lobby", body: { kind: "ring", call: "c" } });
    expect(await bob.next("ack")).toMatchObject({ n: 1 });
    bob.send({ type: "broadcast", n: 2, room: "lobby", body: { text: 'héllo \u2028 "quoted"' } });
    expect(await ann.next("broadcast")).toMatchObject({ body: { text: 'héllo \u2028 "quoted"' } });
  });

  test("a page of a foreign origin is told how to be let in", async () => {
    const { port } = await edge();
    const refused = new Client(port, { origin: "https://evil.example" });
    const answer = await new Promise<string>((resolve) =>
      refused.socket.on("unexpected-response", (_request, response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () => resolve(`${response.statusCode} ${body}`));
      }),
    );
    expect(answer).toMatch(/^403 Pages from https:\/\/evil\.example may not connect here\.\n.*HELIOGRAPH_ORIGINS/);
    await new Client(port, { origin: "https://app.example" }).open();
    await new Client(port, { origin: `http://127.0.0.1:${port}` }).open();
  });

  test.for<[string, unknown, number]>([
    ["a command before hello", { type: "join", n: 1, room: "lobby" }, 4400],
    ["no JSON", "{", 4400],
    ["a binary frame on a JSON socket", Buffer.from([0x80]), 4406],
    ["a hello with a token that nobody can check", { type: "hello", attempt: 1, token: "x" }, 4401],
    [
      "a resume with a token of our own making",
      { type: "resume", attempt: 1, token: "h1.k.default.x.1.0", rooms: [] },
      4401,
    ],
    ["a frame over the limit", `"${"x".repeat(70_000)}"`, 1009],
  ])("%s is answered and the socket closed", async ([, frame, code]) => {
    const running = await edge();
    const bystander = await client(running.port);
    await bystander.hello();
    const bad = await client(running.port);
    bad.send(frame);
    expect(await bad.closed).toBe(code);
    bystander.send({ type: "ping", n: 1 });
    await bystander.next("pong");
  });

  test("a drained edge asks its clients to go and ends", async () => {
    const running = await edge();
    const ann = await client(running.port);
    await ann.hello();
    const drained = running.drain();
    expect(await ann.next("goaway")).toMatchObject({ retryIn: 0 });
    expect(await ann.closed).toBe(4000);
    await drained;
    expect(running.health.missing()).toStrictEqual(["draining"]);
    expect(running.held()).toStrictEqual({ connections: 0, addresses: 0, unopened: 0 });
  });

  test("whoever a drained edge had to close is away for peers on other nodes before it ends, not after a silence", async () => {
    const clock = new SystemClock((error) => faults.push(error));
    const cluster = new MemoryCluster({ clock, random: systemRandom });
    const stays = await edge({}, clock, cluster);
    const slow = { ...wellBehaved, delay: [100, 100] } as const;
    const goes = await edge({ drain: { lag: 0, perSecond: 1_000, deadline: 0 } }, clock, cluster, slow);
    const ann = await client(stays.port);
    await ann.hello();
    await ann.join();
    const bob = await client(goes.port);
    await bob.hello();
    await bob.join();
    expect(await ann.next("member")).toMatchObject({ change: "joined" });
    bob.send({ type: "broadcast", n: 1, room: "lobby", body: 1 });
    await ann.next("broadcast");
    const began = performance.now();
    // Its answer is still on the way, and what comes next waits for it.
    await goes.drain();
    // The process ends now.
    links.get(goes)?.cut();
    expect(await bob.closed).toBe(4000);
    expect(await ann.next("member")).toMatchObject({ change: "away" });
    expect(performance.now() - began).toBeLessThan(defaultSettings.silence / 2);
  });

  test("below a base path everything is, and the path without its slash leads there", async () => {
    const site: EdgeOptions["site"] = ({ path }) =>
      path === "/r/tea" ? { status: 200, headers: {}, body: "tea" } : undefined;
    const { port } = await edge({ basePath: "/calls/", site });
    const at = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: "manual" });
      return [answer.status, answer.headers.get("location") ?? (await answer.text())];
    };
    expect(await at("/calls/healthz")).toStrictEqual([200, "ok\n"]);
    expect(await at("/calls/r/tea")).toStrictEqual([200, "tea"]);
    expect(await at("/calls?x=1")).toStrictEqual([308, "/calls/?x=1"]);
    for (const path of ["/healthz", "/r/tea", "/callsr/tea", "/"]) expect((await at(path))[0]).toBe(404);
    const socket = new WebSocket(`ws://127.0.0.1:${port}/calls/v1/socket`, "heliograph.v1.json");
    await once(socket, "open");
    socket.terminate();
  });

  test("of many sockets that one address opens at once exactly as many come in as it may hold", async () => {
    const running = await edge({ connectionsPerAddress: 5 });
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = new Client(running.port).socket;
        return await Promise.race([
          once(socket, "open").then(() => "open"),
          once(socket, "unexpected-response").then(([, response]) => response.statusCode),
        ]);
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "open")).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === 429)).toHaveLength(15);
    expect(running.held()).toStrictEqual({ connections: 5, addresses: 1, unopened: 5 });
  });

  test("what a node with wider limits let in reaches the clients of a node with narrower ones, in their codec", async () => {
    const clock = new SystemClock((error) => faults.push(error));
    const cluster = new MemoryCluster({ clock, random: systemRandom });
    const wide = await edge({ maxKeys: 4_096 }, clock, cluster);
    const narrow = await edge({ maxKeys: 64 }, clock, cluster);
    const ann = new WebSocket(`ws://127.0.0.1:${narrow.port}/v1/socket`, "heliograph.v1.msgpack");
    const heard = new EventEmitter();
    ann.on("message", (data: Buffer) => {
      const read = msgpack.decode(data);
      if (read.ok) heard.emit(String(Reflect.get(Object(read.value), "type")), read.value);
    });
    await once(ann, "open");
    const joined = once(heard, "joined");
    ann.send(msgpack.encode({ type: "hello", attempt: 1 }));
    ann.send(msgpack.encode({ type: "join", n: 1, room: "lobby" }));
    await joined;
    const bob = await client(wide.port);
    await bob.hello();
    await bob.join();
    const body = Array.from({ length: 500 }, (_, index) => index);
    const said = once(heard, "broadcast");
    bob.send({ type: "broadcast", n: 1, room: "lobby", body });
    expect((await said)[0]).toMatchObject({ body });
    ann.terminate();
  });

  test("an edge that finds its port taken leaves nothing running", async () => {
    const { port } = await edge();
    const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
    await expect(edge({ port }, clock)).rejects.toThrow(/EADDRINUSE/);
    expect(clock.timers).toBe(0);
  });

  test("a command that meets a fault of ours ends its own session only, resumable", async () => {
    const running = await edge();
    const ann = await client(running.port);
    await ann.hello();
    await ann.join();
    const bob = await client(running.port);
    await bob.hello();
    await bob.join();
    const { node } = running;
    const fault = new Error("a bug");
    node.command = () => {
      Reflect.deleteProperty(node, "command");
      throw fault;
    };
    bob.send({ type: "broadcast", n: 1, room: "lobby", body: 1 });
    expect(await bob.closed).toBe(1011);
    expect(await ann.next("member")).toMatchObject({ change: "joined" });
    expect(await ann.next("member")).toMatchObject({ change: "away" });
    expect(faults.splice(0)).toStrictEqual([fault]);
    expect(running.held().connections).toBe(1);
  });

  test("how a session's connection ended is observed", async () => {
    const { port } = await edge();
    const ended = async (end: (one: Client) => void): Promise<unknown> => {
      const one = await client(port);
      const { session } = await one.hello();
      end(one);
      await one.closed;
      return closes.get(String(session)) ?? (await once(closings, String(session)))[0];
    };
    expect(await ended((one) => one.send({ type: "bye" }))).toBe("normal");
    expect(await ended((one) => one.socket.close(1000))).toBe("normal");
    expect(await ended((one) => one.socket.close(4429, "as if it were ours"))).toBe("cut");
    expect(await ended((one) => one.socket.terminate())).toBe("cut");
    expect(await ended((one) => one.send("{"))).toBe("malformed");
    expect(await ended((one) => one.send(`"${"x".repeat(70_000)}"`))).toBe("too_large");
  });
});
