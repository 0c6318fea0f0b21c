// Telling a client that what it asked will not be done: now, at all, or no more.
import type { Command, Reason, RoomName } from "@heliograph/protocol";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

export class Refusals {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  slowDown(session: Session, command: Command, retryIn: number): void {
    session.slowed += 1;
    if (session.slowed > this.#world.settings.floodAfter) {
      session.close("flood");
      return;
    }
    const n = "n" in command ? { n: command.n } : {};
    const room = "room" in command ? { room: command.room } : {};
    this.refuse(session, "slow_down", { ...n, ...room, retryIn });
  }

  refuse(
    session: Session,
    reason: Reason,
    about: { readonly n?: number; readonly room?: RoomName; readonly retryIn?: number; readonly detail?: string },
  ): void {
    this.#world.observer.observe({ type: "refused", reason, command: "room" });
    session.deliver({ type: "refused", reason, ...about });
  }
}

export function detailOf(refusal: { readonly detail?: string }): { readonly detail?: string } {
  return refusal.detail === undefined ? {} : { detail: refusal.detail };
}
