// A way to a TURN server: frames go out, frames come in, and it ends once.
import type { TurnFailure } from "./turn-failure.ts";

export interface Wire {
  /** Repeats what is lost by itself. */
  readonly reliable: boolean;
  /** Milliseconds since 1970 at which the server's certificate ends; over TLS only. */
  readonly certificateEnds?: number;
  /** One STUN message or channel data. Nothing happens once the wire has ended. */
  send(frame: Uint8Array): void;
  /** Whole frames. Frames that came before are not repeated. */
  onFrame(hear: (frame: Uint8Array) => void): void;
  /** Called once, at once if it has ended already. */
  onEnd(hear: (why: TurnFailure) => void): void;
  close(): void;
}

export interface TurnTarget {
  /** A name or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** `tls`: over TCP. */
  readonly transport: "udp" | "tcp" | "tls";
}

export interface WireOptions {
  /** Milliseconds until it is open; 3000 when nothing is said. */
  readonly bound?: number;
  /** Authorities to trust beside the well-known ones, as PEM. */
  readonly ca?: string;
}

/** Milliseconds that a step of a probe may take. */
export const stepBound = 3_000;
