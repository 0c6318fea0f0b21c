// A warning at the start of whoever gives out a login that never ends.
import type { Config } from "@heliograph/config";
import type { Log } from "@heliograph/telemetry";

export function tellOfFixedLogin({ turn }: Config, log: Pick<Log, "write">): void {
  for (const { type, id } of turn.providers) {
    if (type !== "static") continue;
    log.write("warn", "A fixed TURN login is given to every client: whoever loads a page owns it for good.", {
      provider: id,
    });
  }
}
