// Peer connections without a network: signaling states, rollback, negotiation and pairing as WebRTC 1.0 has them.
import type { PeerConnectionConstructor } from "../src/peer.ts";

export class FakeTrack {
  readonly kind: "audio" | "video";
  readonly id: string;
  stopped = false;
  constructor(kind: "audio" | "video", id: string) {
    this.kind = kind;
    this.id = id;
  }
  stop(): void {
    this.stopped = true;
  }
}

export function fakeStream(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: string) => tracks.filter((track) => track.kind === kind);
  const stream = { getTracks: () => tracks, getAudioTracks: () => of("audio"), getVideoTracks: () => of("video") };
  return stream as unknown as MediaStream;
}

class FakeSender {
  track: FakeTrack | null;
  constructor(track: FakeTrack) {
    this.track = track;
  }
  async replaceTrack(track: FakeTrack | null): Promise<void> {
    if (track?.id.startsWith("incompatible") === true) throw new DOMException("new codec", "InvalidModificationError");
    this.track = track;
  }
}

interface FakeDescription {
  readonly type: RTCSdpType;
  readonly sdp: string;
}

class FakeChannel {
  readyState: RTCDataChannelState = "connecting";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  partner: FakeChannel | undefined;
  send(data: string): void {
    const { partner } = this;
    queueMicrotask(() => partner?.onmessage?.({ data }));
  }
}

/** Where fakes find each other, by the session ids in their descriptions. */
export class FakeRtc {
  readonly made: FakePeerConnection[] = [];
  localType = "host";
  relayProtocol: string | undefined;

  get constructorOf(): PeerConnectionConstructor {
    const rtc = this;
    class Made extends FakePeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(rtc, configuration);
      }
    }
    return Made as unknown as PeerConnectionConstructor;
  }

  find(session: string | undefined): FakePeerConnection | undefined {
    return this.made.find((each) => each.session === session);
  }

  of(connection: RTCPeerConnection): FakePeerConnection {
    const found = this.made.find((each) => (each as unknown) === connection);
    if (found === undefined) throw new Error("not a fake");
    return found;
  }
}

export class FakePeerConnection {
  readonly session: string;
  configuration: RTCConfiguration | undefined;
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: FakeDescription | null = null;
  remoteDescription: FakeDescription | null = null;
  onnegotiationneeded: (() => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  ontrack: ((event: { track: FakeTrack; streams: MediaStream[] }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onicecandidateerror: ((event: { errorCode: number; errorText: string; url: string }) => void) | null = null;
  readonly senders: FakeSender[] = [];
  readonly added: string[] = [];
  /** The username at the TURN servers of each description of our own. */
  readonly logins: (string | undefined)[] = [];
  restarts = 0;
  readonly channel = new FakeChannel();
  readonly #rtc: FakeRtc;
  #version = 0;
  #generation = 0;
  #negotiated = -1;
  #needed = false;
  #beforeOffer: FakeDescription | null = null;
  #stableRemote: FakeDescription | null = null;

  constructor(rtc: FakeRtc, configuration?: RTCConfiguration) {
    this.#rtc = rtc;
    this.configuration = configuration;
    rtc.made.push(this);
    this.session = `${rtc.made.length}000`;
  }

  createDataChannel(): FakeChannel {
    this.#update();
    return this.channel;
  }

  addTrack(track: FakeTrack): FakeSender {
    const sender = new FakeSender(track);
    this.senders.push(sender);
    this.#update();
    return sender;
  }

  removeTrack(sender: FakeSender): void {
    sender.track = null;
    this.#needed = true;
    this.#update();
  }

  getConfiguration(): RTCConfiguration {
    return { iceTransportPolicy: "all", ...this.configuration };
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configuration = configuration;
  }

  restartIce(): void {
    this.restarts += 1;
    this.#generation += 1;
    this.#needed = true;
    this.#update();
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    if (this.signalingState === "have-local-offer") throw new DOMException("wrong state", "InvalidStateError");
    this.#version += 1;
    this.logins.push(this.configuration?.iceServers?.find(({ username }) => username !== undefined)?.username);
    if (type === "offer") this.#beforeOffer = this.localDescription;
    const tracks = this.senders.map(({ track }) => `a=msid:${track?.id ?? "-"}\r\n`).join("");
    const ufrag = `${this.session}g${this.#generation}`;
    this.localDescription = {
      type,
      sdp: `v=0\r\no=- ${this.session} ${this.#version} IN IP4 0.0.0.0\r\na=ice-ufrag:${ufrag}\r\n${tracks}`,
    };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    for (let each = 1; each <= 3; each += 1) this.#candidate(`candidate:${each}`, ufrag);
    this.onicecandidate?.({ candidate: null });
    if (type === "answer") this.#stable();
  }

  async setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    const session = /^o=\S+ (\S+)/m.exec(sdp)?.[1];
    const before = /^o=\S+ (\S+)/m.exec(this.#stableRemote?.sdp ?? "")?.[1];
    if (before !== undefined && before !== session) throw new DOMException("another partner", "InvalidAccessError");
    if (type === "offer") {
      // An offer that restarts ICE is answered by a gathering of our own (RFC 8829 section 5.3.1).
      const fragment = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
      const known = /^a=ice-ufrag:(\S+)/m.exec(this.#stableRemote?.sdp ?? "")?.[1];
      if (known !== undefined && fragment !== known) this.#generation += 1;
      if (this.signalingState === "have-local-offer") {
        this.localDescription = this.#beforeOffer;
        this.#needed = true;
      }
      this.signalingState = "have-remote-offer";
    } else if (this.signalingState !== "have-local-offer") {
      throw new DOMException("wrong state", "InvalidStateError");
    } else {
      this.signalingState = "stable";
    }
    this.remoteDescription = { type, sdp };
    for (const [, id] of sdp.matchAll(/^a=msid:(\S+)/gm)) {
      if (id !== undefined && id !== "-") this.ontrack?.({ track: new FakeTrack("video", id), streams: [] });
    }
    if (type !== "offer") this.#stable();
  }

  async addIceCandidate({ candidate, usernameFragment }: RTCIceCandidateInit): Promise<void> {
    if (this.remoteDescription === null) throw new DOMException("too early", "InvalidStateError");
    if (candidate === "") return;
    if (typeof usernameFragment === "string" && !this.remoteDescription.sdp.includes(`:${usernameFragment}\r`)) {
      throw new DOMException("unknown fragment", "OperationError");
    }
    this.added.push(candidate ?? "");
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map<string, unknown>([
      ["T", { type: "transport", selectedCandidatePairId: "P" }],
      ["P", { type: "candidate-pair", localCandidateId: "L", remoteCandidateId: "R", currentRoundTripTime: 0.0123 }],
      ["L", { type: "local-candidate", candidateType: this.#rtc.localType, relayProtocol: this.#rtc.relayProtocol }],
      ["R", { type: "remote-candidate", candidateType: "srflx" }],
    ]);
  }

  close(): void {
    this.connectionState = "closed";
    this.channel.readyState = "closed";
  }

  /** A TURN server gives no relay. */
  error(errorCode: number, url: string): void {
    this.onicecandidateerror?.({ errorCode, errorText: `error ${errorCode}`, url });
  }

  /** The path breaks, or is found. */
  become(state: RTCPeerConnectionState): void {
    if (this.connectionState === state || this.connectionState === "closed") return;
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #candidate(candidate: string, usernameFragment: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: "0", sdpMLineIndex: 0, usernameFragment } });
  }

  #stable(): void {
    this.#stableRemote = this.remoteDescription;
    const described = [...(this.localDescription?.sdp ?? "").matchAll(/^a=msid:/gm)].length;
    this.#negotiated = described;
    const ours = this.localDescription?.sdp.includes(`g${this.#generation}\r`) === true;
    this.#needed = this.senders.length > described || !ours;
    if (this.#needed) this.#fire();
    this.#pair();
  }

  #update(): void {
    if (this.#negotiated >= 0 && this.senders.length <= this.#negotiated && !this.#needed) return;
    this.#needed = true;
    this.#fire();
  }

  #fire(): void {
    queueMicrotask(() => {
      if (this.#needed && this.signalingState === "stable" && this.connectionState !== "closed")
        this.onnegotiationneeded?.();
    });
  }

  #pair(): void {
    const other = this.#rtc.find(/^o=\S+ (\S+)/m.exec(this.remoteDescription?.sdp ?? "")?.[1]);
    const back = /^o=\S+ (\S+)/m.exec(other?.remoteDescription?.sdp ?? "")?.[1];
    if (other === undefined || back !== this.session || other.signalingState !== "stable") return;
    for (const [one, two] of [
      [this, other],
      [other, this],
    ] as const) {
      one.channel.partner = two.channel;
      one.channel.readyState = "open";
    }
    queueMicrotask(() => {
      this.become("connected");
      other.become("connected");
    });
  }
}
