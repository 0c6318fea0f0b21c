// The built standalone as a process: how it starts, takes over changes, and ends.
import { connect as connectTls } from "node:tls";
import { generate } from "selfsigned";
import { afterEach, expect, test } from "vitest";
import WebSocket from "ws";
import { freePort } from "../kit/free-port.ts";
import { TestMember } from "../kit/member.ts";
import { StandaloneProcess } from "../kit/standalone-process.ts";
import { until } from "../kit/until.ts";
import { expectClosedAtTheDeadline } from "./drains.ts";

const running: StandaloneProcess[] = [];
const members: TestMember[] = [];

afterEach(async () => {
  for (const member of members.splice(0)) member.close();
  for (const each of running.splice(0)) await each.end();
});

function start(...how: ConstructorParameters<typeof StandaloneProcess>): StandaloneProcess {
  const started = new StandaloneProcess(...how);
  running.push(started);
  return started;
}

async function ready(...how: ConstructorParameters<typeof StandaloneProcess>): Promise<StandaloneProcess> {
  const started = start(...how);
  await started.line("Heliograph is ready");
  return started;
}

async function member(...how: Parameters<typeof TestMember.join>): Promise<TestMember> {
  const joined = await TestMember.join(...how);
  members.push(joined);
  return joined;
}

const socketOf = (address: string) => `${address.replace(/^http/, "ws")}/v1/socket`;

test("SIGTERM drains: clients are asked to go, the process ends with 0 once they went", async () => {
  const server = await ready();
  const url = socketOf(server.address);
  const ann = new WebSocket(url, "heliograph.v1.json");
  const frames: string[] = [];
  ann.on("message", (data) => frames.push(String(data)));
  ann.on("open", () => ann.send('{"type":"hello","attempt":1}'));
  await until("it is welcome", () => frames.some((frame) => frame.includes('"welcome"')));
  server.signal("SIGTERM");
  await until("it is asked to go", () => frames.some((frame) => frame.includes('"goaway"')));
  const health = await fetch(`${server.address}/readyz`).catch(() => undefined);
  expect(health?.status).not.toBe(200);
  ann.close();
  expect(await server.ended).toStrictEqual({ code: 0, signal: null });
  expect(server.errors).toBe("");
});

test("whoever does not go is closed at the deadline, resumable", async () => {
  const server = await ready({ DRAIN_DEADLINE: "300ms" });
  await expectClosedAtTheDeadline(server, socketOf(server.address));
});

test("a second signal ends the process at once", async () => {
  const server = await ready({ DRAIN_DEADLINE: "1h" });
  const ann = new WebSocket(socketOf(server.address), "heliograph.v1.json");
  await new Promise((resolve) => ann.on("open", resolve));
  server.signal("SIGINT");
  await server.line("Draining");
  server.signal("SIGINT");
  expect(await server.ended).toStrictEqual({ code: 130, signal: null });
});

test("SIGKILL is survived by the next connect: the session goes on, its rooms are new", async () => {
  const settings = { LISTEN_PORT: String(await freePort()), TOKENS_KEYS: `[{"id":"k","secret":"${"5a".repeat(32)}"}]` };
  const first = await ready(settings);
  const url = socketOf(first.address);
  const ann = await member(url, "tea", { speaks: "json" });
  const bob = await member(url, "tea", { speaks: "msgpack" });
  const session = ann.client.session;
  const left: unknown[] = [];
  ann.room.on("left", ({ why }) => left.push(why));
  first.signal("SIGKILL");
  expect(await first.ended).toStrictEqual({ code: null, signal: "SIGKILL" });
  await until("both know", () => [ann, bob].every(({ client }) => client.state === "reconnecting"));
  await ready(settings);
  await until("both are back", () => [ann, bob].every(({ client }) => client.state === "open"));
  expect(ann.client.session).toBe(session);
  await until("the stay is over, since a memory server forgets its rooms", () => left.length > 0);
  expect(left).toStrictEqual(["expired"]);
  const [annAgain, bobAgain] = [await TestMember.with(ann.client, "tea"), await TestMember.with(bob.client, "tea")];
  await annAgain.say("hello again");
  await until("they hear each other", () => bobAgain.lines.length === 1);
});

test("SIGHUP takes over who may connect; what is open stays", async () => {
  const server = start({ CONFIG: "heliograph.yaml" }, [], {
    "heliograph.yaml": "origins: [https://one.example]\n",
  });
  await server.line("Heliograph is ready");
  const url = socketOf(server.address);
  const connects = (origin: string) =>
    new Promise<boolean>((resolve) => {
      const socket = new WebSocket(url, "heliograph.v1.json", { origin });
      socket.on("open", () => {
        socket.close();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
  expect([await connects("https://one.example"), await connects("https://two.example")]).toStrictEqual([true, false]);
  const ann = await member(url, "tea");
  server.write("heliograph.yaml", "origins: [https://two.example]\nlisten: { port: 1 }\n");
  server.signal("SIGHUP");
  await server.line("The configuration was read again");
  expect([await connects("https://one.example"), await connects("https://two.example")]).toStrictEqual([false, true]);
  await ann.say("still here");
  expect(ann.states).toStrictEqual([]);

  server.write("heliograph.yaml", "origins: 7\n");
  server.signal("SIGHUP");
  await server.line("The configuration in force stays");
  expect(await connects("https://two.example")).toBe(true);
});

async function certificate(name: string): Promise<{ readonly cert: string; readonly private: string }> {
  return generate([{ name: "commonName", value: name }], { keySize: 2048 });
}

/** The subject of the certificate that a new connection is shown. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("wss with a certificate of one's own, renewed without dropping a socket", async () => {
  const [old, renewed] = [await certificate("old.example"), await certificate("renewed.example")];
  const server = start({ LISTEN_TLS_CERT: "tls.crt", LISTEN_TLS_KEY: "tls.key" }, [], {
    "tls.crt": old.cert,
    "tls.key": old.private,
  });
  await server.line("Heliograph is ready");
  expect(server.address).toMatch(/^https:/);
  class Trusting extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { rejectUnauthorized: false });
    }
  }
  const ann = await member(socketOf(server.address), "tea", { webSocket: Trusting });
  expect(await shown(server.port)).toBe("old.example");
  server.write("tls.crt", renewed.cert);
  server.write("tls.key", renewed.private);
  server.signal("SIGHUP");
  await until("new connections see it", async () => (await shown(server.port)) === "renewed.example");
  await ann.say("over the old one");
  const bob = await member(socketOf(server.address), "tea", { webSocket: Trusting, speaks: "msgpack" });
  await bob.say("over the new one");
  await until("they hear each other", () => ann.lines.length === 1);
  expect(ann.states).toStrictEqual([]);
  server.signal("SIGTERM");
  await until("they are asked to go", () => server.lines.some(({ msg }) => msg.startsWith("Draining")));
  for (const each of members.splice(0)) each.close();
  expect(await server.ended).toStrictEqual({ code: 0, signal: null });
});

test("a port that is taken is said so, with what to do", async () => {
  const first = await ready();
  const second = start({ LISTEN_PORT: String(first.port) });
  expect(await second.ended).toStrictEqual({ code: 1, signal: null });
  const said = second.lines.map(({ level, msg }) => `${level}: ${msg}`).join("\n");
  expect(said).toMatch(/fatal: 127\.0\.0\.1 port \d+ is taken\. .*HELIOGRAPH_LISTEN_PORT=/);
  await member(socketOf(first.address), "tea");
});

test("a configuration with mistakes is refused with all of them at once", async () => {
  const server = start({ CONFIG: "heliograph.yaml", LIMITS_GRACE: "soon" }, [], {
    "heliograph.yaml": "listen:\n  prot: 8080\nlimits:\n  window: 1s\norigins: [https://x.example/path]\n",
  });
  expect(await server.ended).toStrictEqual({ code: 2, signal: null });
  for (const part of ["HELIOGRAPH_LIMITS_GRACE", "heliograph.yaml:2", "heliograph.yaml:4", "heliograph.yaml:5"]) {
    expect(server.errors).toContain(part);
  }
  expect(server.errors).toContain("Nothing was started.");
  expect(server.lines).toStrictEqual([]);
});

test("a log that nobody reads any more stops no call", async () => {
  const server = await ready({ LOG_LEVEL: "trace" });
  const ann = await member(socketOf(server.address), "tea");
  await server.deafen();
  const bob = await member(socketOf(server.address), "tea", { speaks: "msgpack" });
  await ann.say("can you hear me?");
  await until("they hear each other", () => bob.lines.length === 1);
  server.signal("SIGTERM");
  for (const each of members.splice(0)) each.close();
  expect(await server.ended).toStrictEqual({ code: 0, signal: null });
});

test("a bug that rejects where nobody listens is told, and stops no call", async () => {
  const bug = `process.on("SIGUSR2", () => void Promise.reject(new Error("a bug of one room")))`;
  const server = await ready({}, ["--import", `data:text/javascript,${encodeURIComponent(bug)}`]);
  const ann = await member(socketOf(server.address), "tea");
  server.signal("SIGUSR2");
  expect(await server.line("fault")).toMatchObject({ level: "error", where: "a promise that nobody handled" });
  const bob = await member(socketOf(server.address), "tea");
  await ann.say("are you still there?");
  await until("they hear each other", () => bob.lines.length === 1);
});

test("a bug that breaks a call off is told with its place, and ends the process in good order", async () => {
  const bug = `process.on("SIGUSR2", () => { throw new Error("a bug in the middle") })`;
  const server = await ready({ DRAIN_LAG: "100ms", DRAIN_DEADLINE: "500ms" }, [
    "--import",
    `data:text/javascript,${encodeURIComponent(bug)}`,
  ]);
  await member(socketOf(server.address), "tea");
  server.signal("SIGUSR2");
  const fault = await server.line("fault");
  expect(fault).toMatchObject({ level: "error", where: "an exception that nobody caught" });
  expect(JSON.stringify(fault)).toContain("a bug in the middle");
  expect(await server.ended).toStrictEqual({ code: 1, signal: null });
});

test("where the native sockets cannot load, it says why and runs on ws", async () => {
  // What Node does with a binary for another machine: it throws when the addon is opened.
  const noBinary = `data:text/javascript,${encodeURIComponent(
    "const open = process.dlopen;" +
      "process.dlopen = (module, file, ...more) => {" +
      "if (/uws/.test(file)) throw new Error('wrong ELF class of ' + file);" +
      "return open.call(process, module, file, ...more); };",
  )}`;
  const server = await ready({}, ["--import", noBinary]);
  const why = await server.line("native sockets could not be loaded");
  expect(why.level).toBe("warn");
  expect(why.msg).toContain("wrong ELF class");
  expect((await server.line("Heliograph is ready"))["sockets"]).toBe("ws");
  const ann = await member(socketOf(server.address), "tea", { speaks: "json" });
  const bob = await member(socketOf(server.address), "tea", { speaks: "msgpack" });
  await ann.say("over ws");
  await until("they hear each other", () => bob.lines.length === 1);
  expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
  expect((await fetch(server.address)).headers.get("content-type")).toContain("text/html");
});
