import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DropReason } from "./ice-url.ts";
import { rawUrlsOf, readIceUrl, readIceUrls } from "./ice-url.ts";

function reasons(raw: readonly unknown[], limit?: number): Partial<Record<DropReason, number>> {
  return Object.fromEntries(readIceUrls(raw, limit).dropped.map(({ reason, count }) => [reason, count]));
}

describe("URLs of STUN and TURN servers", () => {
  test("are kept as they were written, and known by their defaults", () => {
    expect(readIceUrl("turn:eu.turn.example.org")).toEqual({
      ok: true,
      url: {
        scheme: "turn",
        host: "eu.turn.example.org",
        port: 3478,
        transport: "udp",
        text: "turn:eu.turn.example.org",
      },
    });
    expect(readIceUrl("turns:[2001:db8::1]:443?transport=tcp")).toMatchObject({
      url: { host: "[2001:db8::1]", port: 443, transport: "tcp", text: "turns:[2001:db8::1]:443?transport=tcp" },
    });
    expect(readIceUrl("turns:192.0.2.1")).toMatchObject({ url: { port: 5349, transport: "tcp" } });
    expect(readIceUrl("stun:h.example")).toMatchObject({ url: { port: 3478, transport: "udp" } });
    expect(readIceUrl("stuns:h.example")).toMatchObject({ url: { port: 5349, transport: "tcp" } });
  });

  test("[turn 10] an old query, an upper-case scheme and a duplicate are mended or merged, DTLS is dropped and counted", () => {
    const read = readIceUrls([
      "turn:a.example:3478?proto=tcp",
      "TURNS:b.example:443?transport=TCP",
      "turn:A.example?Transport=tcp",
      "turns:b.example:443?transport=udp",
    ]);
    expect(read.turn).toEqual(["turn:a.example:3478?transport=tcp", "turns:b.example:443?transport=tcp"]);
    expect(read.stun).toEqual([]);
    expect(read.dropped).toEqual([
      { reason: "duplicate", count: 1 },
      { reason: "transport", count: 1 },
    ]);
  });

  test("[turn 9] TURN on port 53 and on ports that Chromium ignores is dropped, on 80 and 443 it stays", () => {
    const read = readIceUrls([
      "stun:stun.example.org:3478",
      "stun:stun.example.org:53",
      "turn:h.example:53?transport=udp",
      "turn:h.example:22",
      "turns:h.example:1023",
      "turn:h.example:80?transport=tcp",
      "turns:h.example:443",
      "turn:h.example:1024",
    ]);
    expect(read.turn).toEqual(["turn:h.example:80?transport=tcp", "turns:h.example:443", "turn:h.example:1024"]);
    expect(read.stun).toEqual(["stun:stun.example.org:3478"]);
    expect(read.dropped).toEqual([{ reason: "port", count: 4 }]);
  });

  test.each([
    ["turn:"],
    ["turn:h.example:"],
    ["turn:h.example:0"],
    ["turn:h.example:70000"],
    ["turn:h.example:03478"],
    ["turn:h.example:port"],
    ["turn://h.example"],
    ["turn:user@h.example"],
    ["turn:h.example/path"],
    ["turn:h.example#part"],
    ["turn:h.example?"],
    ["turn:h.example?transport="],
    ["turn:h.example?transport=udp&x=y"],
    ["turn:h.example?transport=udp?transport=udp"],
    ["turn:h..example"],
    ["turn:.example"],
    ["turn:bücher.example"],
    ["turn:h example"],
    ["turn:h.example\n:3478"],
    ["turn:2001:db8::1"],
    ["turn:[2001:db8::1"],
    ["turn:[192.0.2.1]"],
    ["turn:[fe80::1%eth0]"],
    ["turn:192.0.2.256"],
    ["turn:192.0.2.1."],
    ["turn:7"],
    ["stun:h.example?transport=udp"],
    ["http:h.example"],
    ["h.example:3478"],
    [""],
    [`turn:${"a".repeat(64)}.example`],
    [`turn:${"a.".repeat(127)}b`],
    [3478],
    [null],
    [undefined],
    [["turn:h.example"]],
    [{ urls: "turn:h.example" }],
  ])("%j is not one", (raw) => {
    expect(readIceUrl(raw)).toEqual({ ok: false, reason: "syntax" });
  });

  test("an unknown transport is told apart from a mistake", () => {
    expect(reasons(["turn:h.example?transport=sctp", "turn:h.example?transport=tls", "turn:h.example?x=udp"])).toEqual({
      transport: 2,
      syntax: 1,
    });
  });

  test("an answer may name so many and no more; what was dropped for another reason takes no place", () => {
    const many = Array.from({ length: 70 }, (_, i) => `turn:h${i}.example`);
    expect(readIceUrls(["turn:", "turn:h0.example", ...many]).turn).toEqual(many.slice(0, 64));
    expect(reasons(["turn:", "turn:h0.example", ...many])).toEqual({ syntax: 1, duplicate: 1, limit: 6 });
    expect(readIceUrls(many, 2).turn).toEqual(many.slice(0, 2));
  });

  test("stand in an entry under any of the names they had", () => {
    expect(rawUrlsOf({ url: "turn:a" })).toEqual(["turn:a"]);
    expect(rawUrlsOf({ urls: ["turn:a"], url: "turn:a" })).toEqual(["turn:a", "turn:a"]);
    expect(rawUrlsOf({ uris: ["turn:a", 7] })).toEqual(["turn:a", 7]);
    expect(rawUrlsOf({ urns: ["turn:a"], urls: null })).toEqual(["turn:a"]);
    expect(rawUrlsOf({})).toEqual([]);
  });
});

// What Chromium and RFC 7064, 7065 take; written apart from the reader on purpose.
const accepted = new RegExp(
  "^(stuns?:HOST(:[1-9][0-9]{0,4})?|turns?:HOST(:[1-9][0-9]{0,4})?([?]transport=(udp|tcp))?)$".replaceAll(
    "HOST",
    "([A-Za-z0-9._-]+|[[][0-9A-Fa-f:.]+[]])",
  ),
);

describe("whatever is thrown at the reader", () => {
  const piece = fc.oneof(
    fc.constantFrom("turn", "turns", "stun", "STUNS", "TuRn", ":", "//", "?", "&", "@", "[", "]", ".", "%", "#", " "),
    fc.constantFrom("transport=", "proto=", "udp", "TCP", "tls", "[::1]", "[2001:db8::7]", "h.example", "192.0.2.1"),
    fc.constantFrom("\u0000", "\n", "é", "\u2028", "٣٤٧٨", "\ud800", "１"),
    fc.integer({ min: -1, max: 70_000 }).map(String),
    fc.string({ maxLength: 4 }),
  );
  const raw = fc.oneof(
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join("")),
    fc.anything(),
  );

  test("nothing comes out that a browser would throw on, everything is counted, and reading again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(raw, { maxLength: 80 }), fc.integer({ min: 0, max: 70 }), (raws, limit) => {
        const read = readIceUrls(raws, limit);
        const kept = [...read.turn, ...read.stun];
        for (const url of kept) expect(url).toMatch(accepted);
        for (const url of read.turn) expect(url).toMatch(/^turns?:/);
        for (const url of read.stun) expect(url).toMatch(/^stuns?:/);
        const lost = read.dropped.reduce((sum, { count }) => sum + count, 0);
        expect(kept.length + lost).toBe(raws.length);
        expect(kept.length).toBeLessThanOrEqual(limit);
        const again = readIceUrls(kept, limit);
        expect(again).toEqual({ turn: read.turn, stun: read.stun, dropped: [] });
      }),
      { numRuns: 2000 },
    );
  });

  test("a well-formed URL is never lost", () => {
    const host = fc.constantFrom("h.example", "A-b_c.example.", "192.0.2.7", "[2001:db8::1]", "localhost");
    const port = fc.option(fc.integer({ min: 1024, max: 65_535 }), { nil: undefined });
    const transport = fc.constantFrom("", "?transport=udp", "?transport=tcp");
    fc.assert(
      fc.property(fc.constantFrom("turn", "turns", "stun", "stuns"), host, port, transport, (scheme, at, on, over) => {
        const fits = !scheme.startsWith("stun") && !(scheme === "turns" && over === "?transport=udp");
        const url = `${scheme}:${at}${on === undefined ? "" : `:${on}`}${fits ? over : ""}`;
        expect(readIceUrl(` ${url}\t`)).toMatchObject({ ok: true, url: { text: url } });
      }),
    );
  });
});
