// The person's own microphone, camera and screen: opened, switched, muted, and every track stopped at the end.

import { MediaFailure } from "@heliograph/client";
import type { ReadonlySignal, Signal } from "@preact/signals";
import { computed, signal } from "@preact/signals";
import type { Device, Devices } from "./devices.ts";
import { appeared, named, noDevices } from "./devices.ts";
import type { MediaState } from "./media-state.ts";
import type { MediaKind, Trouble } from "./media-trouble.ts";
import { troubleWith, wasDenied } from "./media-trouble.ts";
import type { Notices } from "./notices.ts";
import type { Media, MediaDoor, Off } from "./sdk.ts";
import type { Settings } from "./settings.ts";

type Track = MediaStreamTrack | undefined;

export class LocalMedia {
  readonly microphone: Signal<Track> = signal(undefined);
  readonly camera: Signal<Track> = signal(undefined);
  readonly screen: Signal<Track> = signal(undefined);
  readonly devices: Signal<Devices> = signal(noDevices);
  readonly troubles: Signal<Readonly<Partial<Record<MediaKind, Trouble>>>> = signal({});
  /** A device is being opened: the browser may be asking the person. */
  readonly opening = signal(false);
  readonly muted = signal(false);
  readonly state: ReadonlySignal<MediaState> = computed(() => ({
    audio: this.microphone.value !== undefined && !this.muted.value,
    video: this.camera.value !== undefined,
    screen: this.screen.value !== undefined,
  }));
  /** The tracks that the others receive; `outgoing` holds them. */
  readonly sent: ReadonlySignal<readonly MediaStreamTrack[]> = computed(() =>
    [this.microphone.value, this.screen.value ?? this.camera.value].filter((track) => track !== undefined),
  );
  /** What the person sees of itself: never with sound, or it would hear itself. */
  readonly picture: ReadonlySignal<MediaStream | undefined> = computed(() => {
    const track = this.screen.value ?? this.camera.value;
    return track === undefined ? undefined : new MediaStream([track]);
  });

  /** One stream for the whole visit: its id is what the others group tracks by. */
  readonly #outgoing: MediaStream;
  readonly #door: MediaDoor;
  readonly #settings: Settings;
  readonly #notices: Notices;
  #off: Off | undefined;
  // One opening after the other: two at once would leave a track that nobody stops.
  #turn: Promise<void> = Promise.resolve();

  constructor(door: MediaDoor, settings: Settings, notices: Notices, outgoing: MediaStream) {
    this.#outgoing = outgoing;
    this.#door = door;
    this.#settings = settings;
    this.#notices = notices;
  }

  /** Why there can be no devices on this page at all. */
  get closed(): string | undefined {
    return this.#door.closed;
  }

  /** What the others receive, as of now. */
  outgoing(): MediaStream {
    const sent = this.sent.value;
    for (const track of this.#outgoing.getTracks()) if (!sent.includes(track)) this.#outgoing.removeTrack(track);
    for (const track of sent) this.#outgoing.addTrack(track);
    return this.#outgoing;
  }

  /** Opens what the person had on the last time, and watches for devices that come and go. */
  start(): Promise<void> {
    this.muted.value = this.#settings.audio.peek() === "off";
    if (this.closed !== undefined) return Promise.resolve();
    this.#off ??= this.#door.onChange(() => void this.#look());
    return this.#next(async () => {
      const audio = this.microphone.peek() === undefined;
      const video = this.camera.peek() === undefined && this.#settings.video.peek() === "on";
      if (audio && video) await this.#openBoth();
      else if (audio) await this.#open("audio");
      else if (video) await this.#open("video");
    });
  }

  toggleMicrophone(): Promise<void> {
    if (this.microphone.peek() === undefined) {
      return this.#next(async () => {
        if (await this.#open("audio")) this.#mute(false);
      });
    }
    this.#mute(!this.muted.peek());
    return Promise.resolve();
  }

  /** Off means the device is given back and its light goes out. */
  toggleCamera(): Promise<void> {
    return this.#next(async () => {
      if (this.camera.peek() === undefined) {
        if (await this.#open("video")) this.#settings.video.value = "on";
      } else {
        this.#take(this.camera, undefined);
        this.#settings.video.value = "off";
      }
    });
  }

  toggleScreen(): Promise<void> {
    return this.#next(async () => {
      if (this.screen.peek() !== undefined) {
        this.#take(this.screen, undefined);
        return;
      }
      try {
        this.#take(this.screen, (await this.#door.openScreen())[0]);
      } catch (error) {
        const trouble = troubleWith(["screen"], error);
        if (trouble !== undefined) this.#notices.ask(`${trouble.title}. ${trouble.says}`);
      }
    });
  }

  /** @param device empty: whatever the browser thinks best */
  choose(kind: "audio" | "video", device: string): Promise<void> {
    return this.#next(async () => {
      if (kind === "audio") this.#settings.microphone.value = device;
      else this.#settings.camera.value = device;
      const current = kind === "audio" ? this.microphone : this.camera;
      // A camera that is off stays off: the choice counts when it is turned on.
      if (kind === "video" && current.peek() === undefined && this.troubles.peek().video === undefined) return;
      await this.#open(kind);
    });
  }

  /** Somebody with the right to do so asked for silence. */
  obeyMute(media: Media): Promise<void> {
    if (media !== "video") this.#mute(true);
    if (media === "audio" || this.camera.peek() === undefined) return Promise.resolve();
    return this.#next(async () => this.#take(this.camera, undefined));
  }

  /** Stops every track. */
  stop(): Promise<void> {
    this.#off?.();
    this.#off = undefined;
    return this.#next(async () => {
      for (const one of [this.microphone, this.camera, this.screen]) this.#take(one, undefined);
      this.troubles.value = {};
    });
  }

  async #openBoth(): Promise<void> {
    try {
      const { microphone, camera } = this.#settings;
      const tracks = await this.#door.openBoth({ audio: wished(microphone), video: wished(camera) });
      this.#take(
        this.microphone,
        tracks.find((track) => track.kind === "audio"),
      );
      this.#take(
        this.camera,
        tracks.find((track) => track.kind === "video"),
      );
      this.troubles.value = {};
      await this.#list();
    } catch (error) {
      if (wasDenied(error)) this.#complain(["audio", "video"], error);
      // One of the two may be missing or busy, and the other fine. A denial is not asked about twice.
      else for (const kind of ["audio", "video"] as const) await this.#open(kind);
    }
  }

  async #open(kind: "audio" | "video"): Promise<boolean> {
    const place = kind === "audio" ? this.microphone : this.camera;
    const device = kind === "audio" ? this.#settings.microphone : this.#settings.camera;
    try {
      this.#take(place, (await this.#door.open(kind, wished(device)))[0]);
      this.#complain([kind], undefined);
      await this.#list();
      return true;
    } catch (error) {
      this.#complain([kind], error);
      return false;
    }
  }

  #complain(kinds: readonly ("audio" | "video")[], error: unknown): void {
    const { audio, video } = this.troubles.peek();
    const trouble = error === undefined ? undefined : troubleWith(kinds, error);
    const next = { audio, video };
    for (const kind of kinds) next[kind] = trouble;
    this.troubles.value = {
      ...(next.audio === undefined ? {} : { audio: next.audio }),
      ...(next.video === undefined ? {} : { video: next.video }),
    };
  }

  #take(place: Signal<Track>, track: Track): void {
    const before = place.peek();
    if (track !== undefined) {
      if (track.kind === "audio") track.enabled = !this.muted.peek();
      track.addEventListener("ended", () => void this.#ended(place, track));
    }
    place.value = track;
    // After the change, so that the others go from one picture to the next without a black one in between.
    before?.stop();
  }

  /** Unplugged, or the person ended the sharing in the browser's own bar. `stop()` of ours does not come here. */
  #ended(place: Signal<Track>, track: MediaStreamTrack): Promise<void> {
    return this.#next(async () => {
      if (place.peek() !== track) return;
      place.value = undefined;
      if (place === this.screen) return;
      const kind = place === this.microphone ? "audio" : "video";
      const noun = kind === "audio" ? "microphone" : "camera";
      if (await this.#open(kind)) this.#notices.tell(`Your ${noun} went away. Another one took its place.`);
      else this.#notices.ask(`Your ${noun} went away and there is no other.`);
    });
  }

  async #look(): Promise<void> {
    const before = this.devices.peek();
    await this.#list();
    const now = this.devices.peek();
    // Before permission nothing has a name, and everything would seem new.
    if (before === noDevices) return;
    const offer = (kind: "audio" | "video", device: Device) =>
      this.#notices.ask(`${device.label} was plugged in.`, {
        label: "Use it",
        run: () => void this.choose(kind, device.id),
      });
    for (const device of appeared(before.microphones, now.microphones)) offer("audio", device);
    for (const device of appeared(before.cameras, now.cameras)) offer("video", device);
  }

  async #list(): Promise<void> {
    try {
      this.devices.value = named(await this.#door.list());
    } catch (error) {
      // Without a list there is nothing to choose from; what is open goes on.
      if (!(error instanceof MediaFailure)) throw error;
    }
  }

  #mute(muted: boolean): void {
    this.muted.value = muted;
    this.#settings.audio.value = muted ? "off" : "on";
    const track = this.microphone.peek();
    if (track !== undefined) track.enabled = !muted;
  }

  #next(work: () => Promise<void>): Promise<void> {
    const turn = async () => {
      this.opening.value = true;
      try {
        await work();
      } finally {
        this.opening.value = false;
      }
    };
    // A failed turn is its caller's to hear of; the next one comes all the same.
    this.#turn = this.#turn.then(turn, turn);
    return this.#turn;
  }
}

function wished(setting: Signal<string>): string | undefined {
  return setting.peek() === "" ? undefined : setting.peek();
}
