// What nodes stand on: a message plane and a memory that a test can take away, from one node or from all.
import type { Clock, NodeSettings, Observer, Random, World } from "@heliograph/core";
import type { NodeId } from "@heliograph/protocol";

/** A way that can be cut, for one node or for all of them. */
export interface Way {
  /** Closed, and closed again whenever it is tried. */
  cut(): Promise<void> | void;
  /** Open, and nothing passes: what a broken middlebox or a paused server looks like. */
  blackhole(): Promise<void> | void;
  mend(): Promise<void> | void;
}

export type Ports = Pick<World, "log" | "whisper" | "nodes" | "copies" | "directory" | "counters">;

/** One node's ports, and its two ways out. */
export interface Footing {
  readonly ports: Ports;
  readonly log: Way;
  readonly memory: Way;
  /** Follows, subscriptions, questions: what is kept beyond the node; zero when nobody is left. */
  held(): number;
  leave(): Promise<void>;
}

export interface FootingParts {
  readonly id: NodeId;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  readonly settings: NodeSettings;
}

export interface Ground {
  footing(parts: FootingParts): Promise<Footing>;
  /** The whole message plane, and the whole memory. */
  readonly log: Way;
  readonly memory: Way;
  /** Everything that the log stored is lost; it begins again, empty. */
  loseLog(): Promise<void>;
  /** Everything that the memory held is lost. */
  loseMemory(): Promise<void>;
  /** What the memory keeps with neither an end nor one of these nodes to look after it. */
  ownerless(nodes: readonly NodeId[]): Promise<readonly string[]>;
  end(): Promise<void>;
}
