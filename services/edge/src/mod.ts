/** The process that ends the sockets. Services start it with the ports it shall stand on. */
export { admissionOf, edgeOptionsOf, iceGrantOf, nodeSettingsOf, startKey, tokenRingOf } from "./configured.ts";
export type { DrainPace } from "./drain.ts";
export type { HttpHandler, HttpRequest, HttpResponse } from "./socket/http.ts";
export { type Admission, type Edge, type EdgeOptions, startEdge } from "./start.ts";
export { loadStaticSite } from "./static-site.ts";
