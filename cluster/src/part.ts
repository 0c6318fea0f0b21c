// What every server of a cluster on one machine can do: be killed, stopped, paused, and come back where it was.

export type PartKind = "edge" | "keeper" | "nats" | "redis" | "haproxy";

/** One process, or one place that a process fills; the name is what people are told. */
export interface Part extends Server {
  readonly name: string;
  readonly kind: PartKind;
}

export interface Server {
  readonly running: boolean;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended. */
  terminate(): Promise<void>;
  /** SIGSTOP: its sockets stay open and nobody answers on them. */
  pause(): void;
  /** SIGCONT. */
  wake(): void;
  /** Begins, again on the same ports and folder; resolves when it can be used. Nothing happens while it runs. */
  start(): Promise<void>;
}
