import type { Happening } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import { openLog } from "./log.ts";
import { LogObserver } from "./log-observer.ts";
import { lines } from "./names.ts";

function observed() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const written: Readonly<Record<string, unknown>>[] = [];
  const stream = { write: (text: string) => written.push(JSON.parse(text)) };
  const observer = new LogObserver(
    openLog({ level: "trace", format: "json" }, stream, () => clock.now()),
    clock,
  );
  return { clock, written, observer, said: () => written.map(({ event, level, count }) => [event, level, count]) };
}

/** Ids are checked where they enter; here any text will do. */
const happening = (it: object): Happening => it as Happening;
const fault = (error: unknown, where = "socket") => happening({ type: "fault", where, error });

const each: readonly (readonly [Happening, keyof typeof lines])[] = [
  [happening({ type: "session_opened", session: "s", resumed: true }), "session_opened"],
  [happening({ type: "session_closed", session: "s", close: "cut" }), "session_closed"],
  [
    happening({ type: "connection_report", session: "s", report: { peer: "p", state: "connected" } }),
    "peers_connected",
  ],
  [happening({ type: "connection_report", session: "s", report: { peer: "p", state: "failed" } }), "peers_failed"],
  [happening({ type: "refused", reason: "locked", command: "join" }), "command_refused"],
  [happening({ type: "room_loaded", room: "r", from: "new", ms: 1 }), "room_loaded"],
  [happening({ type: "room_unloaded", room: "r" }), "room_unloaded"],
  [happening({ type: "room_reloaded", room: "r", why: "lost" }), "room_reloaded"],
  [happening({ type: "digest_alarm", room: "r", seq: 1, other: "n" }), "digest_alarm"],
  [happening({ type: "unknown_entry", room: "r", kind: "k" }), "unknown_entry"],
  [happening({ type: "gap", room: "r", reason: "too_old" }), "gap"],
  [happening({ type: "link", link: "log", state: "up" }), "link_up"],
  [happening({ type: "link", link: "log", state: "down" }), "link_down"],
  [happening({ type: "node_silent", node: "n" }), "node_silent"],
  [happening({ type: "log_lost_early", shard: 1, bundles: 3, reach: 9 }), "log_lost_early"],
  [happening({ type: "waiting", link: "log", error: new Error("refused") }), "waiting"],
  [happening({ type: "ice_fetched", provider: "p", outcome: "ok", ms: 1 }), "turn_fetched"],
  [happening({ type: "ice_fetched", provider: "p", outcome: "bad", ms: 1 }), "turn_fetch_failed"],
  [happening({ type: "ice_fetched", provider: "p", outcome: "refused", ms: 1 }), "turn_fetch_refused"],
  [happening({ type: "ice_urls_dropped", provider: "p", reason: "port", count: 1 }), "turn_urls_dropped"],
  [happening({ type: "ice_probed", zone: "z", transport: "udp", end: 401, ms: 1, every: 1 }), "turn_probe_failed"],
  [happening({ type: "ice_guarded", zone: "z", peer: "10.0.0.1", refused: false, every: 1 }), "turn_guard_open"],
  [fault(new Error("x")), "fault"],
];

describe("what core observed", () => {
  test.for(each)("%j is the line %s", ([it, name]) => {
    const { observer, written } = observed();
    observer.observe(it);
    expect(written).toMatchObject([{ event: name, level: lines[name].level, msg: lines[name].says }]);
  });

  test("has a line each, and each line has something that writes it", () => {
    expect(new Set(each.map(([, name]) => name))).toEqual(new Set(Object.keys(lines)));
  });

  test("is logged by the fields that are named, and no others", () => {
    const { observer, written } = observed();
    observer.observe(happening({ type: "session_opened", session: "s", resumed: false, token: "t", pin: "1234" }));
    expect(Object.keys(written[0] ?? {}).toSorted()).toEqual(["event", "level", "msg", "resumed", "session", "time"]);
  });
});

describe("what happens to every session, or goes well", () => {
  test.for([
    happening({ type: "ice_granted", provider: "p", zone: "z", occasion: "greeting" }),
    happening({ type: "ice_limited", by: "user" }),
    happening({ type: "ice_pushed", lag: 1 }),
    happening({ type: "ice_probed", zone: "z", transport: "udp", end: "up", ms: 1, every: 1 }),
    happening({ type: "ice_guarded", zone: "z", peer: "10.0.0.1", refused: true, every: 1 }),
  ])("%j is no line", (it) => {
    const { observer, written } = observed();
    observer.observe(it);
    expect(written).toEqual([]);
  });
});

describe("what repeats itself", () => {
  test("is said at once, then once a minute with a count, until it has been quiet for a minute", async () => {
    const { observer, clock, said } = observed();
    for (let i = 0; i < 1_000; i += 1) observer.observe(fault(new Error(`x${i}`)));
    expect(said()).toEqual([["fault", "error", undefined]]);
    await clock.advance(60_000);
    expect(said().slice(1)).toEqual([["fault", "error", 999]]);
    for (let i = 0; i < 2; i += 1) observer.observe(fault(new Error("x")));
    expect(said()).toHaveLength(2);
    await clock.advance(60_000);
    expect(said().slice(2)).toEqual([["fault", "error", 2]]);
    await clock.advance(60_000);
    observer.observe(fault(new Error("x")));
    expect(said().slice(3)).toEqual([["fault", "error", undefined]]);
    await clock.advance(60_000);
    expect(said()).toHaveLength(4);
    expect(clock.timers).toBe(0);
  });

  test("is told apart by where and what it is", () => {
    const { observer, said } = observed();
    observer.observe(fault(new Error("x"), "socket"));
    observer.observe(fault(new Error("x"), "timer"));
    observer.observe(fault(new TypeError("x"), "timer"));
    for (const kind of ["a", "b", "a"]) observer.observe(happening({ type: "unknown_entry", room: "r", kind }));
    expect(said().map(([event]) => event)).toEqual(["fault", "fault", "fault", "unknown_entry", "unknown_entry"]);
  });

  test("fills no memory, whatever it is called", () => {
    const { observer, clock, said } = observed();
    for (let i = 0; i < 5_000; i += 1) observer.observe(happening({ type: "unknown_entry", room: "r", kind: `k${i}` }));
    expect(clock.timers).toBeLessThan(300);
    expect(said().length).toBeLessThan(300);
    observer.close();
    expect(said().at(-1)?.[2]).toBeGreaterThan(4_000);
  });

  test("is said at the end for what was held back, and leaves no timer", () => {
    const { observer, clock, said } = observed();
    for (let i = 0; i < 3; i += 1) observer.observe(fault("odd"));
    observer.close();
    expect(said()).toEqual([
      ["fault", "error", undefined],
      ["fault", "error", 2],
    ]);
    expect(clock.timers).toBe(0);
  });
});

describe("a fault", () => {
  test("is logged with its stack and what caused it", () => {
    const { observer, written } = observed();
    observer.observe(fault(new Error("outer", { cause: new TypeError("inner") })));
    expect(written[0]?.["error"]).toMatch(/^Error: outer\n {4}at [\s\S]*\ncaused by TypeError: inner\n {4}at /);
  });

  test("may be anything that can be thrown", () => {
    const { observer, written } = observed();
    const hostile = Object.create(null, { toString: { get: () => fault(observer.observe(fault("never"))) } });
    for (const error of [undefined, null, 3, "text", Symbol("s"), 4n, hostile, () => 1]) {
      observer.observe(fault(error, String(written.length)));
    }
    expect(written).toHaveLength(8);
    expect(written.slice(0, 4).map((line) => line["error"])).toEqual([
      "thrown: undefined",
      "thrown: null",
      "thrown: 3",
      "thrown: text",
    ]);
    const endless = new Error("endless");
    endless.cause = endless;
    observer.observe(fault(endless, "last"));
    expect(String(written.at(-1)?.["error"]).length).toBeLessThan(9_000);
  });
});
