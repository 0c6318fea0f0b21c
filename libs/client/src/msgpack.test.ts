// The optional codec, as the client uses it.
import { expect, test } from "vitest";
import { FakePage } from "../test-kit/scene.ts";
import { VirtualClock } from "../test-kit/virtual-clock.ts";
import { Heliograph } from "./heliograph.ts";
import { msgpack } from "./msgpack.ts";
import type { SocketEvent, SocketLike } from "./surroundings.ts";

test("a client on MessagePack names its subprotocol, writes binary frames and reads them", async () => {
  const clock = new VirtualClock();
  const { codec } = msgpack();
  const heard: unknown[] = [];
  const listeners = new Map<string, (event: SocketEvent) => void>();
  class BinarySocket implements SocketLike {
    binaryType = "blob";
    constructor(_url: string, protocols: string[]) {
      heard.push(protocols);
      clock.after(1, () => listeners.get("open")?.({ type: "open" }));
    }
    addEventListener(type: string, listener: (event: SocketEvent) => void): void {
      listeners.set(type, listener);
    }
    close(): void {
      heard.push("closed");
    }
    send(data: string | Uint8Array<ArrayBuffer>): void {
      if (typeof data === "string") throw new Error("text on a binary socket");
      heard.push(codec.decode(data), this.binaryType);
      const limits = {
        frameBytes: 65_536,
        bodyBytes: 1,
        nameBytes: 1,
        roomsPerSession: 1,
        outstanding: 1,
        heartbeat: 25_000,
        grace: 0,
        window: 0,
      };
      const welcome = {
        type: "welcome",
        session: "s",
        token: "t",
        resumed: false,
        node: "n",
        limits,
        ice: { iceServers: [], ttl: 0, expiry: "never", degraded: false },
      };
      const bytes = new Uint8Array(codec.encode(welcome));
      clock.after(1, () => listeners.get("message")?.({ type: "message", data: bytes.buffer }));
    }
  }
  const client = new Heliograph({
    url: "ws://x",
    codec: msgpack(),
    clock,
    webSocket: BinarySocket,
    storage: undefined,
    page: new FakePage(),
  });
  await clock.until(client.connect());
  expect(client.session).toBe("s");
  expect(heard).toEqual([["heliograph.v1.msgpack"], { ok: true, value: { type: "hello", attempt: 1 } }, "arraybuffer"]);
});
