/** The process that ends the sockets. Services start it with the ports it shall stand on. */
export { nodeSettingsOf } from "@heliograph/system";
export { addressOf } from "./address.ts";
export { type ClusterEdgeOptions, startClusterEdge } from "./cluster-edge.ts";
export { edgeOptionsOf } from "./configured.ts";
export { demoPagesOf } from "./demo-pages.ts";
export type { DrainPace } from "./drain.ts";
export { tellOfFixedLogin } from "./fixed-login.ts";
export { openInternalPages } from "./internal-pages.ts";
export { LiveParts } from "./live-parts.ts";
export { runEdge } from "./run-edge.ts";
export { type RunningEdge, runningEdge } from "./running-edge.ts";
export type { HttpHandler, HttpRequest, HttpResponse } from "./socket/http.ts";
export { type Admission, type Edge, type EdgeOptions, startEdge } from "./start.ts";
export { TurnParts } from "./turn-parts.ts";
