// A wire over TCP, or over TLS with the certificate checked against the host's name.
import type { Socket } from "node:net";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls, rootCertificates, TLSSocket } from "node:tls";
import { EndedOnce } from "./ended-once.ts";
import { failureOfSocket } from "./network-failure.ts";
import { StreamFrames } from "./stream-frames.ts";
import type { Told } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import type { TurnTarget, Wire } from "./wire.ts";

/** Never rejects. `ca`: trusted beside the well-known authorities. */
export function openStreamWire(
  { host, port, transport }: TurnTarget,
  address: string,
  bound: number,
  ca: string | undefined,
): Promise<Told<Wire>> {
  return new Promise((resolve) => {
    const secure = transport === "tls";
    const socket: Socket = secure
      ? connectTls({
          host: address,
          port,
          // A server name must be a name; an address is checked as the address.
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
        })
      : connectTcp({ host: address, port });
    socket.setNoDelay();
    const end = new EndedOnce();
    const hearers = new Set<(frame: Uint8Array) => void>();
    const frames = new StreamFrames();
    const late = setTimeout(() => {
      resolve(failed({ is: "timeout", while: "connecting" }));
      socket.destroy();
    }, bound);
    socket.on("error", (error) => {
      clearTimeout(late);
      const failure = failureOfSocket(error);
      resolve(failed(failure));
      end.end(failure);
    });
    socket.on("close", () => {
      clearTimeout(late);
      const failure = { is: "network", why: "the server closed the connection" } as const;
      resolve(failed(failure));
      end.end(failure);
    });
    socket.on("data", (chunk) => {
      const whole = frames.push(chunk);
      if (whole === undefined) {
        end.end({ is: "garbled", why: "the stream holds neither STUN nor channel data" });
        socket.destroy();
        return;
      }
      for (const frame of whole) for (const hear of hearers) hear(frame);
    });
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(late);
      const ends = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN;
      resolve(
        told({
          reliable: true,
          ...(Number.isNaN(ends) ? {} : { certificateEnds: ends }),
          send: (frame) => {
            if (!end.over && socket.writable) socket.write(frame);
          },
          onFrame: (hear) => void hearers.add(hear),
          onEnd: (hear) => end.onEnd(hear),
          close: () => {
            end.end({ is: "network", why: "closed by us" });
            // A TURN server frees the allocation when the connection ends.
            socket.destroy();
          },
        }),
      );
    });
  });
}
