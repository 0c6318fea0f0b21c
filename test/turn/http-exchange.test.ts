// What services and networks may do to a question over HTTP, and that it ends in a class of failure, in time, saying nothing.
import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { VirtualClock } from "@heliograph/core/memory";
import type { HttpExchangeParts, ServiceRequest } from "@heliograph/turn";
import { HttpExchange, parseServiceUrl } from "@heliograph/turn";
import { generate } from "selfsigned";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../kit/free-port.ts";
import type { ServiceAnswer } from "../kit/turn-service.ts";
import { TurnService } from "../kit/turn-service.ts";
import { until } from "../kit/until.ts";

const kiB64 = 64 * 1_024;
const key = "key-that-nobody-may-see";

let service: TurnService;
let clock: VirtualClock;
const stops: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  service = await TurnService.start();
  stops.push(() => service.stop());
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  expect(clock.timers, "no timer is left behind").toBe(0);
});

function request(url: string, more: Partial<ServiceRequest> = {}): ServiceRequest {
  const read = parseServiceUrl(url);
  if (!read.ok) throw new Error(read.detail);
  return { method: "GET", url: read.value, headers: { authorization: `Bearer ${key}` }, ...more };
}

const ask = (url = `${service.url}/x?key=${key}`, parts: Partial<HttpExchangeParts> = {}) =>
  new HttpExchange({ clock, ...parts }).ask(request(url));

/** A server that speaks no HTTP of its own accord. */
async function rawServer(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => serve(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await once(server, "listening");
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const answering = (answer: ServiceAnswer) => {
  service.answers(answer);
  return ask();
};

test("a good answer is an object, and the question said who asks and no more", async () => {
  service.answers({ body: { a: [1, { b: null }] } });
  const asked = new HttpExchange({ clock }).ask(
    request(`${service.url}/turn?x=1`, {
      method: "POST",
      headers: { "content-type": "text/plain", authorization: "Basic eA==" },
      body: "hello",
    }),
  );
  expect(await asked).toEqual({ class: "answered", value: { a: [1, { b: null }] }, askedAt: clock.now() });
  expect(service.last).toMatchObject({ method: "POST", target: "/turn?x=1", body: "hello" });
  expect(service.last.headers).toEqual({
    accept: "application/json",
    authorization: "Basic eA==",
    connection: "close",
    "content-length": "5",
    "content-type": "text/plain",
    host: `127.0.0.1:${service.port}`,
    "user-agent": expect.stringMatching(/^heliograph\/\d+\.\d+\.\d+$/),
  });
});

test("no connection outlives the question, however it ended", async () => {
  for (const answer of [{ body: {} }, { status: 500, body: "x".repeat(9_999) }, { body: "x".repeat(999_999) }]) {
    await answering(answer);
    await until("the connection is gone", () => service.connections === 0);
  }
});

test("[turn 13] a service that hangs before, in or after the head of its answer is given up after 5 s", async () => {
  let asked = 0;
  for (const hang of ["answer", "body", "drip"] as const) {
    const attempt = answering({ hang, body: "" });
    let ended = false;
    void attempt.then(() => {
      ended = true;
    });
    asked += 1;
    await service.arrived(asked);
    await clock.advance(4_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await attempt).toEqual({ class: "transient", why: "no answer within 5 s" });
    await until("the connection is gone", () => service.connections === 0);
  }
});

test("[turn 13] names that are never resolved are given up after 5 s too, and later answers change nothing", async () => {
  let answer: (addresses: readonly LookupAddress[]) => void = () => {};
  let looked: () => void = () => {};
  const lookedUp = new Promise<void>((resolve) => {
    looked = resolve;
  });
  const attempt = ask("https://service.example/", {
    resolve: () => {
      looked();
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
  });
  let ended = false;
  void attempt.then(() => {
    ended = true;
  });
  await lookedUp;
  await clock.advance(5_000);
  // At once, and not when the bound for connecting is over too.
  expect(ended).toBe(true);
  expect(await attempt).toEqual({ class: "transient", why: "no answer within 5 s" });
  answer([{ address: "127.0.0.1", family: 4 }]);
});

test("a service that is slow and still in time is heard", async () => {
  let open: () => void = () => {};
  const after = new Promise<void>((resolve) => {
    open = resolve;
  });
  const attempt = answering({ after, body: { late: true } });
  await service.arrived(1);
  await clock.advance(4_999);
  open();
  expect(await attempt).toMatchObject({ class: "answered", askedAt: clock.now() - 4_999 });
});

test("[turn 12] a redirect is not followed, to whatever place", async () => {
  const other = await TurnService.start();
  stops.push(() => other.stop());
  other.answers({ body: { stolen: true } });
  for (const [status, location] of [
    [301, `${other.url}/`],
    [302, "http://169.254.169.254/latest/meta-data"],
    [303, `http://localhost:${other.port}/`],
    [307, `${other.url}/`],
    [308, "/elsewhere"],
  ] as const) {
    expect(await answering({ status, headers: { location }, body: {} })).toEqual({
      class: "bad",
      why: `status ${status}: redirects are not followed`,
    });
  }
  expect(other.count).toBe(0);
  expect(service.count).toBe(5);
});

test("[turn 14] a body of 70 KiB is bad, with or without its length told, and HTML with status 200 is", async () => {
  const large = { text: "x".repeat(70 * 1_024) };
  const tooMuch = { class: "bad", why: "more than 64 KiB" };
  expect(await answering({ body: large })).toEqual(tooMuch);
  expect(await answering({ body: large, chunked: true })).toEqual(tooMuch);
  expect(await answering({ type: "text/html", body: "<p>Welcome</p>" })).toMatchObject({ class: "bad" });
});

test("[turn 14] 64 KiB is the most, to the byte", async () => {
  const frame = JSON.stringify({ t: "" }).length;
  expect(await answering({ body: { t: "x".repeat(kiB64 - frame) } })).toMatchObject({ class: "answered" });
  expect(await answering({ body: { t: "x".repeat(kiB64 - frame + 1) } })).toMatchObject({ class: "bad" });
});

test("an endless body is left after 64 KiB and not read on", async () => {
  let sent = 0;
  const port = await rawServer((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n");
      const chunk = "x".repeat(kiB64);
      const more = (): void => {
        sent += 1;
        if (!socket.destroyed) socket.write(chunk, more);
      };
      more();
    });
  });
  expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({ class: "bad", why: "more than 64 KiB" });
  // What the sockets of both sides hold, and nothing near to what would go on coming.
  expect(sent).toBeLessThan(400);
});

test("[turn 14] what was packed unasked is unpacked within the same 64 KiB: a bomb is bad", async () => {
  const headers = { "content-encoding": "gzip" };
  expect(await answering({ headers, body: gzipSync(JSON.stringify({ fine: true })) })).toMatchObject({
    class: "answered",
    value: { fine: true },
  });
  const bomb = gzipSync(Buffer.alloc(50 * 1_024 * 1_024, " "));
  expect(bomb.length).toBeLessThan(kiB64);
  const bad = { class: "bad", why: "more than 64 KiB when unpacked, or not gzip" };
  expect(await answering({ headers, body: bomb })).toEqual(bad);
  expect(await answering({ headers, body: { not: "packed" } })).toEqual(bad);
  expect(await answering({ headers, body: gzipSync("{}").subarray(0, 12) })).toEqual(bad);
  expect(await answering({ headers: { "content-encoding": "br" }, body: {} })).toMatchObject({ class: "bad" });
  expect(await answering({ headers: { "content-encoding": "gzip, gzip" }, body: {} })).toMatchObject({ class: "bad" });
});

test.each([
  ["truncated", '{"username":"u","pass'],
  ["empty", ""],
  ["text", "ok"],
  ["a list", "[]"],
  ["a null", "null"],
  ["two values", "{}{}"],
  ["no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ["a name twice", '{"ttl":1,"ttl":2}'],
  ["a prototype", '{"__proto__":{"ttl":600}}'],
  ["deep", `{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
  ["wide", `{"a":[${"0,".repeat(9_000)}0]}`],
])("[turn 14] a body that is %s is bad", async (_, body) => {
  expect(await answering({ body })).toMatchObject({ class: "bad" });
});

test("half a body is no answer: the service or the network went away", async () => {
  expect(await answering({ body: { username: "u", password: "p" }, cutAfter: 9 })).toEqual({
    class: "transient",
    why: expect.stringMatching(/^no whole answer: [A-Z_]+$/),
  });
});

test.each([
  ["not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}`],
])("%s is bad", async (_, words) => {
  const port = await rawServer((socket) => {
    socket.once("data", () => socket.write(words));
  });
  expect(await ask(`http://127.0.0.1:${port}/`)).toMatchObject({ class: "bad" });
});

test("a refused connection passes", async () => {
  expect(await ask(`http://127.0.0.1:${await freePort()}/`)).toEqual({
    class: "transient",
    why: "no whole answer: ECONNREFUSED",
  });
});

test("a connection that is cut before a word passes", async () => {
  const port = await rawServer((socket) => socket.destroy());
  expect(await ask(`http://127.0.0.1:${port}/`)).toMatchObject({ class: "transient" });
});

test("a connection that is not ready after 2 s passes: here, a server that never says a word of TLS", async () => {
  const port = await rawServer((socket) => socket.resume());
  const before = performance.now();
  expect(await ask(`https://127.0.0.1:${port}/`)).toEqual({
    class: "transient",
    why: "no whole answer: UND_ERR_CONNECT_TIMEOUT",
  });
  const took = performance.now() - before;
  expect(took).toBeGreaterThan(1_500);
  expect(took).toBeLessThan(8_000);
});

test("a name that leads to this machine or a private network is refused, and nobody there hears anything", async () => {
  let names = 0;
  for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]) {
    const resolve = async () => {
      names += 1;
      return [{ address, family: address.includes(":") ? 6 : 4 }];
    };
    expect(await ask(`https://service.example:${service.port}/`, { resolve })).toEqual({
      class: "refused",
      why: "the name stands for an address that is not public",
    });
  }
  expect(names).toBe(5);
  expect(service.connections).toBe(0);
  // By the system's own resolver.
  expect(await ask(`https://localhost:${service.port}/`)).toMatchObject({ class: "refused" });
});

test("a name that is asked for twice is resolved twice: nothing that was found out is kept", async () => {
  const answers = [[{ address: "127.0.0.1", family: 4 }], []];
  let names = 0;
  const exchange = new HttpExchange({
    clock,
    resolve: async () => {
      names += 1;
      return answers.shift() ?? [];
    },
  });
  for (const _ of [1, 2])
    expect(await exchange.ask(request("https://service.example/"))).toMatchObject({ class: "refused" });
  expect(names).toBe(2);
});

test("a name that does not exist passes", async () => {
  const resolve = async () => {
    throw Object.assign(new Error(`no such name ${key}`), { code: "ENOTFOUND" });
  };
  expect(await ask("https://service.example/", { resolve })).toEqual({
    class: "transient",
    why: "no whole answer: ENOTFOUND",
  });
});

test("a certificate is verified: its authority, its name and its end", async () => {
  const certificate = async (names: readonly string[], days: { readonly from: number; readonly to: number }) => {
    const day = 86_400_000;
    const pems = await generate([{ name: "commonName", value: "service" }], {
      keySize: 2_048,
      notBeforeDate: new Date(Date.now() + days.from * day),
      notAfterDate: new Date(Date.now() + days.to * day),
      extensions: [
        { name: "basicConstraints", cA: true },
        { name: "subjectAltName", altNames: names.map((ip) => ({ type: 7, ip })) },
      ],
    });
    const secure = await TurnService.start({ tls: { cert: pems.cert, key: pems.private } });
    secure.answers({ body: {} });
    stops.push(() => secure.stop());
    return { secure, ca: pems.cert };
  };
  const good = await certificate(["127.0.0.1"], { from: -1, to: 1 });
  expect(await ask(`${good.secure.url}/`, { ca: good.ca })).toMatchObject({ class: "answered" });
  expect(await ask(`${good.secure.url}/`)).toEqual({
    class: "transient",
    why: "no whole answer: DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  const foreign = await certificate(["127.0.0.2"], { from: -1, to: 1 });
  expect(await ask(`${foreign.secure.url}/`, { ca: foreign.ca })).toEqual({
    class: "transient",
    why: "no whole answer: ERR_TLS_CERT_ALTNAME_INVALID",
  });
  const ended = await certificate(["127.0.0.1"], { from: -2, to: -1 });
  expect(await ask(`${ended.secure.url}/`, { ca: ended.ca })).toEqual({
    class: "transient",
    why: "no whole answer: CERT_HAS_EXPIRED",
  });
  expect([good.secure.count, foreign.secure.count, ended.secure.count]).toEqual([1, 0, 0]);
  // A server that does not speak TLS at all.
  expect(await ask(`https://127.0.0.1:${service.port}/`)).toMatchObject({ class: "transient" });
});

test("a key that HTTP cannot carry is refused, and not repeated", async () => {
  const exchange = new HttpExchange({ clock });
  const outcome = await exchange.ask(request(service.url, { headers: { authorization: `Bearer ${key}\r\nx: y` } }));
  expect(outcome).toEqual({ class: "refused", why: "a key or a name that HTTP cannot carry" });
  expect(service.count).toBe(0);
});
