// One other member in a call: a peer connection that negotiates perfectly, heals itself and outlives signaling.
import type { SignalBody } from "@heliograph/protocol/schema";
import type { Candidate } from "./candidate-batch.ts";
import { CandidateBatch } from "./candidate-batch.ts";
import type { Listener, Off } from "./emitter.ts";
import { Emitter } from "./emitter.ts";
import type { Report } from "./heliograph.ts";
import type { IceSource } from "./ice.ts";
import { LocalTracks } from "./local-tracks.ts";
import type { TurnError } from "./peer-ice.ts";
import { PeerIce } from "./peer-ice.ts";
import type { PeerStats } from "./peer-stats.ts";
import { pairOf, readStats } from "./peer-stats.ts";
import { addressed, readAddress, sessionOf } from "./sdp-partner.ts";
import type { Clock } from "./surroundings.ts";

/** A short loss of the path mends itself; a longer one is what ICE restarts are for. */
const patience = 4_000;

export type PeerConnectionConstructor = new (configuration?: RTCConfiguration) => RTCPeerConnection;
export type NegotiationBody = Extract<SignalBody, { kind: "description" | "candidates" }>;
type Description = Extract<SignalBody, { kind: "description" }>["description"];

export interface PeerParts {
  readonly id: string;
  readonly polite: boolean;
  readonly rtc: PeerConnectionConstructor;
  readonly clock: Clock;
  readonly ice: IceSource;
  readonly policy?: RTCIceTransportPolicy;
  /** Sends to the peer's member; order is kept, failures are the sender's. */
  readonly signal: (body: NegotiationBody) => void;
  readonly report: (report: Report) => void;
  readonly failed: (error: unknown, where: string) => void;
  /** Whether the member can be told anything now. */
  readonly present: () => boolean;
}

export interface PeerEvents {
  state: RTCPeerConnectionState;
  track: { readonly track: MediaStreamTrack; readonly streams: readonly MediaStream[] };
  /** A text from the data channel. */
  message: string;
  /** A TURN server of ours gave no relay, and nothing mends that by itself. */
  "turn-error": TurnError;
  /** The other page was loaded anew: `connection`, `channel` and `streams` are new ones. */
  renewed: RTCPeerConnection;
}

export class Peer {
  readonly id: string;
  /** Of two peers the one with the greater id gives way when both offer at once. */
  readonly polite: boolean;
  readonly #parts: PeerParts;
  readonly #events: Emitter<PeerEvents>;
  readonly #candidates: CandidateBatch;
  #connection: RTCPeerConnection;
  #channel: RTCDataChannel;
  #tracks: LocalTracks;
  #streams: MediaStream[] = [];
  #stream: MediaStream | undefined;
  /** Whatever touches descriptions runs one after the other. */
  #serial: Promise<void> = Promise.resolve();
  #early: Candidate[] = [];
  /** Session ids: of our connection, once described, and of the one whose description it has taken. */
  #own: string | undefined;
  #partner: string | undefined;
  /** The same of an offer that was ignored in a collision. */
  #ignored: string | undefined;
  #since: number;
  #ice: PeerIce;
  #stopPatience: (() => void) | undefined;
  #closed = false;

  constructor(parts: PeerParts, stream?: MediaStream) {
    this.id = parts.id;
    this.polite = parts.polite;
    this.#parts = parts;
    this.#stream = stream;
    this.#events = new Emitter(parts.failed);
    this.#candidates = new CandidateBatch(parts.clock, (candidates) =>
      parts.signal({ kind: "candidates", candidates }),
    );
    this.#since = parts.clock.now();
    this.#connection = this.#make();
    this.#ice = this.#care(this.#connection);
    this.#tracks = new LocalTracks(this.#connection);
    this.#channel = this.#open(this.#connection);
  }

  /** The connection of now; another after `renewed`. */
  get connection(): RTCPeerConnection {
    return this.#connection;
  }
  get state(): RTCPeerConnectionState {
    return this.#closed ? "closed" : this.#connection.connectionState;
  }
  get streams(): readonly MediaStream[] {
    return this.#streams;
  }
  get channel(): RTCDataChannel {
    return this.#channel;
  }
  /** Connected, and nothing half negotiated. */
  get settled(): boolean {
    return this.state === "connected" && this.#connection.signalingState === "stable";
  }

  on<Type extends keyof PeerEvents>(type: Type, listener: Listener<PeerEvents[Type]>): Off {
    return this.#events.on(type, listener);
  }

  /** Sends a text over the data channel; false while that is not open. */
  send(text: string): boolean {
    if (this.#channel.readyState !== "open") return false;
    this.#channel.send(text);
    return true;
  }

  async stats(): Promise<PeerStats> {
    return readStats(await this.#connection.getStats());
  }

  restartIce(): void {
    if (!this.#closed) this.#connection.restartIce();
  }

  /** What we send from now on. Tracks are replaced in place, so that nothing needs to be negotiated for a switch. */
  setStream(stream: MediaStream | undefined): Promise<void> {
    this.#stream = stream;
    return this.#queue("tracks", () => this.#tracks.set(stream));
  }

  /** What the member has sent; kept in order. */
  receive(body: NegotiationBody): void {
    void this.#queue(body.kind, () =>
      body.kind === "description" ? this.#description(body.description) : this.#remoteCandidates(body.candidates),
    );
  }

  /** The member can be reached again: what could not be healed meanwhile is healed now. */
  recover(): void {
    if (this.#closed) return;
    if (this.state === "failed" || this.state === "disconnected") this.restartIce();
    else this.#ice.renewed();
  }

  /** ICE servers have changed. */
  reconfigure(): void {
    if (this.#closed) return;
    this.#ice.configure();
    // What was given up may come about with other servers; while it only falters it has its time.
    if (this.state === "failed") this.restartIce();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#retire(this.#connection);
    this.#events.emit("state", "closed");
  }

  #make(): RTCPeerConnection {
    const { ice, policy, rtc } = this.#parts;
    const iceServers = ice.held.servers;
    return new rtc({ iceServers, ...(policy === undefined ? {} : { iceTransportPolicy: policy }) });
  }

  #care(connection: RTCPeerConnection): PeerIce {
    const { clock, failed, ice, present } = this.#parts;
    return new PeerIce({
      source: ice,
      clock,
      connection,
      polite: this.polite,
      relayed: async () => (await this.stats().catch(() => undefined))?.local === "relay",
      restart: () => {
        // To a member that is away an offer would only pile up; `recover` follows when it is back.
        if (connection === this.#connection && present()) this.restartIce();
      },
      report: () => this.#reportCodes(),
      told: (error) => this.#events.emit("turn-error", error),
      failed,
    });
  }

  #open(connection: RTCPeerConnection): RTCDataChannel {
    connection.onnegotiationneeded = () => void this.#queue("offer", () => this.#offer(connection));
    connection.onicecandidate = ({ candidate }) => this.#candidates.add(candidate);
    connection.ontrack = ({ track, streams }) => this.#track(track, streams);
    connection.onconnectionstatechange = () => this.#changed(connection);
    const channel = connection.createDataChannel("heliograph", { negotiated: true, id: 0 });
    channel.onmessage = ({ data }) => {
      if (typeof data === "string") this.#events.emit("message", data);
    };
    // Added at once, so that the first offer has them.
    this.#tracks.add(this.#stream);
    return channel;
  }

  #retire(connection: RTCPeerConnection): void {
    this.#stopPatience?.();
    this.#stopPatience = undefined;
    this.#candidates.drop();
    this.#ice.stop();
    connection.onnegotiationneeded = null;
    connection.onicecandidate = null;
    connection.ontrack = null;
    connection.onconnectionstatechange = null;
    this.#channel.onmessage = null;
    connection.close();
  }

  /** The other side began anew, so must we: a peer connection cannot change its partner. */
  #renew(): void {
    this.#retire(this.#connection);
    this.#early = [];
    this.#streams = [];
    this.#own = undefined;
    this.#partner = undefined;
    this.#ignored = undefined;
    this.#since = this.#parts.clock.now();
    this.#connection = this.#make();
    this.#ice = this.#care(this.#connection);
    this.#tracks = new LocalTracks(this.#connection);
    this.#channel = this.#open(this.#connection);
    this.#events.emit("renewed", this.#connection);
  }

  async #offer(connection: RTCPeerConnection): Promise<void> {
    // If an offer of the other side came first, the browser asks again once that is settled, if there is still need.
    if (connection !== this.#connection || connection.signalingState !== "stable") return;
    await this.#describe(connection);
  }

  async #describe(connection: RTCPeerConnection): Promise<void> {
    const ice = this.#ice;
    const held = await ice.ready();
    if (this.#closed || connection !== this.#connection) return;
    await connection.setLocalDescription();
    const description = connection.localDescription;
    if (description === null || connection !== this.#connection) return;
    ice.described(description.sdp, held);
    this.#own = sessionOf(description.sdp);
    const sdp = addressed(description.sdp, this.#partner);
    this.#parts.signal({ kind: "description", description: { type: description.type, sdp } });
  }

  /** WebRTC 1.0 section 10.7; `makingOffer` is not needed, since nothing else runs while an offer is being made. */
  async #description({ type, sdp: raw }: Description): Promise<void> {
    const { partner, sdp } = readAddress(raw);
    // Meant for a connection that we have given up; our fresh offer makes the other side give up its own.
    if (partner !== undefined && partner !== this.#own) return;
    const session = sessionOf(sdp);
    const stranger = differ(session, this.#partner);
    if (type === "offer") {
      // A new connection of the other page. If an offer of its former one was ignored, ours went to that one and is void.
      if (stranger || differ(session, this.#ignored)) this.#renew();
      // It is bound to us and we are not to it: the way out is to begin anew on both sides, with our next offer.
      if (stranger && partner !== undefined) return;
      // A collision: the impolite side goes on with its own offer, the polite one takes its own back.
      if (this.#connection.signalingState !== "stable" && !this.polite) {
        this.#ignored = session;
        return;
      }
      if (partner === undefined) this.#giveWay();
    } else if (stranger || this.#connection.signalingState !== "have-local-offer") {
      // An answer to an offer that was taken back.
      return;
    }
    this.#partner = session;
    this.#ignored = undefined;
    const connection = this.#connection;
    await connection.setRemoteDescription(sdp === undefined ? { type } : { type, sdp });
    const early = this.#early;
    this.#early = [];
    await this.#remoteCandidates(early);
    if (type === "offer") await this.#describe(connection);
  }

  /**
   * Our first offer met theirs, and nothing has come of either. Taken back while candidates are being gathered, an offer
   * can leave Chromium without any, "gathering" for good (seen in one of four first calls on busy cores): another
   * connection gathers anew, where a rollback might not.
   */
  #giveWay(): void {
    if (this.#connection.signalingState === "stable" || this.#partner !== undefined) return;
    const early = this.#early;
    this.#renew();
    this.#early = early;
  }

  async #remoteCandidates(candidates: readonly Candidate[]): Promise<void> {
    const connection = this.#connection;
    const remote = connection.remoteDescription;
    if (remote === null) {
      this.#early.push(...candidates);
      return;
    }
    for (const candidate of candidates) {
      const { usernameFragment } = candidate;
      // Of an offer that was ignored, or of a generation before an ICE restart.
      const foreign = typeof usernameFragment === "string" && !remote.sdp.includes(`a=ice-ufrag:${usernameFragment}`);
      if (foreign) continue;
      try {
        await connection.addIceCandidate(candidateInit(candidate));
      } catch (error) {
        // Not every browser takes the end of candidates without naming a media section; nothing depends on it.
        if (candidate.candidate !== "") this.#parts.failed(error, "candidate");
      }
    }
  }

  #track(track: MediaStreamTrack, streams: readonly MediaStream[]): void {
    for (const stream of streams) if (!this.#streams.includes(stream)) this.#streams.push(stream);
    this.#events.emit("track", { track, streams });
  }

  #changed(connection: RTCPeerConnection): void {
    this.#stopPatience?.();
    this.#stopPatience = undefined;
    const state = connection.connectionState;
    if (state === "connected") void this.#report("connected");
    if (state === "failed") {
      void this.#report("failed");
      // To a member that is away an offer would only pile up; `recover` follows when it is back.
      if (this.#parts.present()) this.restartIce();
    }
    if (state === "disconnected") {
      this.#stopPatience = this.#parts.clock.after(patience, () => {
        if (connection.connectionState === "disconnected" && this.#parts.present()) this.restartIce();
      });
    }
    this.#events.emit("state", state);
  }

  async #report(state: "connected" | "failed"): Promise<void> {
    const setup = state === "connected" ? { setup: Math.round(this.#parts.clock.now() - this.#since) } : {};
    const ice = this.#ice;
    const stats = await this.stats().catch((): PeerStats => ({}));
    const { relayProtocol: _, ...measured } = stats;
    const pair = state === "failed" ? state : pairOf(stats);
    const turnErrors = ice.takeCodes();
    this.#parts.report({
      peer: this.id,
      state,
      ...(pair === undefined ? {} : { pair }),
      ...measured,
      ...setup,
      ...(turnErrors.length === 0 ? {} : { turnErrors }),
    });
  }

  #reportCodes(): void {
    const { state } = this;
    const turnErrors = this.#ice.takeCodes();
    this.#parts.report({ peer: this.id, state: state === "new" ? "connecting" : state, turnErrors });
  }

  #queue(where: string, step: () => Promise<void>): Promise<void> {
    this.#serial = this.#serial.then(async () => {
      if (this.#closed) return;
      try {
        await step();
      } catch (error) {
        // Closing in the middle makes every step fail, which is no news.
        if (this.state !== "closed") this.#parts.failed(error, where);
      }
    });
    return this.#serial;
  }
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function candidateInit({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: Candidate): RTCIceCandidateInit {
  return {
    candidate,
    ...(sdpMid === undefined ? {} : { sdpMid }),
    ...(sdpMLineIndex === undefined ? {} : { sdpMLineIndex }),
    ...(usernameFragment === undefined ? {} : { usernameFragment }),
  };
}
