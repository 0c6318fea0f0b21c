// A rolling deploy, seen from the node that goes: clients are asked to resume elsewhere, a few at a time.
import type { Clock, Node } from "@heliograph/core";
import type { ClientConnection } from "./client-connection.ts";
import type { Health } from "./health.ts";
import type { Listener } from "./socket/listener.ts";

export interface DrainPace {
  /** Milliseconds that the balancer needs to see the red readiness; until then new clients are still served. */
  readonly lag: number;
  /** Clients asked to go per second. */
  readonly perSecond: number;
  /** Milliseconds from the beginning after which whoever is left is closed, resumable. */
  readonly deadline: number;
}

export interface Draining {
  readonly health: Health;
  readonly listener: Pick<Listener, "stopAccepting">;
  readonly node: Pick<Node, "drain">;
  readonly door: { readonly connections: ReadonlySet<ClientConnection> };
  readonly clock: Clock;
  readonly pace: DrainPace;
}

/** Resolves when every client has gone or was closed. */
export async function drain({ health, listener, node, door, clock, pace }: Draining): Promise<void> {
  const until = clock.now() + pace.deadline;
  health.drain();
  await passed(clock, Math.min(pace.lag, pace.deadline));
  listener.stopAccepting();
  node.drain({ perSecond: pace.perSecond, retryIn: 0 });
  while (door.connections.size > 0 && clock.now() < until) await passed(clock, Math.min(50, pace.deadline));
  for (const connection of [...door.connections]) connection.close("goaway");
}

function passed(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
