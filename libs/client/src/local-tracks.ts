// What we send on one peer connection: the k-th track of a kind keeps the k-th sender of that kind.

type Kind = "audio" | "video";

export class LocalTracks {
  readonly #connection: RTCPeerConnection;
  readonly #senders: Record<Kind, RTCRtpSender[]> = { audio: [], video: [] };

  constructor(connection: RTCPeerConnection) {
    this.#connection = connection;
  }

  /** Before the first offer: adds every track. */
  add(stream: MediaStream | undefined): void {
    for (const kind of ["audio", "video"] as const) {
      for (const track of tracksOf(stream, kind)) this.#add(kind, track, stream);
    }
  }

  /** Later: puts each track into the sender that its kind has, and adds only what has none. */
  async set(stream: MediaStream | undefined): Promise<void> {
    for (const kind of ["audio", "video"] as const) {
      const tracks = tracksOf(stream, kind);
      const senders = [...this.#senders[kind]];
      for (const [place, sender] of senders.entries()) await this.#replace(kind, sender, tracks[place] ?? null, stream);
      for (const track of tracks.slice(senders.length)) this.#add(kind, track, stream);
    }
  }

  async #replace(kind: Kind, sender: RTCRtpSender, track: MediaStreamTrack | null, stream: MediaStream | undefined) {
    if (sender.track === track) return;
    try {
      await sender.replaceTrack(track);
    } catch (error) {
      // The new track needs what was not negotiated (WebRTC 1.0, replaceTrack): this one has to be.
      if (track === null || this.#connection.connectionState === "closed") throw error;
      this.#connection.removeTrack(sender);
      this.#senders[kind] = this.#senders[kind].filter((each) => each !== sender);
      this.#add(kind, track, stream);
    }
  }

  #add(kind: Kind, track: MediaStreamTrack, stream: MediaStream | undefined): void {
    this.#senders[kind].push(this.#connection.addTrack(track, ...(stream === undefined ? [] : [stream])));
  }
}

function tracksOf(stream: MediaStream | undefined, kind: Kind): MediaStreamTrack[] {
  if (stream === undefined) return [];
  return kind === "audio" ? stream.getAudioTracks() : stream.getVideoTracks();
}
