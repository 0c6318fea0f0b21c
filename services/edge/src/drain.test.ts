import { VirtualClock } from "@heliograph/core/memory";
import { Health } from "@heliograph/system";
import { describe, expect, test } from "vitest";
import { format } from "../contract/formats.ts";
import { PaperSocket } from "../contract/paper-socket.ts";
import { ClientConnection } from "./client-connection.ts";
import type { DrainPace } from "./drain.ts";
import { drain } from "./drain.ts";
import { Outbound } from "./outbound.ts";

/** `saidAt`: when the log has taken what the node had to say. */
function draining(pace: DrainPace, clients: number, saidAt = 0) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const began = clock.now();
  const health = new Health([]);
  const steps: [string, number][] = [];
  const step = (name: string) => steps.push([name, clock.now() - began]);
  const connections = new Set<ClientConnection>();
  let emptied: (() => void) | undefined;
  const sockets = Array.from({ length: clients }, () => {
    const socket = new PaperSocket();
    const connection = new ClientConnection(socket, format("json"), new Outbound(clock, () => undefined));
    connections.add(connection);
    socket.onClosed = () => {
      connection.ended();
      connections.delete(connection);
      if (connections.size === 0) emptied?.();
    };
    return socket;
  });
  const ended = drain({
    health,
    clock,
    pace,
    listener: { stopAccepting: () => step("accepts no more") },
    node: {
      drain: ({ perSecond }) => step(`asks ${perSecond} a second`),
      get settled() {
        return clock.now() - began >= saidAt;
      },
    },
    door: {
      connections,
      onceEmpty: (call) => {
        if (connections.size === 0) call();
        else emptied = call;
      },
    },
  }).then(() => step("ended"));
  return { clock, health, steps, sockets, ended };
}

describe("a drain", () => {
  const pace = { lag: 2_000, perSecond: 50, deadline: 25_000 };

  test("turns red at once, and still accepts until balancers have seen it", async () => {
    const { clock, health, steps } = draining(pace, 1);
    expect(health.missing()).toStrictEqual(["draining"]);
    await clock.advance(1_999);
    expect(steps).toStrictEqual([]);
    await clock.advance(1);
    expect(steps).toStrictEqual([
      ["accepts no more", 2_000],
      ["asks 50 a second", 2_000],
    ]);
  });

  test("ends when the last client has gone, with no timer left", async () => {
    const { clock, steps, sockets, ended } = draining(pace, 2);
    await clock.advance(3_000);
    for (const socket of sockets) socket.close(1000, "");
    await ended;
    expect(steps.at(-1)).toStrictEqual(["ended", 3_000]);
    expect(sockets.map(({ closes }) => closes)).toStrictEqual([
      [{ code: 1000, reason: "" }],
      [{ code: 1000, reason: "" }],
    ]);
    expect(clock.timers).toBe(0);
  });

  test("ends at once without clients and without a lag", async () => {
    const { clock, steps, ended } = draining({ ...pace, lag: 0 }, 0);
    await ended;
    expect(steps.at(-1)).toStrictEqual(["ended", 0]);
    expect(clock.timers).toBe(0);
  });

  test("closes whoever never goes at the deadline, counted from the signal, resumable", async () => {
    const { clock, steps, sockets, ended } = draining(pace, 3);
    await clock.advance(24_999);
    expect(sockets.every(({ closes }) => closes.length === 0)).toBe(true);
    await clock.advance(1);
    await ended;
    expect(steps.at(-1)).toStrictEqual(["ended", 25_000]);
    expect(sockets.flatMap(({ closes }) => closes.map(({ code }) => code))).toStrictEqual([4000, 4000, 4000]);
  });

  test("waits for the log to take what the node still says, and not for ever", async () => {
    const late = draining({ lag: 0, perSecond: 1, deadline: 0 }, 1, 500);
    await late.clock.advance(499);
    expect(late.steps.map(([name]) => name)).not.toContain("ended");
    await late.clock.advance(1);
    await late.ended;
    expect(late.steps.at(-1)).toStrictEqual(["ended", 500]);
    const never = draining({ lag: 0, perSecond: 1, deadline: 0 }, 1, Number.POSITIVE_INFINITY);
    await never.clock.advance(2_000);
    await never.ended;
    expect(never.steps.at(-1)).toStrictEqual(["ended", 2_000]);
  });

  test("with a deadline of nothing closes everybody now", async () => {
    const { clock, sockets, ended } = draining({ lag: 0, perSecond: 1, deadline: 0 }, 2);
    await clock.advance(0);
    await ended;
    expect(sockets.every(({ closes }) => closes.length === 1)).toBe(true);
  });
});
