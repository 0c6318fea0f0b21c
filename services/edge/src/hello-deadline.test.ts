import { VirtualClock } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import { format } from "../contract/formats.ts";
import { PaperSocket } from "../contract/paper-socket.ts";
import { ClientConnection } from "./client-connection.ts";
import { HelloDeadline } from "./hello-deadline.ts";
import { Outbound } from "./outbound.ts";

function waiting() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const deadline = new HelloDeadline(clock);
  const client = () => {
    const socket = new PaperSocket();
    const connection = new ClientConnection(socket, format("json"), new Outbound(clock, () => undefined));
    socket.onClosed = () => {
      deadline.settled(connection);
      connection.ended();
    };
    deadline.opened(connection);
    return { socket, connection };
  };
  return { clock, deadline, client };
}

describe("a connection that says nothing", () => {
  test("is closed after ten seconds, and a second more at most", async () => {
    const { clock, deadline, client } = waiting();
    const { socket } = client();
    await clock.advance(9_999);
    expect(socket.closes).toStrictEqual([]);
    await clock.advance(1_001);
    expect(socket.closes.map(({ code }) => code)).toStrictEqual([4408]);
    expect(deadline.size).toBe(0);
  });

  test("is closed although others after it still have time", async () => {
    const { clock, client } = waiting();
    const first = client();
    await clock.advance(6_000);
    const second = client();
    await clock.advance(5_000);
    expect([first, second].map(({ socket }) => socket.closes.length)).toStrictEqual([1, 0]);
    await clock.advance(6_000);
    expect(second.socket.closes).toHaveLength(1);
  });
});

test("whoever said hello, or has gone, is left alone, and nothing is kept for it", async () => {
  const { clock, deadline, client } = waiting();
  const greeted = client();
  const gone = client();
  deadline.settled(greeted.connection);
  gone.socket.close(1000, "");
  expect(deadline.size).toBe(0);
  await clock.advance(30_000);
  expect(greeted.socket.closes).toStrictEqual([]);
  expect(gone.socket.closes).toHaveLength(1);
  expect(clock.timers).toBe(0);
});
