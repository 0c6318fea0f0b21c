// What core observed, as metrics.
import type { Clock, Happening, IceProbeEnd, Observer } from "@heliograph/core";
import type { Metrics, SetGauge } from "./metrics.ts";

/** Codes of TURN servers that mean something to an operator (RFC 8489, RFC 8656; 701: WebRTC 1.0, not reached). */
const knownCodes: ReadonlySet<number> = new Set([401, 403, 437, 438, 440, 441, 442, 486, 500, 508, 701]);
/** What clients meet and dashboards ask for. */
const clientCodes = [401, 486, 508, 701];
const pairs = ["host", "srflx", "prflx", "relay_udp", "relay_tcp", "relay_tls", "failed"] as const;
const probeCodes = ["401", "403", "486", "508", "timeout", "unreachable", "other"];

interface Seen {
  readonly zone: string;
  /** The transport that was tried, or the peer that was asked for. */
  readonly what: string;
  readonly good: boolean;
  /** Milliseconds since 1970 from which on it counts for nothing. */
  readonly until: number;
}

/**
 * What a probe found counts until two further ones failed to come, and a little longer: another keeper may probe by then,
 * or the zone be gone, and nobody says so.
 */
const lifeOf = (every: number) => 2.5 * every + 10_000;

export class MetricsObserver implements Observer {
  readonly #metrics: Metrics;
  readonly #clock: Pick<Clock, "now">;
  readonly #probes = new Map<string, Seen>();
  readonly #guards = new Map<string, Seen>();

  constructor(metrics: Metrics, clock: Pick<Clock, "now">) {
    this.#metrics = metrics;
    this.#clock = clock;
    for (const pair of pairs) metrics.count("sig_client_ice_total", { pair }, 0);
    for (const code of clientCodes) metrics.count("sig_client_turn_error_total", { code: String(code) }, 0);
    for (const by of ["session", "user", "address"]) metrics.count("sig_turn_grants_limited_total", { by }, 0);
    for (const outcome of ["whole", "same", "absent", "unreachable"])
      metrics.count("sig_pictures_asked_total", { outcome }, 0);
    metrics.read((set) => this.#read(set));
  }

  observe(happening: Happening): void {
    const metrics = this.#metrics;
    switch (happening.type) {
      case "connection_report": {
        const { pair, turnErrors = [] } = happening.report;
        if (pair !== undefined) metrics.count("sig_client_ice_total", { pair });
        for (const code of turnErrors) metrics.count("sig_client_turn_error_total", { code: codeOf(code) });
        return;
      }
      case "ice_granted": {
        const { provider, zone = "", occasion: kind, shortfall } = happening;
        if (provider !== undefined) metrics.count("sig_turn_grants_total", { provider, zone, kind });
        if (shortfall !== undefined) metrics.count("sig_turn_grants_degraded_total", { reason: shortfall });
        return;
      }
      case "ice_limited":
        return metrics.count("sig_turn_grants_limited_total", { by: happening.by });
      case "ice_pushed":
        return metrics.record("sig_turn_push_lag_seconds", happening.lag / 1_000, {});
      case "ice_fetched": {
        const { provider, outcome, ms } = happening;
        metrics.count("sig_turn_fetch_total", { provider, outcome });
        return metrics.record("sig_turn_fetch_seconds", ms / 1_000, { provider });
      }
      case "ice_urls_dropped": {
        const { provider, reason, count } = happening;
        return metrics.count("sig_turn_urls_dropped_total", { provider, reason }, count);
      }
      case "ice_probed":
        return this.#probed(happening);
      case "ice_guarded": {
        const { zone, peer, refused, every } = happening;
        const until = this.#clock.now() + lifeOf(every);
        this.#guards.set(`${zone} ${peer}`, { zone, what: peer, good: refused, until });
        return;
      }
      case "log_lost_early":
        return metrics.count("sig_log_lost_early_total", { shard: String(happening.shard) }, happening.bundles);
      case "picture_asked":
        return metrics.count("sig_pictures_asked_total", { outcome: happening.answer });
      // Lines of the log; nothing of TURN.
      case "session_opened":
      case "session_closed":
      case "refused":
      case "room_loaded":
      case "room_unloaded":
      case "room_reloaded":
      case "digest_alarm":
      case "unknown_entry":
      case "gap":
      case "link":
      case "node_silent":
      case "waiting":
      case "fault":
        return;
      default:
        return happening satisfies never;
    }
  }

  #probed({ zone, transport, end, ms, every }: Extract<Happening, { type: "ice_probed" }>): void {
    const key = `${zone} ${transport}`;
    if (!this.#probes.has(key)) {
      for (const code of probeCodes) this.#metrics.count("sig_turn_probe_code_total", { zone, transport, code }, 0);
    }
    const until = this.#clock.now() + lifeOf(every);
    this.#probes.set(key, { zone, what: transport, good: end === "up", until });
    if (end === "up") this.#metrics.record("sig_turn_probe_seconds", ms / 1_000, { zone, transport });
    else this.#metrics.count("sig_turn_probe_code_total", { zone, transport, code: codeOf(end) });
  }

  #read(set: SetGauge): void {
    for (const { zone, what, good } of this.#living(this.#probes)) {
      set("sig_turn_probe_up", Number(good), { zone, transport: what });
    }
    for (const { zone, what, good } of this.#living(this.#guards)) {
      set("sig_turn_probe_guard", Number(good), { zone, peer: what });
    }
  }

  *#living(seen: Map<string, Seen>): Generator<Seen> {
    for (const [key, each] of seen) {
      if (this.#clock.now() < each.until) yield each;
      else seen.delete(key);
    }
  }
}

/** Clients may tell any number: what nobody knows is counted together. */
function codeOf(end: IceProbeEnd): string {
  return typeof end === "number" && !knownCodes.has(end) ? "other" : String(end);
}
