/** What every process of ours has: time and chance, settings as its parts want them, and a life with signals and an end. */
export { busOptionsOf, nodeSettingsOf, storeOptionsOf } from "./configured.ts";
export { type Check, Health, type HealthAnswer } from "./health.ts";
export type { InternalAnswer, InternalListener, InternalPage } from "./internal-listener.ts";
export { openInternalListener } from "./internal-listener.ts";
export { metricsPage } from "./metrics-page.ts";
export { Opened } from "./opened.ts";
export { type ExitCode, exitCodes, type House, type Running, runService, type Service } from "./run-service.ts";
export { SystemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";
