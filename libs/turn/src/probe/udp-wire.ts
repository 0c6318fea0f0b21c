// A wire over UDP: one socket that hears from the server alone.

import { createSocket } from "node:dgram";
import { EndedOnce } from "./ended-once.ts";
import { failureOfSocket } from "./network-failure.ts";
import type { Told } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import type { Wire } from "./wire.ts";

/** Never rejects. UDP knows no connection: that nobody listens shows with the first frame, if at all. */
export function openUdpWire(address: string, family: 4 | 6, port: number, bound: number): Promise<Told<Wire>> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? "udp6" : "udp4");
    const end = new EndedOnce();
    const hearers = new Set<(frame: Uint8Array) => void>();
    const close = (): void => {
      if (end.over) return;
      end.end({ is: "network", why: "closed by us" });
      socket.close();
    };
    const late = setTimeout(() => {
      resolve(failed({ is: "timeout", while: "connecting" }));
      close();
    }, bound);
    socket.on("error", (error) => {
      clearTimeout(late);
      const failure = failureOfSocket(error);
      resolve(failed(failure));
      if (end.over) return;
      end.end(failure);
      socket.close();
    });
    socket.on("message", (frame) => {
      for (const hear of hearers) hear(Uint8Array.from(frame));
    });
    socket.once("connect", () => {
      clearTimeout(late);
      resolve(
        told({
          reliable: false,
          send: (frame) => {
            // What cannot be sent shows as an error of the socket.
            if (!end.over) socket.send(frame, () => {});
          },
          onFrame: (hear) => void hearers.add(hear),
          onEnd: (hear) => end.onEnd(hear),
          close,
        }),
      );
    });
    socket.connect(port, address);
  });
}
