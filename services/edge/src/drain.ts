// A rolling deploy, seen from the node that goes: clients are asked to resume elsewhere, a few at a time.
import type { Clock, Node } from "@heliograph/core";
import type { Health } from "@heliograph/system";
import type { OpenDoor } from "./doors/all-doors.ts";
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
  readonly node: Pick<Node, "drain" | "settled">;
  readonly door: OpenDoor;
  readonly clock: Clock;
  readonly pace: DrainPace;
}

/**
 * Milliseconds, behind the last client, for the log and the memory to take what this node still has to say: who is away,
 * and the copies of rooms that nobody else hosts. Without it peers would learn only from the node's silence.
 */
const farewell = 2_000;
const look = 20;

/** Resolves when every client has gone or was closed, and what that means to their rooms is said. */
export async function drain({ health, listener, node, door, clock, pace }: Draining): Promise<void> {
  const lag = Math.min(pace.lag, pace.deadline);
  health.drain();
  if (lag > 0) await new Promise<void>((resolve) => clock.after(lag, resolve));
  listener.stopAccepting();
  node.drain({ perSecond: pace.perSecond, retryIn: 0 });
  // Told rather than looked for: the clock keeps no process alive, and whoever went last must end this wait.
  await new Promise<void>((resolve) => {
    const deadline = clock.after(pace.deadline - lag, resolve);
    door.onceEmpty(() => {
      deadline.cancel();
      resolve();
    });
  });
  for (const connection of [...door.connections]) connection.close("goaway");
  for (let waited = 0; waited < farewell && !node.settled; waited += look) {
    await new Promise<void>((resolve) => clock.after(look, resolve));
  }
}
