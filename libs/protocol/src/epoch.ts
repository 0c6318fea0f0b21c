// Which connection speaks for a member: compared part by part, the highest speaks.
import type { NodeId } from "./ids.ts";

export interface Epoch {
  /** The SDK's connection counter, raised at every attempt to connect. */
  readonly attempt: number;
  /** Raised by a node that claims its own session back after a wrong `away`. */
  readonly bump: number;
  readonly node: NodeId;
}

export function compareEpochs(a: Epoch, b: Epoch): number {
  return a.attempt - b.attempt || a.bump - b.bump || (a.node < b.node ? -1 : a.node > b.node ? 1 : 0);
}

export function sameEpoch(a: Epoch, b: Epoch): boolean {
  return a.attempt === b.attempt && a.bump === b.bump && a.node === b.node;
}
