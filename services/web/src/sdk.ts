// What the page asks of the SDK, in the page's own words: refusals are values here, and events one closed union.
import type { MemberView, Role, SettingsChange, SettingsView } from "@heliograph/protocol";
import type { CodecName } from "./settings.ts";

export type Off = () => void;

export interface Refusal {
  readonly reason: string;
  /** A later attempt may succeed without anything being changed. */
  readonly retry: boolean;
  /** Milliseconds. */
  readonly retryIn?: number | undefined;
  readonly detail?: string | undefined;
}

/** undefined: it was done. */
export type Answer = Refusal | undefined;

export interface Profile {
  readonly name?: string;
  readonly status?: string;
  readonly picture?: string;
}

export interface Member extends Pick<MemberView, "role" | "state"> {
  readonly id: string;
  readonly profile: Profile;
}

export type Settings = Pick<SettingsView, "capacity" | "pin" | "locked">;
export type { Role };
export type SettingsWish = Pick<SettingsChange, "capacity" | "pin" | "locked">;

/** Exactly what was missed. Positions are opaque. */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

export type Media = "audio" | "video" | "all";

export type RoomEvent =
  | { readonly type: "arrived" | "left"; readonly member: Member }
  | { readonly type: "members" | "settings" | "data" }
  | { readonly type: "broadcast"; readonly from: string; readonly body: unknown }
  | { readonly type: "muted"; readonly by: string; readonly member: string; readonly media: Media }
  | { readonly type: "removed"; readonly banned: boolean }
  | { readonly type: "gap"; readonly gap: Gap }
  /** Away for longer than the room waits: the stay is over. */
  | { readonly type: "over" };

export interface Room {
  readonly name: string;
  readonly self: string;
  readonly members: ReadonlyMap<string, Member>;
  readonly settings: Settings;
  /** A shared value. */
  shared(key: string): unknown;
  on(listener: (event: RoomEvent) => void): Off;
  broadcast(value: unknown): Promise<Answer>;
  /** Shares a value that goes when its owner, this member, leaves. */
  share(key: string, value: unknown): Promise<Answer>;
  set(wish: SettingsWish): Promise<Answer>;
  remove(member: string): Promise<Answer>;
  ban(member: string): Promise<Answer>;
  mute(member: string, media: Media): Promise<Answer>;
  promote(member: string, role: Role): Promise<Answer>;
  leave(): Promise<Answer>;
}

export type LinkState = "idle" | "connecting" | "open" | "reconnecting" | "closed";

/** A group of relays, normally a region. */
export interface RelayZone {
  readonly id: string;
  readonly label?: string;
  /** The label by language (BCP 47). */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The relays that calls may go through. */
export interface Relays {
  /** There is none just now, and there should be. */
  readonly degraded: boolean;
  /** Whose they are. */
  readonly zone: string | undefined;
  /** What can be chosen; empty where there is no choice. */
  readonly zones: readonly RelayZone[];
}

export interface RelayWish {
  /** Undefined: whichever is best. */
  readonly zone: string | undefined;
  /** Whether the geo service may be asked. */
  readonly geo: boolean;
}

export type ClientEvent =
  | { readonly type: "state" }
  /** What the server cannot reach just now; empty: all is well again. */
  | { readonly type: "degraded"; readonly missing: readonly string[] }
  | { readonly type: "relays" }
  /** Another page speaks for this session. */
  | { readonly type: "taken_over" };

export type Joined = { readonly ok: true; readonly room: Room } | { readonly ok: false; readonly refusal: Refusal };

export interface Client {
  readonly state: LinkState;
  readonly relays: Relays;
  wishFor(wish: RelayWish): void;
  on(listener: (event: ClientEvent) => void): Off;
  /** Connects first where that has not happened yet. */
  join(name: string, wish: { readonly pin?: string; readonly profile: Profile }): Promise<Joined>;
  call(room: Room, stream: MediaStream | undefined): Call;
  close(): void;
}

export type PeerState = "new" | "connecting" | "connected" | "disconnected" | "failed" | "closed";

/** How the packets travel. Candidate types as in RFC 8445: host, srflx, prflx, relay. */
export interface Route {
  readonly local?: string | undefined;
  readonly remote?: string | undefined;
  /** Milliseconds. */
  readonly roundTrip?: number | undefined;
}

export interface Peer {
  readonly id: string;
  readonly state: PeerState;
  readonly stream: MediaStream | undefined;
  route(): Promise<Route>;
  restartIce(): void;
}

export type CallEvent =
  /** Somebody's connection, or what comes through it, changed. */
  | { readonly type: "peers" }
  /** A relay server gave no relay, with this code (RFC 8489), and nothing mends that by itself. */
  | { readonly type: "no-relay"; readonly code: number }
  /** A text over the data channel. */
  | { readonly type: "message"; readonly from: string; readonly text: string };

export interface Call {
  readonly peers: ReadonlyMap<string, Peer>;
  on(listener: (event: CallEvent) => void): Off;
  /** What the others receive from now on; undefined: nothing. */
  setStream(stream: MediaStream | undefined): void;
  /** To everyone, peer to peer. */
  send(text: string): void;
  close(): void;
}

export interface Sdk {
  client(url: string, codec: CodecName, wish: RelayWish): Promise<Client>;
}

export interface DeviceLists {
  readonly cameras: readonly Listed[];
  readonly microphones: readonly Listed[];
  readonly speakers: readonly Listed[];
}

export type Listed = Pick<MediaDeviceInfo, "deviceId" | "label">;

/** The part of the browser that gives cameras, microphones and screens. Rejections go to `troubleWith`. */
export interface MediaDoor {
  /** undefined where browsers offer devices; otherwise in words for the person why not. */
  readonly closed: string | undefined;
  /** A device id that is gone falls back to another device of the kind. */
  open(kind: "audio" | "video", device: string | undefined): Promise<readonly MediaStreamTrack[]>;
  openBoth(devices: {
    readonly audio: string | undefined;
    readonly video: string | undefined;
  }): Promise<readonly MediaStreamTrack[]>;
  openScreen(): Promise<readonly MediaStreamTrack[]>;
  list(): Promise<DeviceLists>;
  onChange(listener: () => void): Off;
}
