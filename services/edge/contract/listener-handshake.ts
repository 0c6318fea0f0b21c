// How a WebSocket is opened, or refused with words that help.

import { expect, test } from "vitest";
import type { HttpHandler } from "../src/socket/http.ts";
import { text } from "../src/socket/http.ts";
import type { OpenListener } from "./bench.ts";
import { bench, connected, ending, fetched, maxFrameBytes, path } from "./bench.ts";
import { handshake, RawClient } from "./raw-client.ts";
import { Recorder } from "./recorder.ts";

export function handshakeCases(open: OpenListener): void {
  test("the upgrade handler sees the request, and its context comes back with the socket", async () => {
    const { listener, recorder } = await bench(open);
    let seen: unknown;
    recorder.onUpgrade = (request) => {
      const { path, query, origin, subprotocols, remoteAddress } = request;
      seen = {
        path,
        query,
        origin,
        subprotocols,
        remoteAddress,
        own: request.header("X-Own"),
        none: request.header("x"),
      };
      return subprotocols.length > 0
        ? { accept: true, subprotocol: "one", context: "a context" }
        : { accept: true, context: "none" };
    };
    await connected(
      listener.port,
      { at: `${path}?room=a%20b&c`, origin: "https://a.example", headers: { "X-Own": "1" } },
      ["one", "two"],
    );
    const { context, socket } = await recorder.next("opened");
    expect(context).toBe("a context");
    expect(socket.secure).toBe(false);
    expect(socket.remoteAddress).toBe("127.0.0.1");
    expect(seen).toEqual({
      path,
      query: "room=a%20b&c",
      origin: "https://a.example",
      subprotocols: ["one", "two"],
      remoteAddress: "127.0.0.1",
      own: "1",
      none: undefined,
    });
    await connected(listener.port);
    expect(seen).toMatchObject({ query: "", origin: undefined, subprotocols: [] });
  });

  test("what a proxy adds as a line of its own is read, at an upgrade and at a request", async () => {
    const seen: unknown[] = [];
    const http: HttpHandler = (request) => {
      seen.push(request.header("X-Forwarded-For"));
      return text(200, "");
    };
    const { listener, recorder } = await bench(open, { http });
    recorder.onUpgrade = (request) => {
      seen.push(request.header("X-Forwarded-For"));
      return { accept: true, context: "" };
    };
    const opened = async (...lines: readonly string[]) => {
      const client = await RawClient.connect(listener.port);
      client.write(
        handshake(path).replace(
          /\r\n$/,
          lines
            .map((line) => `X-Forwarded-For: ${line}\r\n`)
            .concat("\r\n")
            .join(""),
        ),
      );
      await client.head();
      client.socket.destroy();
    };
    await opened("198.51.100.1", "203.0.113.7");
    await fetched(listener.port, "/", { headers: { "X-Forwarded-For": ["198.51.100.1", "203.0.113.7"] } });
    await opened("", "203.0.113.7");
    await opened();
    expect(seen).toEqual(["198.51.100.1, 203.0.113.7", "198.51.100.1, 203.0.113.7", ", 203.0.113.7", undefined]);
  });

  test("a header read after the upgrade handler returned throws instead of telling another request's", async () => {
    const { listener, recorder } = await bench(open);
    let late: () => unknown = () => undefined;
    recorder.onUpgrade = (request) => {
      late = () => request.header("host");
      return { accept: true, context: "" };
    };
    await connected(listener.port);
    expect(late).toThrow(/after the call/);
  });

  test("the chosen subprotocol is named to the client, and none if none was chosen", async () => {
    const { listener, recorder } = await bench(open);
    expect((await connected(listener.port)).protocol).toBe("");
    recorder.onUpgrade = () => ({ accept: true, subprotocol: "two", context: "" });
    expect((await connected(listener.port, {}, ["one", "two"])).protocol).toBe("two");
    recorder.onUpgrade = () => ({ accept: true, context: "" });
    const client = await RawClient.connect(listener.port);
    client.write(handshake(path, { "Sec-WebSocket-Protocol": "one, two" }));
    expect((await client.head()).toLowerCase()).not.toContain("sec-websocket-protocol");
    client.socket.destroy();
  });

  test("a subprotocol that was not offered is the handler's mistake: 500, and onError hears of it", async () => {
    const { listener, recorder, errors } = await bench(open);
    recorder.onUpgrade = () => ({ accept: true, subprotocol: "three", context: "" });
    const client = await RawClient.connect(listener.port);
    client.write(handshake(path, { "Sec-WebSocket-Protocol": "one" }));
    expect(await client.head()).toMatch(/^HTTP\/1.1 500 /);
    expect(String(errors[0])).toContain("three");
    client.socket.destroy();
  });

  test("a refusal reaches the client with its status and its words, and the connection ends", async () => {
    const { listener, recorder } = await bench(open);
    recorder.onUpgrade = () => ({ accept: false, status: 403, body: "Add https://b.example to the origins." });
    const client = await RawClient.connect(listener.port);
    client.write(handshake(path));
    const head = await client.head();
    expect(head).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/);
    expect((await client.bytes(37)).toString()).toBe("Add https://b.example to the origins.");
    client.socket.end();
    await client.gone;
    expect(recorder.count("opened")).toBe(0);
  });

  test("an upgrade handler that throws is a 500, onError hears of it, and nothing is opened", async () => {
    const { listener, recorder, errors } = await bench(open);
    recorder.onUpgrade = () => {
      throw new Error("in upgrade");
    };
    const client = await RawClient.connect(listener.port);
    client.write(handshake(path));
    expect(await client.head()).toMatch(/^HTTP\/1.1 500 /);
    expect(errors).toHaveLength(1);
    expect(recorder.count("opened")).toBe(0);
    client.socket.destroy();
  });

  test.for([
    ["/v1/socke", 404],
    ["/v1/socket/", 404],
    ["/v1/socket/more", 404],
    ["/v1%2fsocket", 404],
    ["/V1/socket", 404],
  ] as const)("a WebSocket at %s is not served here", async ([target, status]) => {
    const { listener } = await bench(open);
    const client = await RawClient.connect(listener.port);
    client.write(handshake(target));
    const head = await client.head();
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    expect((await client.bytes(length)).toString()).toContain(target);
    client.socket.destroy();
  });

  test.for([
    ["a plain request", { Upgrade: undefined, Connection: undefined }, 426],
    ["an Upgrade header alone", { Connection: undefined }, 426],
    ["another version", { "Sec-WebSocket-Version": "8" }, 426],
    ["no version", { "Sec-WebSocket-Version": undefined }, 426],
    ["no key", { "Sec-WebSocket-Key": undefined }, 400],
    ["a short key", { "Sec-WebSocket-Key": "c2hvcnQ=" }, 400],
    ["a key of 24 characters that is no base64", { "Sec-WebSocket-Key": "!".repeat(24) }, 400],
    ["a subprotocol twice", { "Sec-WebSocket-Protocol": "a, a" }, 400],
    ["an empty subprotocol", { "Sec-WebSocket-Protocol": "a,,b" }, 400],
  ] as const)("%s on a socket's path is told what to do", async ([, changes, status]) => {
    const { listener, recorder } = await bench(open);
    const client = await RawClient.connect(listener.port);
    client.write(handshake(path, changes));
    expect(await client.head()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(recorder.count("opened")).toBe(0);
    client.socket.destroy();
  });

  test("the answer to a plain GET on a socket's path names WebSocket", async () => {
    const { listener } = await bench(open);
    const { status, headers, body } = await fetched(listener.port, path);
    expect(status).toBe(426);
    expect(headers["upgrade"]).toBe("websocket");
    expect(body.toString()).toContain("new WebSocket(url)");
  });

  test("every endpoint has its own handlers and limits", async () => {
    const [small, large] = [new Recorder(), new Recorder()];
    const common = { idleTimeoutSeconds: 60, maxBufferedBytes: 1_000 };
    const { listener } = await bench(open, {
      sockets: [
        { path: "/small", handlers: small, maxFrameBytes: 10, ...common },
        { path: "/large", handlers: large, maxFrameBytes, ...common },
      ],
    });
    const [a, b] = [await connected(listener.port, { at: "/small" }), await connected(listener.port, { at: "/large" })];
    a.send("12345678901");
    b.send("12345678901");
    expect((await ending(a)).code).toBe(1009);
    expect((await large.next("message")).text).toBe("12345678901");
    expect(small.count("message")).toBe(0);
  });
}
