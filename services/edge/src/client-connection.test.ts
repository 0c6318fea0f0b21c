import { VirtualClock } from "@heliograph/core/memory";
import type { Event, MemberId, Position, RoomName } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { format } from "../contract/formats.ts";
import { PaperSocket } from "../contract/paper-socket.ts";
import { ClientConnection } from "./client-connection.ts";
import { Outbound } from "./outbound.ts";

const attic = "attic" as RoomName;
const lobby = "lobby" as RoomName;
const at = (seq: number): Position => ({ seq, index: 0, time: 1 });
const ack = (n: number, room = lobby): Event => ({ type: "ack", room, n, position: at(n) });
const pong = (n: number): Event => ({ type: "pong", n, rooms: [] });
const unreadable: Event = {
  type: "broadcast",
  room: lobby,
  from: "ann" as MemberId,
  body: { codec: "msgpack", bytes: Uint8Array.of(0xc1) },
  position: at(1),
};

/** No codec can say it: a bug of a dialect's. */
const unspeakable: Event = {
  type: "pong",
  n: 1,
  get rooms(): never {
    throw new Error("these rooms cannot be said");
  },
};

function opened() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const faults: unknown[] = [];
  const outbound = new Outbound(clock, (error) => faults.push(error));
  const client = () => {
    const socket = new PaperSocket();
    const connection = new ClientConnection(socket, format("json"), outbound);
    socket.onClosed = () => connection.ended();
    return { socket, connection };
  };
  return { clock, faults, client, ...client() };
}

const said = (socket: PaperSocket) => socket.frames.map((frame) => JSON.parse(frame)).map(({ type, n }) => [type, n]);

describe("what a turn has for a socket", () => {
  test("leaves at its end, in order, in one write", async () => {
    const { clock, socket, connection } = opened();
    for (const event of [pong(1), ack(1), pong(2), ack(2)]) connection.deliver(event);
    expect(socket.writes).toStrictEqual([]);
    await clock.settle();
    expect(socket.writes).toHaveLength(1);
    expect(said(socket)).toStrictEqual([
      ["pong", 1],
      ["ack", 1],
      ["pong", 2],
      ["ack", 2],
    ]);
  });

  test("does not mix with what another socket has", async () => {
    const { clock, socket, connection, client } = opened();
    const other = client();
    connection.deliver(pong(1));
    other.connection.deliver(pong(2));
    connection.deliver(pong(3));
    await clock.settle();
    expect([said(socket), said(other.socket)]).toStrictEqual([
      [
        ["pong", 1],
        ["pong", 3],
      ],
      [["pong", 2]],
    ]);
  });
});

test("a client is slow while something waits for it to read, and no more when its socket is gone", () => {
  const { socket, connection } = opened();
  expect(connection.slow).toBe(false);
  socket.bufferedBytes = 1;
  expect(connection.slow).toBe(true);
  connection.ended();
  expect(connection.slow).toBe(false);
});

describe("answers", () => {
  test("of one room become the last of them", async () => {
    const { clock, socket, connection } = opened();
    for (const n of [1, 2, 3]) connection.deliver(ack(n));
    connection.deliver(pong(1));
    await clock.settle();
    expect(said(socket)).toStrictEqual([
      ["ack", 3],
      ["pong", 1],
    ]);
  });

  test("of several rooms are each said, in order", async () => {
    const { clock, socket, connection } = opened();
    for (const event of [ack(1, attic), ack(2, attic), ack(7, lobby), ack(3, attic)]) connection.deliver(event);
    await clock.advance(5);
    expect(socket.frames.map((frame) => JSON.parse(frame)).map(({ room, n }) => [room, n])).toStrictEqual([
      ["attic", 2],
      ["lobby", 7],
      ["attic", 3],
    ]);
  });

  test("to a command that came again do not swallow the answer to a newer one", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(ack(10));
    connection.deliver(ack(3));
    await clock.advance(5);
    expect(said(socket).at(-1)).toStrictEqual(["ack", 10]);
  });

  test("alone wait at most 5 ms", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(ack(1));
    await clock.advance(4);
    expect(socket.writes).toStrictEqual([]);
    await clock.advance(1);
    expect(said(socket)).toStrictEqual([["ack", 1]]);
    connection.deliver(ack(2));
    await clock.advance(5);
    expect(said(socket)).toHaveLength(2);
    expect(clock.timers).toBe(0);
  });

  test("leave with the first company, which does not wait for them", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(ack(1));
    await clock.advance(1);
    connection.deliver(pong(1));
    await clock.settle();
    expect(said(socket)).toStrictEqual([
      ["ack", 1],
      ["pong", 1],
    ]);
    // And the next one lingers anew.
    connection.deliver(ack(2));
    await clock.settle();
    expect(said(socket)).toHaveLength(2);
    await clock.advance(5);
    expect(said(socket)).toHaveLength(3);
  });

  test("that linger are joined by later ones without another turn", async () => {
    const { clock, socket, connection } = opened();
    for (let n = 1; n <= 4; n += 1) {
      connection.deliver(ack(n));
      await clock.advance(1);
    }
    await clock.advance(1);
    expect(said(socket)).toStrictEqual([["ack", 4]]);
  });
});

describe("a reader that is too slow", () => {
  test("is closed once, at its first dropped frame, and gets nothing after it", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(pong(1));
    await clock.settle();
    socket.result = "dropped";
    for (const n of [2, 3, 4]) connection.deliver(pong(n));
    await clock.settle();
    socket.result = "sent";
    connection.deliver(pong(5));
    await clock.advance(10);
    expect(said(socket)).toStrictEqual([["pong", 1]]);
    expect(socket.closes.map(({ code }) => code)).toStrictEqual([4001]);
    expect(connection.open).toBe(false);
  });

  test("that is being closed for something else is still told only once", () => {
    const { socket, connection } = opened();
    socket.result = "dropped";
    connection.deliver(pong(1));
    connection.close("flood");
    expect(socket.closes.map(({ code }) => code)).toStrictEqual([4001]);
  });
});

describe("a close", () => {
  test("comes after what was delivered before, and nothing comes after it", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(pong(1));
    connection.deliver(ack(1));
    connection.close("goaway");
    expect(said(socket)).toStrictEqual([
      ["pong", 1],
      ["ack", 1],
    ]);
    expect(socket.closes).toStrictEqual([{ code: 4000, reason: "The node is draining: resume elsewhere." }]);
    connection.deliver(pong(2));
    connection.close("flood");
    await clock.advance(10);
    expect(socket.frames).toHaveLength(2);
    expect(socket.closes).toHaveLength(1);
  });

  test("by the client forgets what waits", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(pong(1));
    connection.deliver(ack(1));
    connection.ended();
    connection.close("goaway");
    await clock.advance(10);
    expect([socket.writes, socket.closes]).toStrictEqual([[], []]);
  });
});

describe("an event that cannot be encoded", () => {
  test("throws at nobody, and others hear what they should", async () => {
    const { clock, faults, connection, client } = opened();
    const other = client();
    connection.deliver(unspeakable);
    other.connection.deliver(pong(1));
    await clock.settle();
    expect(said(other.socket)).toStrictEqual([["pong", 1]]);
    expect(faults).toHaveLength(1);
  });

  test("ends its own stream there, resumable, once the turn is over", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(pong(1));
    connection.deliver(unspeakable);
    connection.deliver(pong(2));
    connection.deliver(ack(1));
    expect(socket.closes).toStrictEqual([]);
    await clock.settle();
    expect(said(socket)).toStrictEqual([["pong", 1]]);
    expect(socket.closes.map(({ code }) => code)).toStrictEqual([1011]);
    await clock.advance(10);
    expect(said(socket)).toHaveLength(1);
  });

  test("in the turn of a close leaves it at one close", async () => {
    const { clock, socket, connection } = opened();
    connection.deliver(unspeakable);
    connection.close("flood");
    await clock.settle();
    expect(socket.closes.map(({ code }) => code)).toStrictEqual([1011]);
  });
});

describe("an event whose stored body cannot be read", () => {
  test("is left out and told as a fault: it would be no better at the next resume", async () => {
    const { clock, faults, socket, connection } = opened();
    connection.deliver(pong(1));
    connection.deliver(unreadable);
    connection.deliver(pong(2));
    await clock.settle();
    expect(said(socket)).toStrictEqual([
      ["pong", 1],
      ["pong", 2],
    ]);
    expect(socket.closes).toStrictEqual([]);
    expect(faults.map(String)).toStrictEqual(["Error: a stored body of codec msgpack cannot be read"]);
  });
});
