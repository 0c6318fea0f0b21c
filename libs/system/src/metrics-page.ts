// `/metrics`, for whoever collects them.
import { type Metrics, metricsType } from "@heliograph/telemetry";
import type { InternalPage } from "./internal-listener.ts";

export function metricsPage(metrics: Pick<Metrics, "text">): InternalPage {
  return async (path) => {
    if (path !== "/metrics") return undefined;
    const headers = { "content-type": metricsType, "cache-control": "no-store" };
    return { status: 200, headers, body: await metrics.text() };
  };
}
