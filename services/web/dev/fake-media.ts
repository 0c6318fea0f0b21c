// Tracks, streams and a browser's devices made of nothing: for tests without a browser.
import type { DeviceLists, MediaDoor } from "../src/sdk.ts";

export class FakeTrack extends EventTarget implements MediaStreamTrack {
  readonly kind: "audio" | "video";
  readonly id: string;
  readonly label: string;
  contentHint = "";
  enabled = true;
  readonly muted = false;
  readyState: MediaStreamTrackState = "live";
  onended = null;
  onmute = null;
  onunmute = null;

  constructor(kind: "audio" | "video", label: string) {
    super();
    this.kind = kind;
    this.label = label;
    this.id = label;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** As when the device is pulled out: unlike `stop`, this is told. */
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.label);
  }
  async applyConstraints(): Promise<void> {}
  getCapabilities(): MediaTrackCapabilities {
    return {};
  }
  getConstraints(): MediaTrackConstraints {
    return {};
  }
  getSettings(): MediaTrackSettings {
    return {};
  }
}

export class FakeStream extends EventTarget implements MediaStream {
  readonly id = "fake";
  readonly active = true;
  onaddtrack = null;
  onremovetrack = null;
  readonly #tracks = new Set<MediaStreamTrack>();

  addTrack(track: MediaStreamTrack): void {
    this.#tracks.add(track);
  }
  removeTrack(track: MediaStreamTrack): void {
    this.#tracks.delete(track);
  }
  getTracks(): MediaStreamTrack[] {
    return [...this.#tracks];
  }
  getAudioTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === "audio");
  }
  getVideoTracks(): MediaStreamTrack[] {
    return this.getTracks().filter((track) => track.kind === "video");
  }
  getTrackById(id: string): MediaStreamTrack | null {
    return this.getTracks().find((track) => track.id === id) ?? null;
  }
  clone(): FakeStream {
    return new FakeStream();
  }
}

/** A browser whose devices a test plugs, unplugs and forbids. */
export class FakeDoor implements MediaDoor {
  readonly closed: string | undefined = undefined;
  /** Every track ever handed out. */
  readonly given: FakeTrack[] = [];
  /** Every wish, as `audio:<device>`, in order; `both` and `screen` for those. */
  readonly asked: string[] = [];
  /** The name of the error that opening a kind fails with. */
  readonly failing = new Map<"audio" | "video" | "screen", string>();
  lists: DeviceLists = { cameras: [], microphones: [], speakers: [] };
  #changed: () => void = () => undefined;

  async open(kind: "audio" | "video", device: string | undefined): Promise<readonly FakeTrack[]> {
    this.asked.push(`${kind}:${device ?? ""}`);
    this.#fail(kind);
    return [this.#give(kind, device ?? `any ${kind}`)];
  }

  async openBoth(): Promise<readonly FakeTrack[]> {
    this.asked.push("both");
    this.#fail("audio");
    this.#fail("video");
    return [this.#give("audio", "any audio"), this.#give("video", "any video")];
  }

  async openScreen(): Promise<readonly FakeTrack[]> {
    this.asked.push("screen");
    this.#fail("screen");
    return [this.#give("video", "screen")];
  }

  async list(): Promise<DeviceLists> {
    return this.lists;
  }

  onChange(listener: () => void): () => void {
    this.#changed = listener;
    return () => {
      this.#changed = () => undefined;
    };
  }

  change(lists: DeviceLists): void {
    this.lists = lists;
    this.#changed();
  }

  get live(): readonly string[] {
    return this.given.filter((track) => track.readyState === "live").map((track) => track.label);
  }

  #give(kind: "audio" | "video", label: string): FakeTrack {
    const track = new FakeTrack(kind, label);
    this.given.push(track);
    return track;
  }

  #fail(kind: "audio" | "video" | "screen"): void {
    const name = this.failing.get(kind);
    if (name !== undefined) throw new DOMException("as the test wished", name);
  }
}

export function emptyShelf(kept: Record<string, string> = {}) {
  const map = new Map(Object.entries(kept));
  return {
    kept: map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
  };
}
