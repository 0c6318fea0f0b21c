import type { Codec } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createNativeDialect } from "@heliograph/dialects/native";
import type { Event, RoomName } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { ClientConnection } from "./client-connection.ts";
import { Format } from "./format.ts";
import { Outbound } from "./outbound.ts";
import type { Socket } from "./socket/listener.ts";

const codec: Codec = createJsonCodec({ maxBytes: 65_536, maxDepth: 32, maxKeys: 4_096 });
const room = "standup" as RoomName;

/** A connection whose frames leave when the test says so. */
function connection() {
  const sent: unknown[] = [];
  const socket: Socket = {
    remoteAddress: "127.0.0.1",
    secure: false,
    bufferedBytes: 0,
    send: (frame) => {
      const decoded = codec.decode(frame);
      sent.push(decoded.ok ? decoded.value : decoded);
      return "sent";
    },
    cork: (write) => write(),
    ping: () => undefined,
    close: () => undefined,
    terminate: () => undefined,
  };
  const never = { cancel: () => undefined };
  const outbound = new Outbound({ now: () => 0, after: () => never, endOfTurn: () => undefined });
  const format = new Format(createNativeDialect({ bodyBytes: 65_536, roomsPerSession: 32 }), codec, new Map());
  return { connection: new ClientConnection(socket, format, outbound), sent };
}

function ack(n: number, seq: number, where = room): Event {
  return { type: "ack", room: where, n, position: { seq, index: 0, time: 1 } };
}

test("acks that wait for each other leave as one, with the highest n and the newest position", () => {
  const { connection: ann, sent } = connection();
  for (const event of [ack(1, 1), ack(2, 2), ack(3, 3)]) ann.deliver(event);
  ann.flush(true);
  expect(sent).toStrictEqual([{ type: "ack", room, n: 3, position: "3.0.1" }]);
});

test("an old n that is answered again does not swallow the ack of a newer one", () => {
  const { connection: ann, sent } = connection();
  for (const event of [ack(2, 2), ack(1, 3)]) ann.deliver(event);
  ann.flush(true);
  expect(sent).toStrictEqual([{ type: "ack", room, n: 2, position: "3.0.1" }]);
});

test("acks of two rooms both leave", () => {
  const { connection: ann, sent } = connection();
  for (const event of [ack(2, 2), ack(1, 3, "retro" as RoomName)]) ann.deliver(event);
  ann.flush(true);
  expect(sent).toMatchObject([
    { room, n: 2 },
    { room: "retro", n: 1 },
  ]);
});
