/** The SDK for browsers and Node: connect, resume, and calls between peers. */

export type { CallEvents, CallOptions, CallRoom } from "./call.ts";
export { Call } from "./call.ts";
export type { ClientCodec } from "./client-codec.ts";
export type { Off } from "./emitter.ts";
export * from "./failure.ts";
export type { Fetch } from "./geo.ts";
export { GeoAnswer } from "./geo.ts";
export type { ClientEvents, ClientState, HeliographOptions, Limits, Report } from "./heliograph.ts";
export { Heliograph } from "./heliograph.ts";
export type { HeldIce, IceOptions, IceSource } from "./ice.ts";
export type { JoinOptions, Profile } from "./joins.ts";
export * from "./media.ts";
export * from "./media-failure.ts";
export type { PeerConnectionConstructor, PeerEvents, PeerParts } from "./peer.ts";
export { Peer } from "./peer.ts";
export type { TurnError } from "./peer-ice.ts";
export type { PeerStats, RelayProtocol } from "./peer-stats.ts";
export type { IncomingRing, RingAnswer, Ringing, RingMedia, RingReply } from "./ringer.ts";
export { Ringer } from "./ringer.ts";
export type { CallClient, SettingsChange } from "./room.ts";
export { Room } from "./room.ts";
export type * from "./room-events.ts";
export type { MemberView, SettingsView, SharedValue } from "./room-picture.ts";
export type * from "./surroundings.ts";
