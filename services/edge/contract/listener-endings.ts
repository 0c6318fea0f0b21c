// Each way a connection can end: closed comes exactly once, and nothing after it.

import { expect, test } from "vitest";
import type { Socket } from "../src/socket/listener.ts";
import type { OpenListener } from "./bench.ts";
import { bench, connected, echo, ending, path, reply } from "./bench.ts";
import { handshake, opcode, RawClient } from "./raw-client.ts";

export function endingCases(open: OpenListener): void {
  test("the client's code and reason are told, and 1005 where it gave none", async () => {
    const { listener, recorder } = await bench(open);
    (await connected(listener.port)).close(4001, "good bye");
    expect(await recorder.next("closed")).toMatchObject({ code: 4001, reason: "good bye" });
    (await connected(listener.port)).close();
    expect(await recorder.next("closed")).toMatchObject({ code: 1005, reason: "" });
  });

  test("close has called closed before it returns, and the client gets code and reason behind what was sent", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    const [answer, ended] = [reply(client), ending(client)];
    socket.send(Buffer.from("last"), false);
    socket.close(4002, "moved");
    expect(recorder.happenings.at(-1)).toMatchObject({ type: "closed", socket, code: 4002, reason: "moved" });
    expect((await answer).data).toBe("last");
    expect(await ended).toEqual({ code: 4002, reason: "moved" });
    expect(recorder.count("closed")).toBe(1);
  });

  test("a code that may not be sent becomes 1011 and a long reason is cut between characters", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    const ended = ending(client);
    socket.close(1006, "€".repeat(50));
    expect(await ended).toEqual({ code: 1011, reason: "€".repeat(41) });
  });

  test("terminate cuts the connection and has called closed before it returns", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    const ended = ending(client);
    socket.terminate();
    expect(recorder.happenings.at(-1)).toMatchObject({ type: "closed", socket, code: 1006, reason: "" });
    expect((await ended).code).toBe(1006);
  });

  test("a socket may be ended from inside any of its calls, and inside a cork", async () => {
    const { listener, recorder } = await bench(open);
    const ways: readonly ((socket: Socket) => void)[] = [
      (socket) => socket.close(4003, ""),
      (socket) => socket.terminate(),
      (socket) => socket.cork(() => socket.terminate()),
      (socket) =>
        socket.cork(() => {
          socket.send(Buffer.from("x"), false);
          socket.close(4003, "");
          socket.send(Buffer.from("y"), false);
        }),
    ];
    let sockets = 0;
    for (const way of ways) {
      for (const handler of ["onOpened", "onMessage", "onPonged"] as const) {
        recorder[handler] = way;
        const client = await RawClient.connect(listener.port);
        client.write(handshake(path));
        const { socket } = await recorder.next("opened");
        // A socket ended in opened() may never hear that it was accepted.
        if (handler !== "onOpened") await client.head();
        client.send(opcode.text, "message");
        client.send(opcode.text, "another");
        client.send(opcode.pong, "");
        socket.ping();
        await recorder.until(() => (recorder.count("closed") === recorder.count("opened") ? true : undefined));
        client.socket.end();
        await client.gone;
        recorder[handler] = () => undefined;
        sockets++;
        expect([recorder.count("opened"), recorder.count("closed")]).toEqual([sockets, sockets]);
      }
    }
  });

  test("after the end every method does nothing, and none throws", async () => {
    const { listener, recorder, errors } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    client.terminate();
    await recorder.next("closed");
    let written = 0;
    expect(socket.send(Buffer.from("x"), true)).toBe("dropped");
    socket.cork(() => written++);
    socket.ping();
    socket.close(4000, "");
    socket.terminate();
    expect([written, socket.bufferedBytes, socket.remoteAddress]).toEqual([1, 0, "127.0.0.1"]);
    expect(recorder.count("closed")).toBe(1);
    expect(errors).toEqual([]);
  });

  test("no message is delivered after closed, though more had arrived", async () => {
    const { listener, recorder } = await bench(open);
    recorder.onMessage = (socket) => socket.close(4004, "");
    const client = await connected(listener.port);
    const ended = ending(client);
    for (let n = 0; n < 10; n++) client.send(String(n));
    await ended;
    expect(recorder.happenings.map(({ type }) => type)).toEqual(["opened", "message", "closed"]);
  });

  test("a closed handler that throws is told to onError", async () => {
    const { listener, recorder, errors } = await bench(open);
    recorder.onClosed = () => {
      throw new Error("in closed");
    };
    (await connected(listener.port)).terminate();
    await recorder.next("closed");
    (await connected(listener.port)).close();
    await recorder.next("closed");
    expect(errors.map(String)).toEqual(["Error: in closed", "Error: in closed"]);
    expect(recorder.count("closed")).toBe(2);
  });

  const violations: Readonly<Record<string, (client: RawClient) => void>> = {
    "a FIN without a close frame": (client) => client.socket.end(),
    "a reset": (client) => client.socket.resetAndDestroy(),
    "a FIN in the middle of a frame": (client) => {
      client.send(opcode.text, "half", { length: 100 });
      client.socket.end();
    },
    "reserved bits": (client) => client.send(opcode.text, "x", { reservedBits: 4 }),
    "an unknown opcode": (client) => client.send(3, "x"),
    "a continuation of nothing": (client) => client.send(opcode.continuation, "x"),
    "a control frame that is too long": (client) => client.send(opcode.ping, Buffer.alloc(126)),
    "a close frame with a code that may not be sent": (client) => client.send(opcode.close, Buffer.of(0x03, 0xed)),
  };
  test.for(Object.entries(violations))("%s ends in 1006", async ([, violate]) => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    violate(client);
    expect(await recorder.next("closed")).toMatchObject({ code: 1006, reason: "" });
    client.socket.destroy();
    expect([recorder.count("opened"), recorder.count("message"), recorder.count("closed")]).toEqual([1, 0, 1]);
  });

  test("an unmasked frame is not delivered as it was sent", async () => {
    // ws closes; uWS takes the first four bytes for a mask and waits for four more.
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    client.send(opcode.binary, "unmasked", { masked: false });
    client.socket.end();
    await recorder.next("closed");
    expect(recorder.happenings.filter((one) => one.type === "message" && one.text === "unmasked")).toEqual([]);
  });

  test("clients that vanish in the middle of the handshake leave nothing behind", async () => {
    const { listener, recorder, errors } = await bench(open);
    for (let n = 0; n < 60; n++) {
      const client = await RawClient.connect(listener.port);
      // Accepted, cut short, or refused.
      client.write(n % 4 === 2 ? handshake("/nowhere") : handshake(path).slice(0, n % 2 === 0 ? undefined : -n));
      if (n % 3 === 0) client.socket.resetAndDestroy();
      else client.socket.destroy();
      await client.gone;
    }
    // Whoever comes later is served later, so all of the others have been seen by then.
    const last = await connected(listener.port);
    last.close(4005, "last");
    await recorder.until(() =>
      recorder.happenings.some((one) => one.type === "closed" && one.code === 4005) ? true : undefined,
    );
    await recorder.until(() => (recorder.count("closed") === recorder.count("opened") ? true : undefined));
    expect(errors).toEqual([]);
  });

  test("a crowd that ends in every way is counted down to zero", async () => {
    const { listener, recorder, errors } = await bench(open);
    const ways: readonly ((client: RawClient) => void)[] = [
      ...Object.values(violations),
      (client) => client.send(opcode.close, Buffer.of(0x0f, 0xa1)),
      (client) => client.send(opcode.text, "close me"),
      (client) => client.send(opcode.text, "terminate me"),
      (client) => client.send(opcode.text, Buffer.of(0xff)),
      (client) => client.send(opcode.binary, Buffer.alloc(3_000)),
    ];
    recorder.onMessage = (socket, bytes) => {
      if (Buffer.from(bytes).toString() === "close me") socket.close(4000, "");
      else socket.terminate();
    };
    const size = ways.length * 8;
    const clients = await Promise.all(Array.from({ length: size }, () => RawClient.open(listener.port, path)));
    for (const [at, client] of clients.entries()) ways[at % ways.length]?.(client);
    await recorder.until(() => (recorder.count("closed") === size ? true : undefined));
    expect(new Set(recorder.happenings.filter(({ type }) => type === "closed").map(({ socket }) => socket)).size).toBe(
      size,
    );
    expect(recorder.count("opened")).toBe(size);
    expect(errors).toEqual([]);
    for (const client of clients) client.socket.destroy();
  });

  // Each takes as long as it promises, so they wait together.
  test("deadlines: idle clients, closed ones that do not read, heads that never end", { timeout: 40_000 }, async () => {
    await Promise.all([idleClient(open), closedButNotReading(open), headThatNeverEnds(open)]);
  });
}

/** Dropped if it answers no ping, though it is sent to; one that answers stays. */
async function idleClient(open: OpenListener): Promise<void> {
  const { listener, recorder } = await bench(open, { endpoint: { idleTimeoutSeconds: 8 } });
  const alive = await connected(listener.port);
  const aliveSocket = (await recorder.next("opened")).socket;
  const dead = await RawClient.open(listener.port, path);
  const deadSocket = (await recorder.next("opened")).socket;
  const talk = setInterval(() => deadSocket.send(Buffer.from("are you there?"), false), 500);
  const closed = await recorder.next("closed");
  clearInterval(talk);
  expect(closed).toMatchObject({ code: 1006, reason: "idle" });
  expect(closed.socket).toBe(deadSocket);
  await dead.gone;
  echo(recorder);
  alive.send("still here");
  expect((await reply(alive)).data).toBe("still here");
  expect(recorder.happenings.some((one) => one.type === "ponged" && one.socket === aliveSocket)).toBe(true);
}

async function closedButNotReading(open: OpenListener): Promise<void> {
  const { listener, recorder } = await bench(open);
  const client = await RawClient.open(listener.port, path);
  const { socket } = await recorder.next("opened");
  client.socket.pause();
  while (socket.send(Buffer.alloc(100_000), true) !== "dropped");
  socket.close(4008, "slow");
  expect(recorder.happenings.at(-1)).toMatchObject({ type: "closed", code: 4008 });
  // Writing is how a client that does not read learns that the connection is gone.
  const write = setInterval(() => client.send(opcode.pong, ""), 200);
  await client.gone;
  clearInterval(write);
  expect(recorder.count("closed")).toBe(1);
}

/** A byte now and then does not buy more time. */
async function headThatNeverEnds(open: OpenListener): Promise<void> {
  const { listener } = await bench(open);
  const began = performance.now();
  const [silent, dripping] = [await RawClient.connect(listener.port), await RawClient.connect(listener.port)];
  dripping.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  const drip = setInterval(() => dripping.write("x"), 500);
  await Promise.all([silent.gone, dripping.gone]);
  clearInterval(drip);
  // 10 s, and the steps in which the libraries look.
  expect(performance.now() - began).toBeLessThan(20_000);
}
