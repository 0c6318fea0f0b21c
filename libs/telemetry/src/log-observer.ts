// What core observed, as lines of the log.
import type { Clock, Happening, IceFetched, Observer } from "@heliograph/core";
import { errorText } from "./error-text.ts";
import type { Fields, Log } from "./log.ts";
import type { LineName } from "./names.ts";
import { lines } from "./names.ts";
import { Repeats } from "./repeats.ts";

export class LogObserver implements Observer {
  readonly #log: Log;
  readonly #repeats: Repeats;

  constructor(log: Log, clock: Pick<Clock, "after">) {
    this.#log = log;
    this.#repeats = new Repeats(clock);
  }

  /** Fields are named one by one: whatever a happening gains later is not logged by accident. */
  observe(happening: Happening): void {
    switch (happening.type) {
      case "session_opened":
        return this.#write("session_opened", { session: happening.session, resumed: happening.resumed });
      case "session_closed":
        return this.#write("session_closed", { session: happening.session, close: happening.close });
      case "connection_report": {
        const { peer, state, pair, local, remote, roundTrip, setup, turnErrors: codes } = happening.report;
        const name = state === "failed" ? "peers_failed" : "peers_connected";
        const turnErrors = codes?.join(" ");
        const { session } = happening;
        return this.#write(name, { session, peer, state, pair, local, remote, roundTrip, setup, turnErrors });
      }
      case "refused":
        return this.#write("command_refused", { command: happening.command, reason: happening.reason });
      case "room_loaded":
        return this.#write("room_loaded", { room: happening.room, from: happening.from, ms: happening.ms });
      case "room_unloaded":
        return this.#write("room_unloaded", { room: happening.room });
      case "room_reloaded":
        return this.#write("room_reloaded", { room: happening.room, why: happening.why });
      case "digest_alarm":
        return this.#write("digest_alarm", { room: happening.room, seq: happening.seq, other: happening.other });
      case "unknown_entry": {
        const { room, kind } = happening;
        return this.#repeated("unknown_entry", kind, () => ({ room, kind }));
      }
      case "gap":
        return this.#write("gap", { room: happening.room, reason: happening.reason });
      case "link":
        return this.#write(happening.state === "up" ? "link_up" : "link_down", { link: happening.link });
      case "log_lost_early": {
        const { shard, bundles, reach } = happening;
        return this.#repeated("log_lost_early", String(shard), () => ({ shard, bundles, reach }));
      }
      case "node_silent":
        return this.#write("node_silent", { node: happening.node });
      case "waiting":
        return this.#write("waiting", { link: happening.link, error: errorText(happening.error) });
      case "ice_fetched": {
        const { provider, outcome, ms, generation, why } = happening;
        return this.#write(lineOfFetch(outcome), { provider, outcome, ms, generation, why });
      }
      case "ice_urls_dropped": {
        const { provider, reason, count: urls } = happening;
        return this.#repeated("turn_urls_dropped", `${provider} ${reason}`, () => ({ provider, reason, urls }));
      }
      case "ice_probed": {
        const { zone, transport, end, ms } = happening;
        if (end === "up") return;
        return this.#repeated("turn_probe_failed", `${zone} ${transport} ${end}`, () => ({ zone, transport, end, ms }));
      }
      case "ice_guarded": {
        const { zone, peer, refused } = happening;
        if (refused) return;
        return this.#repeated("turn_guard_open", `${zone} ${peer}`, () => ({ zone, peer }));
      }
      // Metrics count these; a line for every session would say no more.
      case "ice_granted":
      case "ice_limited":
      case "ice_pushed":
      case "picture_asked":
        return;
      case "fault": {
        const { where, error } = happening;
        return this.#repeated("fault", `${where} ${kindOf(error)}`, () => ({ where, error: errorText(error) }));
      }
      default:
        return happening satisfies never;
    }
  }

  /** Says what was held back because it repeated itself. */
  close(): void {
    this.#repeats.close();
  }

  #write(name: LineName, fields: Fields): void {
    const { level, says } = lines[name];
    this.#log.write(level, says, { event: name, ...fields });
  }

  #repeated(name: LineName, key: string, fields: () => Fields): void {
    this.#repeats.happened(`${name} ${key}`, (count) => {
      this.#write(name, count === 1 ? fields() : { ...fields(), count });
    });
  }
}

function lineOfFetch(outcome: IceFetched): LineName {
  switch (outcome) {
    case "ok":
    case "isolated":
      return "turn_fetched";
    case "refused":
      return "turn_fetch_refused";
    case "transient":
    case "throttled":
    case "bad":
    case "late":
      return "turn_fetch_failed";
    default:
      return outcome satisfies never;
  }
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
