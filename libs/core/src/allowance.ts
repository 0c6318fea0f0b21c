// How much a session may ask at once: overload is told, not suffered.
import type { Command } from "@heliograph/protocol";
import type { Replica } from "./replica.ts";
import type { Session } from "./session.ts";
import type { NodeSettings } from "./settings.ts";

/** Milliseconds to wait before the command may be sent again; 0: it may pass. Counts it when it passes. */
export function delayFor(session: Session, now: number, settings: NodeSettings): number {
  const passed = Math.max(0, now - session.allowedAt);
  session.allowedAt = now;
  session.allowance = Math.min(
    settings.commandBurst,
    session.allowance + (passed * settings.commandsPerSecond) / 1_000,
  );
  if (session.allowance < 1) return Math.ceil(((1 - session.allowance) * 1_000) / settings.commandsPerSecond);
  session.allowance -= 1;
  return 0;
}

/** Whether the room's way into the log is too full for this command. Chat gives way before signals do. */
export function laneFull(replica: Replica, type: Command["type"], settings: NodeSettings): boolean {
  const cap = type === "broadcast" || type === "data" ? settings.laneBytes / 2 : settings.laneBytes;
  return replica.queuedBytes > cap;
}
