// Plain HTTP beside the sockets.

import { once } from "node:events";
import { expect, test } from "vitest";
import type { HttpHandler, HttpRequest } from "../src/socket/http.ts";
import type { OpenListener } from "./bench.ts";
import { always, bench, fetched } from "./bench.ts";
import { RawClient } from "./raw-client.ts";

export function httpCases(open: OpenListener): void {
  test("a handler sees the request as it was sent, and its response arrives whole", async () => {
    let seen: unknown;
    const http: HttpHandler = (request) => {
      const { method, path, query, remoteAddress } = request;
      seen = { method, path, query, remoteAddress, own: request.header("X-OWN"), none: request.header("x-none") };
      return { status: 201, headers: { "X-Answer": "yes", "content-type": "text/plain" }, body: "né" };
    };
    const { listener } = await bench(open, { http });
    const reply = await fetched(listener.port, "/a/../b%20c?d=e?f", { method: "DELETE", headers: { "X-Own": "1" } });
    expect(seen).toEqual({
      method: "DELETE",
      path: "/a/../b%20c",
      query: "d=e?f",
      remoteAddress: "127.0.0.1",
      own: "1",
      none: undefined,
    });
    expect(reply.status).toBe(201);
    expect(reply.headers).toMatchObject({ "x-answer": "yes", "content-type": "text/plain", "content-length": "3" });
    expect(reply.body.toString()).toBe("né");
    await fetched(listener.port, "/a");
    expect(seen).toMatchObject({ path: "/a", query: "" });
    await fetched(listener.port, "/a?");
    expect(seen).toMatchObject({ path: "/a", query: "" });
  });

  test("a response may come later", async () => {
    const { listener } = await bench(open, {
      http: async () => ({ status: 200, headers: {}, body: Buffer.from("later") }),
    });
    expect((await fetched(listener.port, "/")).body.toString()).toBe("later");
  });

  test.for([0, 5, 300_000])(
    "HEAD tells the length of %i bytes and sends none, and the connection goes on",
    async (length) => {
      const { listener } = await bench(open, { http: always("x".repeat(length)) });
      const client = await RawClient.connect(listener.port);
      client.write("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      expect(await client.head()).toMatch(new RegExp(`content-length: ${length}(\r\n|$)`, "i"));
      client.write("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      expect(await client.head()).toMatch(/^HTTP\/1.1 200 OK/);
      client.socket.destroy();
    },
  );

  test.for([204, 304])("%i has no body, and the connection goes on", async (status) => {
    const { listener } = await bench(open, { http: () => ({ status, headers: { etag: '"1"' }, body: "" }) });
    const client = await RawClient.connect(listener.port);
    for (let n = 0; n < 2; n++) {
      client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      expect(await client.head()).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
    client.socket.destroy();
  });

  test("a large body arrives whole", async () => {
    const body = Buffer.alloc(5_000_000, "0123456789");
    const { listener } = await bench(open, { http: () => ({ status: 200, headers: {}, body }) });
    expect((await fetched(listener.port, "/")).body.equals(body)).toBe(true);
  });

  test("two requests in one packet are answered in order", async () => {
    const { listener } = await bench(open, {
      http: (request) => ({ status: 200, headers: { "x-path": request.path }, body: "" }),
    });
    const client = await RawClient.connect(listener.port);
    client.write("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await client.head()).toContain("x-path: /1");
    expect(await client.head()).toContain("x-path: /2");
    client.socket.destroy();
  });

  test("what nobody serves is a 404 with the path in it", async () => {
    const { listener } = await bench(open);
    const reply = await fetched(listener.port, "/nowhere");
    expect([reply.status, reply.body.toString()]).toEqual([404, "Nothing is served at /nowhere here.\n"]);
  });

  const faults: Readonly<Record<string, HttpHandler>> = {
    "a handler that throws": () => {
      throw new Error("thrown");
    },
    "a handler whose promise is rejected": () => Promise.reject(new Error("rejected")),
    "a header with a line break": () => ({ status: 200, headers: { "x-a": "b\r\nset-cookie: c" }, body: "" }),
    "a header that is no token": () => ({ status: 200, headers: { "x a": "b" }, body: "" }),
    "a header beyond latin-1": async () => ({ status: 200, headers: { "x-a": "€" }, body: "" }),
    "a header of the listener": () => ({ status: 200, headers: { "Content-Length": "1" }, body: "" }),
    "a status that is none": () => ({ status: 99, headers: {}, body: "" }),
    "a 304 with a body": () => ({ status: 304, headers: {}, body: "x" }),
    "a header read too late": async (request) => {
      await Promise.resolve();
      return { status: 200, headers: {}, body: request.header("host") ?? "" };
    },
    "a body asked for too late": async (request) => {
      await Promise.resolve();
      await request.readBody(10);
      return { status: 200, headers: {}, body: "" };
    },
  };
  test.for(Object.entries(faults))("%s becomes a 500, and onError hears of it once", async ([, http]) => {
    const { listener, errors } = await bench(open, { http });
    expect((await fetched(listener.port, "/")).status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  const readsTen: HttpHandler = async (request: HttpRequest) => {
    const body = await request.readBody(10);
    return body.ok
      ? { status: 200, headers: {}, body: body.bytes }
      : { status: 413, headers: {}, body: `${body.reason}` };
  };

  test("a body is read to its end, in pieces, chunked, or where there is none", async () => {
    const { listener } = await bench(open, { http: readsTen });
    expect((await fetched(listener.port, "/", { method: "POST", body: "0123456789" })).body.toString()).toBe(
      "0123456789",
    );
    expect((await fetched(listener.port, "/")).body.toString()).toBe("");
    const client = await RawClient.connect(listener.port);
    client.socket.setNoDelay(true);
    client.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\nabc");
    client.write("def");
    expect(await client.head()).toMatch(/^HTTP\/1.1 200 /);
    expect((await client.bytes(6)).toString()).toBe("abcdef");
    client.write(
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
    );
    expect(await client.head()).toMatch(/^HTTP\/1.1 200 /);
    expect((await client.bytes(5)).toString()).toBe("abcde");
    client.socket.destroy();
  });

  test.for([
    ["told", "Content-Length: 11\r\n\r\n01234567890"],
    ["told and never sent", "Content-Length: 1000000\r\n\r\n"],
    ["chunked", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"],
    ["chunked without an end", "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n"],
  ] as const)("a body that is too large, %s: the handler knows at once, and the connection ends", async ([, rest]) => {
    const { listener, errors } = await bench(open, { http: readsTen });
    const client = await RawClient.connect(listener.port);
    client.write(`POST / HTTP/1.1\r\nHost: localhost\r\n${rest}`);
    const head = await client.head();
    expect(head).toMatch(/^HTTP\/1.1 413 /);
    expect(head).toMatch(/connection: close/i);
    expect((await client.bytes(9)).toString()).toBe("too_large");
    client.socket.end();
    await client.gone;
    expect(errors).toEqual([]);
  });

  test("a client that goes away: its body is aborted, and its answer touches nothing", async () => {
    const bodies: Promise<unknown>[] = [];
    const answers: (() => void)[] = [];
    let arrived: () => void = () => undefined;
    const { listener, errors } = await bench(open, {
      http: (request) => {
        if (request.path === "/later") return always("fine")(request);
        bodies.push(request.readBody(100));
        arrived();
        return new Promise((resolve) => answers.push(() => resolve({ status: 200, headers: {}, body: "too late" })));
      },
    });
    for (const way of ["destroy", "resetAndDestroy"] as const) {
      const client = await RawClient.connect(listener.port);
      const asked = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      client.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nhalf");
      await asked;
      client.socket[way]();
    }
    expect(await Promise.all(bodies)).toEqual([
      { ok: false, reason: "aborted" },
      { ok: false, reason: "aborted" },
    ]);
    for (const answer of answers) answer();
    expect((await fetched(listener.port, "/later")).body.toString()).toBe("fine");
    expect(errors).toEqual([]);
  });

  test("a head of 12 KiB is read, also in pieces", async () => {
    const { listener } = await bench(open, {
      http: (request) => ({ status: 200, headers: {}, body: String(request.header("x-token")?.length) }),
    });
    const token = "t".repeat(12_000);
    expect((await fetched(listener.port, "/", { headers: { "x-token": token } })).body.toString()).toBe("12000");
    const client = await RawClient.connect(listener.port);
    client.socket.setNoDelay(true);
    client.write(`GET /first HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await client.head();
    await client.bytes(9);
    const head = Buffer.from(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Token: ${token}\r\n\r\n`);
    for (let at = 0; at < head.length; at += 3_000) {
      client.write(head.subarray(at, at + 3_000));
      // Lets the server read what there is so far.
      await fetched(listener.port, "/between");
    }
    await client.head();
    expect((await client.bytes(5)).toString()).toBe("12000");
    client.socket.destroy();
  });

  test("bytes that are no HTTP end the connection and nothing else", async () => {
    const { listener, errors } = await bench(open, { http: always("fine") });
    for (const garbage of ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "GET\r\n\r\n", "\0".repeat(1_000)]) {
      const client = await RawClient.connect(listener.port);
      client.write(Buffer.from(garbage, "latin1"));
      client.socket.end();
      await client.gone;
    }
    expect((await fetched(listener.port, "/")).body.toString()).toBe("fine");
    expect(errors).toEqual([]);
  });

  test("an upgrade to something else is answered as plain HTTP", async () => {
    const { listener } = await bench(open, { http: always("plain") });
    const headers = { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABk" };
    const reply = await fetched(listener.port, "/", { headers });
    expect([reply.status, reply.body.toString()]).toEqual([200, "plain"]);
  });

  test("a connection is used again, until the listener stops accepting", async () => {
    const { listener } = await bench(open, { http: always("fine") });
    const client = await RawClient.connect(listener.port);
    const ask = async () => {
      client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const head = await client.head();
      await client.bytes(4);
      return head;
    };
    expect(await ask()).not.toMatch(/connection: close/i);
    client.write("GET / HTTP/1.1\r\nHost: localhost\r\n");
    // A request under way is still answered.
    await fetched(listener.port, "/");
    listener.stopAccepting();
    client.write("\r\n");
    expect(await client.head()).toMatch(/connection: close/i);
    expect((await client.bytes(4)).toString()).toBe("fine");
    if (!client.socket.destroyed) await once(client.socket, "end");
  });
}
