// What this node is cut off from, and telling all its sessions when that changes.
import type { SessionId } from "@heliograph/protocol";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

export class Degraded {
  readonly #world: World;
  readonly #sessions: ReadonlyMap<SessionId, Session>;
  readonly #unlisten: readonly (() => void)[];

  /** `sessions`: those of the node, as they are at any time. */
  constructor(world: World, sessions: ReadonlyMap<SessionId, Session>) {
    this.#world = world;
    this.#sessions = sessions;
    this.#unlisten = [world.log.onLink(() => this.#tell()), world.copies.onLink(() => this.#tell())];
  }

  get missing(): readonly ("log" | "memory")[] {
    const { log, copies } = this.#world;
    return [...(log.link === "down" ? ["log" as const] : []), ...(copies.link === "down" ? ["memory" as const] : [])];
  }

  end(): void {
    for (const unlisten of this.#unlisten) unlisten();
  }

  #tell(): void {
    const { missing } = this;
    for (const session of this.#sessions.values()) session.deliver({ type: "degraded", missing });
  }
}
