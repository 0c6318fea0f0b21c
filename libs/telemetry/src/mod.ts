/** What core observed, as lines of a log and as metrics. */
export type { Fields, LineLevel, Log, LogLevel, LogOptions, LogStream } from "./log.ts";
export { openLog } from "./log.ts";
export { LogObserver } from "./log-observer.ts";
export type {
  CounterName,
  GaugeName,
  HistogramName,
  LabelsOf,
  Metric,
  MetricKind,
  MetricName,
} from "./metric-names.ts";
export { metrics } from "./metric-names.ts";
export type { SetGauge } from "./metrics.ts";
export { Metrics, metricsType } from "./metrics.ts";
export { MetricsObserver } from "./metrics-observer.ts";
export { type LineName, lines } from "./names.ts";
export { Observers } from "./observers.ts";
