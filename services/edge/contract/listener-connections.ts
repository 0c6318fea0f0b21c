// Ports, addresses, TLS, and the end of a listener.

import { once } from "node:events";
import { copyFile, writeFile } from "node:fs/promises";
import { connect as connectTcp, createServer } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import type { OpenListener } from "./bench.ts";
import { always, bench, connected, directory, echo, ending, fetched, path, reply } from "./bench.ts";
import { RawClient } from "./raw-client.ts";
import { Recorder } from "./recorder.ts";
import { writeSelfSigned } from "./self-signed.ts";

export function connectionCases(open: OpenListener): void {
  test("a port in use is refused with Node's own error, also if another listener has it", async () => {
    const { listener } = await bench(open);
    await expect(bench(open, { port: listener.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
    const tls = await writeSelfSigned(await directory(), "any");
    await expect(bench(open, { port: listener.port, tls })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await expect(bench(open, { host: "192.0.2.1" })).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
  });

  test("a chosen port is used, and is free again after close", async () => {
    const first = await bench(open);
    const { port } = first.listener;
    await first.listener.close();
    const second = await bench(open, { port, http: always("second") });
    expect(second.listener.port).toBe(port);
    expect((await fetched(port, "/")).body.toString()).toBe("second");
  });

  test.for([
    ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
    ["::1", "[::1]", "::1"],
    ["::", "127.0.0.1", "127.0.0.1"],
    ["::", "[::1]", "::1"],
    ["0.0.0.0", "127.0.0.1", "127.0.0.1"],
  ] as const)("bound to %s and reached at %s, the client is %s", async ([host, target, address]) => {
    const { listener, recorder } = await bench(open, { host });
    await connected(listener.port, { host: target });
    expect((await recorder.next("opened")).socket.remoteAddress).toBe(address);
  });

  test("bound to 127.0.0.1 it is not reached at another address", async () => {
    const { listener } = await bench(open);
    const socket = connectTcp(listener.port, "::1");
    await expect(once(socket, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("after stopAccepting newcomers are refused, and living sockets go on", async () => {
    const { listener, recorder } = await bench(open);
    echo(recorder);
    const client = await connected(listener.port);
    const { port } = listener;
    listener.stopAccepting();
    listener.stopAccepting();
    await expect(RawClient.connect(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    client.send("on");
    expect((await reply(client)).data).toBe("on");
    expect(listener.port).toBe(port);
    client.close(4001);
    expect((await recorder.next("closed")).code).toBe(4001);
  });

  test("close ends every socket, tells each handler, and may be called again", async () => {
    const { listener, recorder } = await bench(open);
    const clients = await Promise.all(Array.from({ length: 5 }, () => connected(listener.port)));
    const endings = Promise.all(clients.map(ending));
    const idle = await RawClient.connect(listener.port);
    const asking = await RawClient.connect(listener.port);
    asking.write("GET / HTTP/1.1\r\n");
    await recorder.until(() => (recorder.count("opened") === 5 ? true : undefined));
    await listener.close();
    expect(recorder.count("closed")).toBe(5);
    expect((await endings).map(({ code }) => code)).toEqual([1006, 1006, 1006, 1006, 1006]);
    await Promise.all([idle.gone, asking.gone]);
    await listener.close();
    await listener.reloadTls();
    listener.stopAccepting();
    expect(recorder.count("closed")).toBe(5);
  });

  test("close does not wait for a closed socket whose client does not read", async () => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.open(listener.port, path);
    const { socket } = await recorder.next("opened");
    client.socket.pause();
    while (socket.send(Buffer.alloc(100_000), true) !== "dropped");
    socket.close(4008, "slow");
    const began = performance.now();
    await listener.close();
    expect(performance.now() - began).toBeLessThan(3_000);
    client.socket.resume();
    await client.gone;
  });

  test("close while an answer is being made: the answer touches nothing", async () => {
    let finish: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { listener, errors } = await bench(open, {
      http: () => {
        asked();
        return new Promise((resolve) => {
          finish = () => resolve({ status: 200, headers: {}, body: "late" });
        });
      },
    });
    const client = await RawClient.connect(listener.port);
    client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await arrived;
    await listener.close();
    await client.gone;
    finish();
    expect(errors).toEqual([]);
  });

  test.for([
    ["a path that is a pattern", { path: "/a/:b" }, /path must/],
    ["a path without /", { path: "a" }, /path must/],
    ["an idle time-out uWS would end the process over", { idleTimeoutSeconds: 7 }, /idleTimeoutSeconds/],
    ["one that is too long", { idleTimeoutSeconds: 961 }, /idleTimeoutSeconds/],
    ["no bytes", { maxFrameBytes: 0 }, /maxFrameBytes/],
    ["no buffer", { maxBufferedBytes: 0 }, /maxBufferedBytes/],
  ] as const)("%s is refused with its name", async ([, endpoint, message]) => {
    await expect(bench(open, { endpoint })).rejects.toThrow(message);
  });

  test("two endpoints on one path are refused", async () => {
    const twice = { path, handlers: new Recorder(), maxFrameBytes: 1, idleTimeoutSeconds: 8, maxBufferedBytes: 1 };
    await expect(bench(open, { sockets: [twice, twice] })).rejects.toThrow(/share this path/);
  });

  test("under TLS everything is as without, and the socket knows", async () => {
    const tls = await writeSelfSigned(await directory(), "first");
    const { listener, recorder } = await bench(open, { tls, http: always("secret") });
    echo(recorder);
    const client = await connected(listener.port, { scheme: "wss" });
    expect((await recorder.next("opened")).socket.secure).toBe(true);
    client.send("x".repeat(2_000));
    expect((await reply(client)).data).toBe("x".repeat(2_000));
    expect((await fetched(listener.port, "/", { secure: true })).body.toString()).toBe("secret");
    client.terminate();
    expect((await recorder.next("closed")).code).toBe(1006);
  });

  test.for([
    ["TLSv1", false],
    ["TLSv1.1", false],
    ["TLSv1.2", true],
    ["TLSv1.3", true],
  ] as const)("%s is spoken: %s, also with a renewed certificate", async ([version, spoken]) => {
    const tls = await writeSelfSigned(await directory(), "first");
    const { listener } = await bench(open, { tls });
    for (let n = 0; n < 2; n++) {
      const socket = connectTls({
        host: "127.0.0.1",
        port: listener.port,
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
        ciphers: "DEFAULT@SECLEVEL=0",
      });
      const result = once(socket, "secureConnect").then(
        () => socket.getProtocol(),
        (error: unknown) => String(error),
      );
      if (spoken) expect(await result).toBe(version);
      else expect(await result).toMatch(/alert protocol version/);
      socket.destroy();
      await listener.reloadTls();
    }
  });

  test("a renewed certificate is shown to newcomers, and no socket is dropped for it", async () => {
    const made = await directory();
    const [first, second] = [await writeSelfSigned(made, "first"), await writeSelfSigned(made, "second")];
    const tls = { certFile: join(made, "live.crt"), keyFile: join(made, "live.key") };
    const install = async (pair: typeof first) => {
      await copyFile(pair.certFile, tls.certFile);
      await copyFile(pair.keyFile, tls.keyFile);
    };
    await install(first);
    const { listener, recorder } = await bench(open, { tls, host: "127.0.0.1" });
    echo(recorder);
    const early = await connected(listener.port, { scheme: "wss" });
    expect(await subjectAt(listener.port)).toBe("first");

    await install(second);
    await listener.reloadTls();
    for (let n = 0; n < 10; n++) expect(await subjectAt(listener.port)).toBe("second");
    early.send("still here");
    expect((await reply(early)).data).toBe("still here");

    await copyFile(first.certFile, tls.certFile);
    await expect(listener.reloadTls()).rejects.toThrow();
    await writeFile(tls.certFile, "no certificate");
    await expect(listener.reloadTls()).rejects.toThrow();
    expect(await subjectAt(listener.port)).toBe("second");
    const late = await connected(listener.port, { scheme: "wss" });
    late.send("me too");
    expect((await reply(late)).data).toBe("me too");
    expect(recorder.count("closed")).toBe(0);

    const endings = Promise.all([ending(early), ending(late)]);
    await listener.close();
    await endings;
    expect(recorder.count("closed")).toBe(2);
  });

  test("a certificate that cannot be read is refused when opening", async () => {
    const made = await directory();
    const pair = await writeSelfSigned(made, "first");
    const tls = { ...pair, certFile: join(made, "missing.crt") };
    await expect(bench(open, { tls })).rejects.toThrow(/missing\.crt/);
  });

  test("what a cork holds leaves in one write: one TLS record", async () => {
    const tls = await writeSelfSigned(await directory(), "first");
    const { listener, recorder } = await bench(open, { tls });
    const records = new RecordCounter();
    const relay = createServer((client) => {
      const server = connectTcp(listener.port, "127.0.0.1");
      client.pipe(server);
      server.on("data", (chunk) => {
        records.read(chunk);
        client.write(chunk);
      });
      for (const end of [client, server]) end.on("error", () => undefined);
      server.on("close", () => client.destroy());
      client.on("close", () => server.destroy());
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      relay.close();
    });
    await once(relay, "listening");
    const address = relay.address();
    const client = await connected(typeof address === "object" && address !== null ? address.port : 0, {
      scheme: "wss",
    });
    const { socket } = await recorder.next("opened");
    const received = (count: number) =>
      new Promise<void>((resolve) => {
        let left = count;
        const one = () => {
          left--;
          if (left > 0) return;
          client.off("message", one);
          resolve();
        };
        client.on("message", one);
      });

    records.count = 0;
    let all = received(20);
    for (let n = 0; n < 20; n++) socket.send(Buffer.from("apart"), false);
    await all;
    expect(records.count).toBeGreaterThan(1);

    records.count = 0;
    all = received(20);
    socket.cork(() => {
      for (let n = 0; n < 20; n++) socket.send(Buffer.from("together"), false);
    });
    await all;
    expect(records.count).toBe(1);
  });
}

async function subjectAt(port: number): Promise<string> {
  const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

/** Counts TLS records by their headers (RFC 8446, 5.1), wherever TCP cut them. */
class RecordCounter {
  count = 0;
  #head: number[] = [];
  #skip = 0;

  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(this.#skip, chunk.length - at);
      at += skipped;
      this.#skip -= skipped;
      while (this.#skip === 0 && at < chunk.length) {
        this.#head.push(chunk[at++] ?? 0);
        if (this.#head.length < 5) continue;
        const [, , , high = 0, low = 0] = this.#head;
        this.#skip = (high << 8) | low;
        this.#head = [];
        this.count++;
      }
    }
  }
}
