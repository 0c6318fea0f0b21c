import { describe, expect, test } from "vitest";
import { probeRound } from "./probe-round.ts";
import type { RelayProbe } from "./relay-probe.ts";
import type { TurnTarget } from "./wire.ts";

const login = { username: "1:probe", password: "p" };
const up: RelayProbe = { ms: 5, guards: [{ peer: "10.255.255.255", refused: true }] };
const refused = (code: number): RelayProbe => ({
  ms: 9,
  guards: [],
  trouble: { step: "allocate", failure: { is: "answered", code, reason: "" } },
});

function round(urls: readonly string[], probe: (target: TurnTarget) => Promise<RelayProbe>) {
  return probeRound({ zones: [{ id: "eu", urls }], login, permissions: true }, probe);
}

describe("a round of probes", () => {
  test("tries each server and transport of a zone once, whatever it is called", async () => {
    const tried: string[] = [];
    const urls = ["turn:a", "turn:A:3478?transport=udp", "turn:a?transport=tcp", "turns:a:443", "stun:a", "no URL"];
    const [zone] = await round(urls, async ({ host, port, transport }) => {
      tried.push(`${transport} ${host} ${port}`);
      return up;
    });
    expect(tried.sort()).toEqual(["tcp a 3478", "tls a 443", "udp a 3478"]);
    expect(zone).toEqual({
      zone: "eu",
      up: true,
      transports: ["udp", "tcp", "tls"].map((transport) => ({ transport, end: "up", ms: 5 })),
      guards: [{ peer: "10.255.255.255", refused: true }],
    });
  });

  test("has at most three allocations at a time in a zone", async () => {
    const running: (() => void)[] = [];
    const urls = Array.from({ length: 7 }, (_, i) => `turn:a:${1_024 + i}`);
    const over = round(urls, () => new Promise((resolve) => running.push(() => resolve(up))));
    for (let done = 0; done < 7; done += 1) {
      expect(running.length).toBeLessThanOrEqual(3);
      running.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await over)[0]?.up).toBe(true);
  });

  test("tells a transport by its worst server, and a zone up as long as one server relays", async () => {
    const [zone] = await round(["turn:a:1024", "turn:b:1024", "turns:a:443"], async ({ host, transport }) => {
      if (transport === "tls") return { ms: 0, guards: [], trouble: { step: "connect", failure: { is: "closed" } } };
      return host === "a" ? refused(486) : up;
    });
    expect(zone?.up).toBe(true);
    expect(zone?.transports).toEqual([
      { transport: "udp", end: 486, ms: 9 },
      { transport: "tls", end: "unreachable", ms: 0 },
    ]);
  });

  test("ends in time, and counts what has not ended as a timeout", async () => {
    const urls = Array.from({ length: 7 }, (_, i) => `turn:a:${1_024 + i}`).concat("turn:b?transport=tcp");
    const probe = async ({ transport }: TurnTarget) => (transport === "tcp" ? up : new Promise<RelayProbe>(() => {}));
    const [zone] = await probeRound(
      { zones: [{ id: "eu", urls: urls.reverse() }], login, permissions: true },
      probe,
      20,
    );
    expect(zone?.up).toBe(true);
    expect(zone?.transports).toEqual([
      { transport: "udp", end: "timeout", ms: 0 },
      { transport: "tcp", end: "up", ms: 5 },
    ]);
  });

  test("tells a guard open where one server of many is", async () => {
    const [zone] = await round(["turn:a:1024", "turn:b:1024", "turn:c:1024"], async ({ host }) => {
      return { ms: 1, guards: [{ peer: "169.254.169.254", refused: host !== "b" }] };
    });
    expect(zone?.guards).toEqual([{ peer: "169.254.169.254", refused: false }]);
  });
});
