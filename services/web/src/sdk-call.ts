// A call of the SDK as the page uses it.
import type { Call as SdkCall, Peer as SdkPeer } from "@heliograph/client";
import type { Call, CallEvent, Off, Peer } from "./sdk.ts";

export class SdkBackedCall implements Call {
  readonly #call: SdkCall;
  readonly #peers = new Map<string, SdkBackedPeer>();
  readonly #told = new Set<(event: CallEvent) => void>();

  constructor(call: SdkCall) {
    this.#call = call;
    call.on("peer", (peer) => {
      this.#peers.set(peer.id, new SdkBackedPeer(peer));
      peer.on("renewed", () => this.#tell({ type: "peers" }));
      this.#tell({ type: "peers" });
    });
    call.on("peer-left", (peer) => {
      this.#peers.delete(peer.id);
      this.#tell({ type: "peers" });
    });
    call.on("track", ({ peer, track }) => {
      this.#peers.get(peer.id)?.take(track);
      this.#tell({ type: "peers" });
    });
    call.on("turn-error", ({ code }) => this.#tell({ type: "no-relay", code }));
    call.on("state", () => this.#tell({ type: "peers" }));
    call.on("message", ({ from, text }) => this.#tell({ type: "message", from, text }));
  }

  get peers(): ReadonlyMap<string, Peer> {
    return this.#peers;
  }

  on(listener: (event: CallEvent) => void): Off {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  setStream(stream: MediaStream | undefined): void {
    void this.#call.setStream(stream);
  }
  send(text: string): void {
    this.#call.send(text);
  }
  close(): void {
    this.#call.hangUp();
  }

  #tell(event: CallEvent): void {
    for (const listener of [...this.#told]) listener(event);
  }
}

class SdkBackedPeer implements Peer {
  readonly #peer: SdkPeer;
  /**
   * All that the peer sends, in one stream: whoever turned the camera on later than the microphone may send each in a
   * stream of its own, and a tile plays one. Another object whenever tracks change, so that views notice.
   */
  #stream: MediaStream | undefined;

  constructor(peer: SdkPeer) {
    this.#peer = peer;
    peer.on("renewed", () => {
      this.#stream = undefined;
    });
  }

  get id(): string {
    return this.#peer.id;
  }
  get state(): Peer["state"] {
    return this.#peer.state;
  }
  get stream(): MediaStream | undefined {
    return this.#stream;
  }

  take(track: MediaStreamTrack): void {
    const others =
      this.#stream?.getTracks().filter((known) => known.id !== track.id && known.readyState === "live") ?? [];
    this.#stream = new MediaStream([...others, track]);
  }
  async route(): Promise<Awaited<ReturnType<Peer["route"]>>> {
    try {
      return await this.#peer.stats();
    } catch (error) {
      // The connection was closed while it was asked.
      if (error instanceof DOMException) return {};
      throw error;
    }
  }
  restartIce(): void {
    this.#peer.restartIce();
  }
}
