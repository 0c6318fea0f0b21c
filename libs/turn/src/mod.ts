/** STUN and TURN for every session, behind core's TurnIssuer. */

export type { CoturnFile, CoturnFileOptions } from "./coturn-file.ts";
export { coturnDefaults, coturnFile } from "./coturn-file.ts";
export { deniedPeers, isDeniedPeer } from "./denied-peers.ts";
export { readGeoUrl } from "./geo-url.ts";
export type { Exchange, HttpExchangeParts, ServiceAnswer, ServiceRequest } from "./http/exchange.ts";
export { HttpExchange } from "./http/exchange.ts";
export type { ServiceUrl } from "./http/service-url.ts";
export { parseServiceUrl } from "./http/service-url.ts";
export type { HeldSet, IceSet, TurnZone } from "./ice-set.ts";
export type { IceSource, SourceState } from "./ice-source.ts";
export type { Dropped, DropReason, IceUrl, IceUrlRead, IceUrls } from "./ice-url.ts";
export { rawUrlsOf, readIceUrl, readIceUrls } from "./ice-url.ts";
export { pauseAfter } from "./pause.ts";
export type { OpenedWire } from "./probe/open-wire.ts";
export { openWire } from "./probe/open-wire.ts";
export type { Endpoint } from "./probe/stun-address.ts";
export type { Allocation, AllocationWish } from "./probe/turn-client.ts";
export { TurnClient } from "./probe/turn-client.ts";
export type { Told, TurnFailure } from "./probe/turn-failure.ts";
export { codeOf } from "./probe/turn-failure.ts";
export { targetOf } from "./probe/turn-target.ts";
export type { TurnTarget, Wire, WireOptions } from "./probe/wire.ts";
export type { FetchedSet, FetchFailed, FetchingProvider, FetchOutcome, FetchThrottled } from "./provider.ts";
export type { Secret } from "./secret.ts";
export { orderUrls } from "./url-order.ts";
export type { ZoneHealth } from "./zone-health.ts";
export { ProbedZones, unprobed } from "./zone-health.ts";
