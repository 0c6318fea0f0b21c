// An edge with everything it stands on, as its process holds it: where it is found, and how it takes news and ends.
import type { Config, Reload } from "@heliograph/config";
import type { Opened } from "@heliograph/system";
import { addressOf } from "./address.ts";
import type { LiveParts } from "./live-parts.ts";
import type { Edge } from "./start.ts";

export interface RunningEdge {
  readonly edge: Edge;
  /** Where a browser finds it. */
  readonly address: string;
  /** Where its metrics are told, without a path. */
  readonly internal: string;
  /** Takes over what may change without a restart. Rejects if renewed certificates make no pair: the old ones serve on. */
  reload(news: Pick<Reload, "config" | "changed" | "renewed">): Promise<void>;
  /** Asks clients to go elsewhere, waits for them until the deadline, and ends. */
  drain(): Promise<void>;
  /** Ends at once; clients resume elsewhere. */
  stop(): Promise<void>;
}

export interface RunningParts {
  readonly internal: { readonly address: string };
  readonly live: LiveParts;
  /** What it stands on, which ends with it. */
  readonly opened: Opened;
}

export function runningEdge(edge: Edge, config: Config, { internal, live, opened }: RunningParts): RunningEdge {
  return {
    edge,
    address: addressOf(config, edge.port),
    internal: internal.address,
    reload: (news) => live.take(news, edge),
    drain: () => edge.drain().then(() => opened.close()),
    stop: () => edge.stop().then(() => opened.close()),
  };
}
