// How much a session may ask at once: overload is told, not suffered.
import type { Command, RoomCommand } from "@heliograph/protocol";
import type { Backlog } from "./backlog.ts";
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

/** Whether the way into the log, of the room or of the whole node, is too full for this command. Chat gives way before signals do. */
export function laneFull(replica: Replica, type: Command["type"], settings: NodeSettings, backlog: Backlog): boolean {
  const share = type === "broadcast" || type === "data" ? 0.5 : 1;
  return replica.queuedBytes > share * settings.laneBytes || backlog.bytes > share * settings.backlogBytes;
}

/** Bytes that a command weighs while it waits for its room, near enough for caps. */
export function commandBytes(command: RoomCommand): number {
  switch (command.type) {
    case "signal":
    case "broadcast":
      return 128 + command.body.bytes.length;
    case "data":
      return 128 + command.key.length + (command.value?.bytes.length ?? 0);
    case "leave":
    case "profile":
    case "settings":
    case "moderate":
      return 512;
    default:
      return command satisfies never;
  }
}
