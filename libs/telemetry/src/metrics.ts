// The metrics of a process, counted by OpenTelemetry and written as Prometheus reads them.
import type { BatchObservableResult, Counter, Histogram, ObservableGauge } from "@opentelemetry/api";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { AggregationTemporality, InstrumentType, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import type { CounterName, GaugeName, HistogramName, LabelsOf, Metric, MetricName } from "./metric-names.ts";
import { metrics } from "./metric-names.ts";

/** Says what a gauge reads now. */
export type SetGauge = <Name extends GaugeName>(name: Name, value: number, labels: LabelsOf<Name>) => void;

/** Series of one metric beyond which the rest is counted together: names of zones may come from a service of others. */
const mostSeries = 1_000;

/** What `Content-Type` the text goes with. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export class Metrics {
  readonly #reader = new ScrapeReader();
  readonly #provider = new MeterProvider({ readers: [this.#reader] });
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #gauges = new Map<MetricName, ObservableGauge>();
  readonly #readings = new Set<(set: SetGauge) => void>();
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    const meter = this.#provider.getMeter("heliograph");
    for (const [name, metric] of named()) {
      const { kind, says: description, buckets } = metric;
      if (kind === "counter") this.#counters.set(name, meter.createCounter(name, { description }));
      if (kind === "gauge") this.#gauges.set(name, meter.createObservableGauge(name, { description }));
      if (kind !== "histogram") continue;
      const advice = buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } };
      this.#histograms.set(name, meter.createHistogram(name, { description, ...advice }));
    }
    meter.addBatchObservableCallback((result) => this.#read(result), [...this.#gauges.values()]);
  }

  /** By 0 it begins a series, so that its first event is seen as an increase. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    this.#counters.get(name)?.add(by, labels);
  }

  record<Name extends HistogramName>(name: Name, value: number, labels: LabelsOf<Name>): void {
    this.#histograms.get(name)?.record(value, labels);
  }

  /** Asks `reading`, which must not throw, whenever somebody looks: what it does not set is not there. Returns how to stop. */
  read(reading: (set: SetGauge) => void): () => void {
    this.#readings.add(reading);
    return () => this.#readings.delete(reading);
  }

  /** As Prometheus reads it. */
  text(): Promise<string> {
    // One at a time: what a gauge reads is handed to whoever collects first.
    const text = this.#last.then(async () => {
      const { resourceMetrics } = await this.#reader.collect();
      return `${this.#serializer.serialize(resourceMetrics).trimEnd()}\n`;
    });
    this.#last = text.catch(() => undefined);
    return text;
  }

  async close(): Promise<void> {
    this.#readings.clear();
    await this.#provider.shutdown();
  }

  #read(result: BatchObservableResult): void {
    const set: SetGauge = (name, value, labels) => {
      const gauge = this.#gauges.get(name);
      if (gauge !== undefined) result.observe(gauge, value, labels);
    };
    for (const reading of this.#readings) reading(set);
  }
}

function named(): readonly (readonly [MetricName, Metric])[] {
  // The door: the names of a frozen table are its keys.
  return Object.entries(metrics) as readonly (readonly [MetricName, Metric])[];
}

/** Collects when it is asked, and never by itself. */
class ScrapeReader extends MetricReader {
  constructor() {
    super({
      // Counts go on for good; a gauge is what it was told this time, or nothing: a provider that is gone has no state.
      aggregationTemporalitySelector: (type) =>
        type === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE,
      cardinalitySelector: () => mostSeries,
    });
  }

  protected override async onShutdown(): Promise<void> {
    // It holds nothing.
  }

  protected override async onForceFlush(): Promise<void> {
    // Nothing is on its way anywhere.
  }
}
