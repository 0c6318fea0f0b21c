// What arrives, what leaves, and what waits.

import { expect, test } from "vitest";
import type { Socket } from "../src/socket/listener.ts";
import type { OpenListener } from "./bench.ts";
import { bench, connected, echo, ending, maxBufferedBytes, maxFrameBytes, path, reply } from "./bench.ts";
import { opcode, RawClient } from "./raw-client.ts";

export function messageCases(open: OpenListener): void {
  test("text and binary come and go as what they are", async () => {
    const { listener, recorder } = await bench(open);
    echo(recorder);
    const client = await connected(listener.port);
    client.send("text");
    expect(await reply(client)).toEqual({ data: "text", binary: false });
    client.send(Buffer.from("bytes"));
    expect(await reply(client)).toEqual({ data: "bytes", binary: true });
    client.send("");
    expect(await reply(client)).toEqual({ data: "", binary: false });
  });

  test("fragments arrive as one message, also with a ping between them", async () => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    client.send(opcode.text, "one ", { final: false });
    client.send(opcode.ping, "there?");
    client.send(opcode.continuation, "two ", { final: false });
    client.send(opcode.continuation, "three");
    expect(await recorder.next("message")).toMatchObject({ text: "one two three", binary: false });
    const pong = await client.frame();
    expect([pong.opcode, pong.payload.toString()]).toEqual([opcode.pong, "there?"]);
    client.socket.destroy();
  });

  test("a message of the greatest size is taken, one byte more closes with 1009", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    client.send("x".repeat(maxFrameBytes));
    expect((await recorder.next("message")).text).toHaveLength(maxFrameBytes);
    client.send("x".repeat(maxFrameBytes + 1));
    expect((await ending(client)).code).toBe(1009);
    expect((await recorder.next("closed")).code).toBe(1009);
    expect(recorder.count("message")).toBe(1);
  });

  test.for([
    ["one frame that is far too long", [{ length: 1e9 }]],
    ["fragments that are too long together", [{ final: false }, { final: false }]],
  ] as const)("%s: closed with 1009 and nothing delivered", async ([, frames]) => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    for (const [at, options] of frames.entries()) {
      client.send(at === 0 ? opcode.binary : opcode.continuation, Buffer.alloc(maxFrameBytes), options);
    }
    if (frames.length > 1) client.send(opcode.continuation, "end");
    expect((await recorder.next("closed")).code).toBe(1009);
    expect(recorder.count("message")).toBe(0);
    await client.gone;
  });

  test("text that is no UTF-8 is not delivered: closed with 1007", async () => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    client.send(opcode.text, Buffer.of(0x61, 0xff, 0xfe));
    expect((await recorder.next("closed")).code).toBe(1007);
    expect(recorder.count("message")).toBe(0);
    await client.gone;
  });

  test("UTF-8 broken over two fragments is whole again", async () => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    const euro = Buffer.from("€");
    client.send(opcode.text, euro.subarray(0, 1), { final: false });
    client.send(opcode.continuation, euro.subarray(1));
    expect((await recorder.next("message")).text).toBe(euro.toString("latin1"));
    client.socket.destroy();
  });

  test("the bytes of a sent frame may be used again at once", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    client.pause();
    const size = 100_000;
    const bytes = Buffer.alloc(size);
    let sent = 0;
    while (socket.bufferedBytes < maxBufferedBytes / 2) {
      bytes.fill(sent & 0xff);
      socket.send(bytes, true);
      sent++;
    }
    bytes.fill(0xee);
    let received = 0;
    const all = new Promise<void>((resolve) => {
      client.on("message", (data: Buffer) => {
        const expected = received++ & 0xff;
        expect(data.length === size && data.every((byte) => byte === expected)).toBe(true);
        if (received === sent) resolve();
      });
    });
    client.resume();
    await all;
  });

  test("a client that does not read: buffered, then dropped, then drained, and nothing kept is lost", async () => {
    // More than the kernel takes at one time, so that it drains in steps.
    const maxBufferedBytes = 20_000_000;
    const { listener, recorder } = await bench(open, { endpoint: { maxBufferedBytes } });
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    client.pause();
    const frame = Buffer.alloc(200_000, "x");
    const results = { sent: 0, buffered: 0, dropped: 0 };
    const leftWhenDrained: number[] = [];
    recorder.onDrained = (drained) => leftWhenDrained.push(drained.bufferedBytes);
    for (;;) {
      const result = socket.send(frame, true);
      results[result]++;
      if (result === "dropped") break;
    }
    expect(results.buffered).toBeGreaterThan(1);
    expect(socket.bufferedBytes).toBeGreaterThan(maxBufferedBytes);
    expect(socket.bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes + 2 * frame.length);
    expect(socket.send(frame, true)).toBe("dropped");
    expect(recorder.count("drained")).toBe(0);

    let received = 0;
    const all = new Promise<void>((resolve) => {
      client.on("message", () => {
        received++;
        if (received === results.sent + results.buffered) resolve();
      });
    });
    client.resume();
    await Promise.all([all, recorder.next("drained")]);
    expect(leftWhenDrained).toEqual([0]);
    socket.send(Buffer.from("last"), false);
    expect(await reply(client)).toEqual({ data: "last", binary: false });
  });

  test("a cork calls its function once, at once, and keeps the order", async () => {
    const { listener, recorder } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    const received: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("message", (data: Buffer) => {
        received.push(data.toString());
        if (received.length === 103) resolve();
      });
    });
    let calls = 0;
    socket.send(Buffer.from("before"), false);
    socket.cork(() => {
      calls++;
      for (let n = 0; n < 100; n++) socket.send(Buffer.from(String(n)), false);
      socket.cork(() => socket.send(Buffer.from("nested"), false));
    });
    expect(calls).toBe(1);
    socket.send(Buffer.from("after"), false);
    await all;
    expect(received).toEqual(["before", ...Array.from({ length: 100 }, (_, n) => String(n)), "nested", "after"]);
  });

  test("what a cork throws goes to onError, and what it sent before is sent", async () => {
    const { listener, recorder, errors } = await bench(open);
    const client = await connected(listener.port);
    const { socket } = await recorder.next("opened");
    const answer = reply(client);
    socket.cork(() => {
      socket.send(Buffer.from("sent"), false);
      throw new Error("in cork");
    });
    expect(errors.map(String)).toEqual(["Error: in cork"]);
    expect((await answer).data).toBe("sent");
  });

  test("a ping is answered by ponged", async () => {
    const { listener, recorder } = await bench(open);
    await connected(listener.port);
    const { socket } = await recorder.next("opened");
    socket.ping();
    expect((await recorder.next("ponged")).socket).toBe(socket);
  });

  test("one socket may send to another from inside its message", async () => {
    const { listener, recorder } = await bench(open);
    const [a, b] = [await connected(listener.port), await connected(listener.port)];
    const first = (await recorder.next("opened")).socket;
    const second = (await recorder.next("opened")).socket;
    recorder.onMessage = (from, bytes, binary) => {
      const to = from === first ? second : first;
      to.cork(() => {
        to.send(bytes, binary);
        from.send(Buffer.from("told"), false);
      });
    };
    const answers = Promise.all([reply(a), reply(b)]);
    a.send("hello");
    expect((await answers).map(({ data }) => data)).toEqual(["told", "hello"]);
  });

  test("handlers that throw: onError hears, the socket closes with 1011, others live on", async () => {
    const { listener, recorder, errors } = await bench(open);
    const other = await connected(listener.port);
    const otherSocket = (await recorder.next("opened")).socket;
    for (const handler of ["onOpened", "onMessage", "onPonged", "onDrained"] as const) {
      recorder[handler] = (socket: Socket) => {
        if (socket !== otherSocket) throw new Error(handler);
      };
      const client = await connected(listener.port);
      const ended = ending(client);
      const { socket } = await recorder.next("opened");
      client.send("message");
      socket.ping();
      if (handler === "onDrained") {
        client.pause();
        while (socket.bufferedBytes === 0) socket.send(Buffer.alloc(100_000), true);
        client.resume();
      }
      expect((await ended).code).toBe(1011);
      expect((await recorder.next("closed")).code).toBe(1011);
      expect(errors.map(String)).toEqual([`Error: ${handler}`]);
      errors.length = 0;
      recorder[handler] = () => undefined;
    }
    echo(recorder);
    other.send("still here");
    expect((await reply(other)).data).toBe("still here");
  });
}
