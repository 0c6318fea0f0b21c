import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Hearer, ServerWords } from "./server-words.ts";

/** Whatever was heard, as plain values. */
function heard(): { readonly hearer: Hearer; readonly all: unknown[] } {
  const all: unknown[] = [];
  return {
    all,
    hearer: {
      message: (sid, { subject, reply, bytes, headerEnd }) => {
        all.push(["message", sid, subject, reply, Buffer.from(bytes).toString("latin1"), headerEnd]);
      },
      info: (json) => all.push(["info", Buffer.from(json).toString()]),
      serverPing: () => all.push(["ping"]),
      pong: () => all.push(["pong"]),
      refusal: (says) => all.push(["refusal", says]),
    },
  };
}

function read(...chunks: readonly string[]): { readonly sound: boolean; readonly all: unknown[] } {
  const { hearer, all } = heard();
  const words = new ServerWords(hearer);
  const sound = chunks.every((chunk) => words.take(Buffer.from(chunk, "latin1")));
  return { sound, all };
}

const word = fc.stringMatching(/^[a-zA-Z0-9_.$-]{1,40}$/);
const latin = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const said = fc.oneof(
  fc.record({ subject: word, sid: fc.nat(), reply: fc.option(word, { nil: "" }), payload: latin }).map((each) => {
    const { subject, sid, reply, payload } = each;
    const line = `MSG ${subject} ${sid} ${reply === "" ? "" : `${reply} `}${payload.length}`;
    return { bytes: `${line}\r\n${payload}\r\n`, heard: ["message", sid, subject, reply, payload, 0] };
  }),
  fc
    .record({ subject: word, sid: fc.nat(), reply: fc.option(word, { nil: "" }), payload: latin, header: word })
    .map(({ subject, sid, reply, payload, header }) => {
      const headers = `NATS/1.0\r\nSaid: ${header}\r\n\r\n`;
      const sizes = `${headers.length} ${headers.length + payload.length}`;
      const line = `HMSG ${subject} ${sid} ${reply === "" ? "" : `${reply} `}${sizes}`;
      const all = headers + payload;
      return { bytes: `${line}\r\n${all}\r\n`, heard: ["message", sid, subject, reply, all, headers.length] };
    }),
  fc.constant({ bytes: "PING\r\n", heard: ["ping"] }),
  fc.constant({ bytes: "PONG\r\n", heard: ["pong"] }),
  word.map((why) => ({ bytes: `-ERR '${why}'\r\n`, heard: ["refusal", why] })),
  word.map((name) => ({ bytes: `INFO {"name":"${name}"} \r\n`, heard: ["info", `{"name":"${name}"} `] })),
  fc.constant({ bytes: "+OK\r\n", heard: undefined }),
);

test("whatever a server says is heard once and in order, however its bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 12 }), fc.array(fc.nat(700), { maxLength: 30 }), (all, cuts) => {
      const bytes = all.map((each) => each.bytes).join("");
      const chunks: string[] = [];
      let at = 0;
      for (const cut of cuts) {
        chunks.push(bytes.slice(at, at + cut));
        at += cut;
      }
      chunks.push(bytes.slice(at));
      const expected = all.flatMap((each) => (each.heard === undefined ? [] : [each.heard]));
      expect(read(...chunks)).toEqual({ sound: true, all: expected });
    }),
  );
});

test("every byte by itself is as good as all at once", () => {
  const bytes = "PING\r\nMSG a.b 7 5\r\nhello\r\nHMSG a 1 r 14 16\r\nNATS/1.0 503\r\n\r\nxy\r\n".replace(
    "14 16",
    "16 18",
  );
  expect(read(...bytes)).toEqual(read(bytes));
  expect(read(bytes).all).toHaveLength(3);
});

test("a large message is put together where it lies, in memory of its own size", () => {
  const payload = "x".repeat(3 << 20);
  const bytes = Buffer.from(`MSG big 1 ${payload.length}\r\n${payload}\r\nPONG\r\n`);
  const seen: unknown[] = [];
  const words = new ServerWords({
    ...heard().hearer,
    message: (_, delivery) => seen.push(delivery.bytes.length, delivery.bytes.buffer.byteLength - payload.length < 100),
    pong: () => seen.push("pong"),
  });
  for (let at = 0; at < bytes.length; at += 65_536) {
    expect(words.take(bytes.subarray(at, Math.min(at + 65_536, bytes.length)))).toBe(true);
  }
  expect(seen).toEqual([payload.length, true, "pong"]);
});

describe("what is no protocol is told as such", () => {
  test.for([
    "HTTP/1.1 200 OK\r\n",
    "MSG a x 5\r\nhello\r\n",
    "MSG a 1 -5\r\nhello\r\n",
    "MSG a 1 5\nhello\r\n",
    "MSG a 1 99999999999999999999\r\n",
    "HMSG a 1 9\r\nxxxxxxxxx\r\n",
    "HMSG a 1 12 5\r\nhello\r\n",
    "\r\n",
  ])("%j", (bytes) => {
    expect(read(bytes)).toEqual({ sound: false, all: [] });
  });

  test("a line without an end", () => {
    expect(read(`INFO ${"x".repeat((1 << 20) + 1)}`).sound).toBe(false);
    expect(read(`MSG ${"x".repeat((1 << 20) + 1)}`).sound).toBe(false);
  });

  test("any bytes at all, without a throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (chunks) => {
        const words = new ServerWords(heard().hearer);
        for (const chunk of chunks) if (!words.take(Buffer.from(chunk))) return;
      }),
    );
  });
});

test("after its end nothing is told, not even of the chunk that is being read", () => {
  const { hearer, all } = heard();
  const words = new ServerWords({
    ...hearer,
    pong: () => {
      all.push(["pong"]);
      words.end();
    },
  });
  expect(words.take(Buffer.from("PONG\r\nPING\r\nMSG a 1 2\r\nhi\r\n"))).toBe(true);
  expect(all).toEqual([["pong"]]);
});
