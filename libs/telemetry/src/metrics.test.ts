import { readFileSync } from "node:fs";
import type { Happening } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import { describe, expect, onTestFinished, test } from "vitest";
import { metrics as table } from "./metric-names.ts";
import { Metrics } from "./metrics.ts";
import { MetricsObserver } from "./metrics-observer.ts";

function opened(): Metrics {
  const metrics = new Metrics();
  onTestFinished(() => metrics.close());
  return metrics;
}

/** The series of one metric, without what describes it. */
async function seriesOf(metrics: Metrics, name: string): Promise<readonly string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith(name) && !line.startsWith("#"));
}

/** Ids are checked where they enter; here any text will do. */
const happening = (it: object): Happening => it as Happening;

function observed() {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const metrics = opened();
  const observer = new MetricsObserver(metrics, clock);
  return {
    clock,
    metrics,
    tell: (it: object) => observer.observe(happening(it)),
    series: (name: string) => seriesOf(metrics, name),
  };
}

describe("metrics", () => {
  test("are text that Prometheus reads, with what they mean", async () => {
    const metrics = opened();
    metrics.count("sig_turn_fetch_total", { provider: "own", outcome: "ok" }, 2);
    expect(await metrics.text()).toBe(`# HELP sig_turn_fetch_total Attempts to fetch a login, by how they ended.
# TYPE sig_turn_fetch_total counter
sig_turn_fetch_total{provider="own",outcome="ok"} 2
`);
  });

  test("count on from look to look, whoever looks", async () => {
    const metrics = opened();
    metrics.count("sig_turn_grants_limited_total", { by: "user" });
    await Promise.all([metrics.text(), metrics.text()]);
    metrics.count("sig_turn_grants_limited_total", { by: "user" });
    expect(await seriesOf(metrics, "sig_turn_grants_limited_total")).toEqual([
      'sig_turn_grants_limited_total{by="user"} 2',
    ]);
  });

  test("begin at 0 where a first event must be seen", async () => {
    const metrics = opened();
    metrics.count("sig_turn_grants_limited_total", { by: "user" }, 0);
    expect(await seriesOf(metrics, "sig_turn_grants")).toEqual(['sig_turn_grants_limited_total{by="user"} 0']);
  });

  test("read their gauges when they are looked at, and forget what is not there any more", async () => {
    const metrics = opened();
    let providers = ["own", "spare"];
    metrics.read((set) => {
      for (const provider of providers) set("sig_turn_set_generation", providers.length, { provider });
    });
    expect(await seriesOf(metrics, "sig_turn_set_generation")).toEqual([
      'sig_turn_set_generation{provider="own"} 2',
      'sig_turn_set_generation{provider="spare"} 2',
    ]);
    providers = ["own"];
    const looks = await Promise.all([1, 2, 3].map(() => seriesOf(metrics, "sig_turn_set_generation")));
    for (const look of looks) expect(look).toEqual(['sig_turn_set_generation{provider="own"} 1']);
    providers = [];
    expect(await seriesOf(metrics, "sig_turn_set_generation")).toEqual([]);
  });

  test("have an end to their series, whatever a zone is called", async () => {
    const metrics = opened();
    for (let i = 0; i < 3_000; i += 1) {
      metrics.count("sig_turn_grants_total", { provider: "remote", zone: `z${i}`, kind: "push" });
    }
    expect((await seriesOf(metrics, "sig_turn_grants_total")).length).toBeLessThanOrEqual(1_000);
  });

  test("measure in seconds, with the buckets of their table", async () => {
    const { tell, series } = observed();
    tell({ type: "ice_fetched", provider: "own", outcome: "ok", ms: 300 });
    expect(await series("sig_turn_fetch_seconds")).toEqual([
      'sig_turn_fetch_seconds_count{provider="own"} 1',
      'sig_turn_fetch_seconds_sum{provider="own"} 0.3',
      ...table.sig_turn_fetch_seconds.buckets.map(
        (bound) => `sig_turn_fetch_seconds_bucket{provider="own",le="${bound}"} ${bound < 0.3 ? 0 : 1}`,
      ),
      'sig_turn_fetch_seconds_bucket{provider="own",le="+Inf"} 1',
    ]);
  });
});

describe("what core observed", () => {
  test("is counted by what happened", async () => {
    const { tell, series } = observed();
    const report = { peer: "p", state: "connected", pair: "relay_tls", turnErrors: [701, 486, 321] };
    tell({ type: "connection_report", session: "s", report });
    tell({ type: "ice_granted", provider: "own", zone: "eu", occasion: "greeting" });
    tell({ type: "ice_granted", occasion: "request", shortfall: "anonymous" });
    tell({ type: "ice_limited", by: "address" });
    tell({ type: "ice_pushed", lag: 1_500 });
    tell({ type: "ice_urls_dropped", provider: "remote", reason: "port", count: 3 });
    const text = (await Promise.all(["sig_client", "sig_turn"].map(series)))
      .flat()
      .filter((line) => !/ 0$|_bucket/.test(line));
    expect(text).toEqual([
      'sig_client_ice_total{pair="relay_tls"} 1',
      'sig_client_turn_error_total{code="486"} 1',
      'sig_client_turn_error_total{code="701"} 1',
      'sig_client_turn_error_total{code="other"} 1',
      'sig_turn_urls_dropped_total{provider="remote",reason="port"} 3',
      'sig_turn_grants_total{provider="own",zone="eu",kind="greeting"} 1',
      'sig_turn_grants_degraded_total{reason="anonymous"} 1',
      'sig_turn_grants_limited_total{by="address"} 1',
      "sig_turn_push_lag_seconds_count 1",
      "sig_turn_push_lag_seconds_sum 1.5",
    ]);
  });

  test("of probes is there while it counts: another keeper may have taken over", async () => {
    const { tell, series, clock } = observed();
    tell({ type: "ice_probed", zone: "eu", transport: "udp", end: "up", ms: 20, every: 20_000 });
    tell({ type: "ice_probed", zone: "eu", transport: "tls", end: 401, ms: 20, every: 20_000 });
    tell({ type: "ice_guarded", zone: "eu", peer: "10.255.255.255", refused: true, every: 20_000 });
    expect(await series("sig_turn_probe_up")).toEqual([
      'sig_turn_probe_up{zone="eu",transport="udp"} 1',
      'sig_turn_probe_up{zone="eu",transport="tls"} 0',
    ]);
    expect(await series("sig_turn_probe_guard")).toEqual(['sig_turn_probe_guard{zone="eu",peer="10.255.255.255"} 1']);
    expect(await series("sig_turn_probe_code_total")).toContain(
      'sig_turn_probe_code_total{zone="eu",transport="tls",code="401"} 1',
    );
    await clock.advance(30_000);
    tell({ type: "ice_probed", zone: "eu", transport: "udp", end: "timeout", ms: 3_000, every: 20_000 });
    await clock.advance(30_000);
    expect(await series("sig_turn_probe_up")).toEqual(['sig_turn_probe_up{zone="eu",transport="udp"} 0']);
    expect(await series("sig_turn_probe_guard")).toEqual([]);
  });

  test("has no series for each number that a client may think of", async () => {
    const { tell, series } = observed();
    const turnErrors = Array.from({ length: 500 }, (_, i) => 300 + i);
    tell({ type: "connection_report", session: "s", report: { peer: "p", state: "failed", turnErrors } });
    expect((await series("sig_client_turn_error_total")).length).toBeLessThan(15);
  });
});

describe("the names", () => {
  test("stand on their page, each with its kind and labels, and nothing else does", () => {
    const page = readFileSync(new URL("../../../docs/operations/metrics.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(sig_\w+)(?:\{([\w,]+)\})?` \| (\w+) \|/gm)].map(
      ([, name, labels = "", kind]) => {
        return { name, labels: labels === "" ? [] : labels.split(","), kind };
      },
    );
    expect(rows).toEqual(
      Object.entries(table).map(([name, { labels, kind }]) => ({ name, labels: [...labels], kind })),
    );
  });

  test("of labels are none that a person, an address or a room could be behind", () => {
    const labels = new Set(Object.values(table).flatMap((metric) => metric.labels as readonly string[]));
    expect([...labels].toSorted()).toEqual([
      "by",
      "code",
      "kind",
      "outcome",
      "pair",
      "peer",
      "provider",
      "reason",
      "shard",
      "slot",
      "state",
      "transport",
      "zone",
    ]);
  });
});

test("bundles that a full stream dropped are counted by stream", async () => {
  const { tell, series } = observed();
  tell({ type: "log_lost_early", shard: 2, bundles: 40, reach: 60_000 });
  tell({ type: "log_lost_early", shard: 2, bundles: 2, reach: 60_000 });
  expect(await series("sig_log_lost_early_total")).toEqual(['sig_log_lost_early_total{shard="2"} 42']);
});
