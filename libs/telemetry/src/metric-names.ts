// Every metric that a process of ours serves: its name, its kind, its labels, and what it means.

export type MetricKind = "gauge" | "counter" | "histogram";

export interface Metric {
  readonly kind: MetricKind;
  /** Never a username, tag, user, address or room: they are people, and they have no end. */
  readonly labels: readonly string[];
  readonly says: string;
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

const providerOnly = ["provider"] as const;
const probed = ["zone", "transport"] as const;

/** Names and labels are stable: dashboards and alerts go by them. docs/operations/metrics.md has the same list. */
export const metrics = {
  sig_turn_state: {
    kind: "gauge",
    labels: ["provider", "state"],
    says: "1 for the state that TURN is in; without a provider: of the node as a whole.",
  },
  sig_turn_set_expires_seconds: {
    kind: "gauge",
    labels: providerOnly,
    says: "Remaining life of the login that this process holds.",
  },
  sig_turn_set_generation: {
    kind: "gauge",
    labels: providerOnly,
    says: "Which login this process holds: the same on all nodes, or someone lags.",
  },
  sig_turn_fetch_total: {
    kind: "counter",
    labels: ["provider", "outcome"],
    says: "Attempts to fetch a login, by how they ended.",
  },
  sig_turn_fetch_seconds: {
    kind: "histogram",
    labels: providerOnly,
    says: "How long attempts to fetch a login took.",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5],
  },
  sig_turn_last_success_timestamp_seconds: {
    kind: "gauge",
    labels: providerOnly,
    says: "When this process last fetched a login.",
  },
  sig_turn_account_expires_timestamp_seconds: {
    kind: "gauge",
    labels: providerOnly,
    says: "When the account at the provider ends, where the provider tells it.",
  },
  sig_turn_urls_dropped_total: {
    kind: "counter",
    labels: ["provider", "reason"],
    says: "URLs of a provider that no client may be told.",
  },
  sig_turn_grants_total: {
    kind: "counter",
    labels: ["provider", "zone", "kind"],
    says: "Grants with a TURN login, by what they answered.",
  },
  sig_turn_grants_degraded_total: {
    kind: "counter",
    labels: ["reason"],
    says: "Grants without TURN to whom it was denied or could not be given.",
  },
  sig_turn_grants_limited_total: {
    kind: "counter",
    labels: ["by"],
    says: "Questions for a grant beyond a limit.",
  },
  sig_turn_waiting_sessions: {
    kind: "gauge",
    labels: [],
    says: "Sessions that were given STUN alone and hear as soon as there is TURN.",
  },
  sig_turn_push_lag_seconds: {
    kind: "histogram",
    labels: [],
    says: "From the moment a new grant was due to when it was written.",
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30],
  },
  sig_turn_secret_age_seconds: {
    kind: "gauge",
    labels: ["slot"],
    says: "Since this process first saw the secret in its place; slot 0 signs.",
  },
  sig_turn_fixed_credentials: {
    kind: "gauge",
    labels: [],
    says: "1 where a login is given out that never ends.",
  },
  sig_turn_probe_up: {
    kind: "gauge",
    labels: probed,
    says: "1 where the last probe got an allocation.",
  },
  sig_turn_probe_seconds: {
    kind: "histogram",
    labels: probed,
    says: "How long probes took to get an allocation.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3],
  },
  sig_turn_probe_code_total: {
    kind: "counter",
    labels: ["zone", "transport", "code"],
    says: "Probes that got no allocation, by the server's code or by what came in its place.",
  },
  sig_turn_probe_guard: {
    kind: "gauge",
    labels: ["zone", "peer"],
    says: "1 where a server refused to relay into a private network, as it must.",
  },
  sig_client_ice_total: {
    kind: "counter",
    labels: ["pair"],
    says: "Peer connections as clients told of them, by how they came about.",
  },
  sig_client_turn_error_total: {
    kind: "counter",
    labels: ["code"],
    says: "What TURN servers answered clients in place of a relay.",
  },
  sig_log_lost_early_total: {
    kind: "counter",
    labels: ["shard"],
    says: "Bundles that a full stream dropped before their time.",
  },
  sig_pictures_asked_total: {
    kind: "counter",
    labels: ["outcome"],
    says: "Requests for pictures of people that reached this process, by what they were answered.",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;

type Named<Kind extends MetricKind> = {
  [Name in MetricName]: (typeof metrics)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

export type GaugeName = Named<"gauge">;
export type CounterName = Named<"counter">;
export type HistogramName = Named<"histogram">;

/** Exactly the labels that the metric has. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in (typeof metrics)[Name]["labels"][number]]: string;
};
