// Every way a connection can end, against a real edge: afterwards nothing of it is left.
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RunningEdge } from "../kit/edges.ts";
import { Edges } from "../kit/edges.ts";
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";
import { Wire } from "../kit/wire.ts";

/** Longer than any timer of a room that is let go: the grace, the scribe, the log's own sweep. */
const longEnough = 900_000;

export function endings(kind: "uws" | "ws"): void {
  describe(`on ${kind}`, () => {
    let edges: Edges;
    let running: RunningEdge;
    let wire: Wire;
    let url: string;
    let timersBefore: number;

    beforeEach(async () => {
      edges = new Edges({ LIMITS_HEARTBEAT: "1s", LIMITS_BUFFERED_BYTES: "64KiB", LIMITS_COMMAND_BURST: "100000" });
      running = await edges.start();
      wire = await Wire.to(running.edge.port);
      url = `ws://127.0.0.1:${wire.port}/v1/socket`;
      expect(running.edge.kind).toBe(kind);
      timersBefore = edges.clock.pending;
    });

    afterEach(async () => {
      await wire.end();
      await edges.end();
      expect(edges.faults).toStrictEqual([]);
      expect(edges.clock.faults).toStrictEqual([]);
    });

    /** @param connections that are meant to stay */
    const gone = async (connections = 0): Promise<void> => {
      await until("the edge lets go of the connection", () => running.edge.held().connections === connections);
    };

    const nothingIsLeft = async (): Promise<void> => {
      await gone();
      await edges.clock.pass(longEnough);
      expect(running.edge.held()).toStrictEqual({ connections: 0, addresses: 0, unopened: 0 });
      expect(running.edge.node.size).toStrictEqual({ sessions: 0, rooms: 0, kept: 0 });
      expect(running.ports.log.followed).toBe(0);
      expect(edges.clock.pending).toBe(timersBefore);
    };

    test("a client that closes its socket leaves nothing behind", async () => {
      const ann = await PlainClient.joined(url, "tea");
      expect(running.edge.node.size).toMatchObject({ sessions: 1, rooms: 1 });
      expect(running.ports.log.followed).toBe(1);
      ann.socket.close(1000);
      await nothingIsLeft();
    });

    test("a client that leaves its room and says bye leaves nothing behind", async () => {
      const ann = await PlainClient.joined(url, "tea");
      ann.send({ type: "leave", n: 1, room: "tea" });
      await ann.next("ack");
      ann.send({ type: "bye" });
      await ann.closed();
      await nothingIsLeft();
    });

    test("a connection that is reset leaves nothing behind", async () => {
      const ann = await PlainClient.joined(url, "tea");
      wire.cutAll();
      await ann.closed();
      await nothingIsLeft();
    });

    test("a client that falls silent is dropped in time and leaves nothing behind", async () => {
      const ann = await PlainClient.joined(url, "tea");
      for (const strand of wire.strands) strand.stall();
      // The listener's own clock, which no test moves: at the shortest heartbeat it waits for eight seconds.
      await gone();
      ann.socket.terminate();
      await nothingIsLeft();
    });

    test("a client that never says hello is closed in time and leaves nothing behind", async () => {
      const ann = await PlainClient.open(url);
      expect(running.edge.held()).toMatchObject({ connections: 1, unopened: 1 });
      await edges.clock.pass(12_000);
      await ann.closed();
      await nothingIsLeft();
    });

    test("a socket whose session another one took over leaves nothing behind, and neither does the other", async () => {
      const ann = await PlainClient.joined(url, "tea");
      const { token } = await ann.next("welcome");
      const { position } = await ann.next("joined");
      const again = await PlainClient.open(url);
      again.send({ type: "resume", attempt: 2, token, rooms: [{ room: "tea", position }] });
      expect(await ann.closed()).toBe(4004);
      await again.next("resumed");
      await gone(1);
      expect(running.edge.node.size).toMatchObject({ sessions: 1, rooms: 1 });
      again.socket.terminate();
      await nothingIsLeft();
    });

    test("a client that reads too slowly is closed, and leaves nothing behind", async () => {
      const ann = await PlainClient.joined(url, "tea");
      const bob = await PlainClient.joined(running.url, "tea");
      for (const strand of wire.strands) strand.stallDownwards();
      const text = "x".repeat(50_000);
      let n = 0;
      // The machine's own buffers fill first, and nobody knows how large they are.
      await until("the slow reader is dropped", () => {
        const answered = bob.frames.at(-1);
        if (n === 0 || answered?.["n"] === n) {
          for (let more = 0; more < 8; more += 1) {
            n += 1;
            bob.send({ type: "broadcast", n, room: "tea", body: text });
          }
        }
        return running.edge.held().connections === 1;
      });
      bob.socket.close();
      await gone();
      ann.socket.terminate();
      await nothingIsLeft();
    });

    test("half a handshake leaves nothing behind", async () => {
      const half = connect(wire.port, "127.0.0.1");
      half.on("error", () => undefined);
      half.write("GET /v1/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Up");
      await until("the wire carries it", () => wire.sockets.length === 1);
      half.resetAndDestroy();
      await until("it is gone", () => wire.strands.length === 0);
      await nothingIsLeft();
    });

    test("a socket that is cut between its opening and its hello leaves nothing behind", async () => {
      await PlainClient.open(url);
      expect(running.edge.held().unopened).toBe(1);
      wire.cutAll();
      await nothingIsLeft();
    });

    test("a socket that is cut in the middle of its hello leaves nothing behind", async () => {
      const ann = await PlainClient.open(url);
      ann.socket.send('{"type":"hel', { fin: false });
      await until("it is on its way", () => ann.socket.bufferedAmount === 0);
      wire.cutAll();
      await nothingIsLeft();
    });

    test("a socket that is cut while its join is on its way leaves nothing behind", async () => {
      const ann = await PlainClient.open(url);
      // Whatever the log is asked takes longer than the socket lives.
      running.ports.link.misbehave({ delay: [2_000, 2_000] });
      ann.send({ type: "hello", attempt: 1 });
      ann.send({ type: "join", n: 1, room: "tea" });
      await until("the room is being loaded", () => running.edge.node.size.rooms === 1);
      wire.cutAll();
      await gone();
      running.ports.link.misbehave({ delay: [0, 0] });
      await nothingIsLeft();
    });

    test("a socket that is cut when its join was stored and not yet answered leaves nothing behind", async () => {
      await PlainClient.joined(running.url, "tea").then(async (bob) => {
        const ann = await PlainClient.open(url);
        ann.send({ type: "hello", attempt: 1 });
        await ann.next("welcome");
        running.ports.link.misbehave({ delay: [100, 100] });
        ann.send({ type: "join", n: 1, room: "tea" });
        // In order behind it: once this is refused, the join has been proposed.
        ann.send({ type: "ping", n: 2 });
        await ann.next("pong");
        wire.cutAll();
        await gone(1);
        running.ports.link.misbehave({ delay: [0, 0] });
        bob.socket.close();
      });
      await nothingIsLeft();
    });
  });
}
