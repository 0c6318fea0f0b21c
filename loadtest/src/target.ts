// What is measured, whatever it is made of: where its clients connect, what it has used, and its end.
import { Ground, type GroundOptions } from "./ground.ts";
import { MeasuredServer } from "./measured-server.ts";

/** `relay`: the yardstick. `memory`: one process over the memory twins. `cluster`: edges over NATS and Redis. */
export const kinds = ["relay", "memory", "cluster"] as const;
export type Kind = (typeof kinds)[number];

/** Since the processes began. CPU in microseconds, of all processes of a kind together. */
export interface Used {
  readonly edges: number;
  readonly nats: number;
  readonly redis: number;
  /** Resident bytes of the edges. */
  readonly rss: number;
}

export interface Target {
  readonly kind: Kind;
  readonly ports: readonly number[];
  used(): Promise<Used>;
  /** After garbage was collected and its pages were given back. */
  settled(): Promise<Used>;
  end(): Promise<void>;
}

export function startTarget(kind: Kind, options: GroundOptions = {}): Promise<Target> {
  return kind === "cluster" ? Ground.start(options) : MeasuredServer.start(kind);
}
