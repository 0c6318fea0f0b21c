// Cameras, microphones and screens: opened with reasons when that fails, closed whole, shown without an echo.
import type { Off } from "./emitter.ts";
import { explainMediaError, MediaFailure } from "./media-failure.ts";

/** The part of `navigator.mediaDevices` that is used; given in tests. */
export type MediaSource = Pick<
  MediaDevices,
  "getUserMedia" | "getDisplayMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener"
>;

/** `true`: any; text: the device with this id; constraints: as WebRTC has them; `false`: none. */
export type Wish = boolean | string | MediaTrackConstraints;

export interface CameraWishes {
  /** Both are wished for unless said otherwise. */
  readonly audio?: Wish;
  readonly video?: Wish;
}

export interface Devices {
  readonly cameras: readonly MediaDeviceInfo[];
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
}

/** Opens camera and microphone. Throws `MediaFailure`. */
export async function openCamera(wishes: CameraWishes = {}, source = platformMedia()): Promise<MediaStream> {
  const { audio = true, video = true } = wishes;
  return await attempt(source, (media) => media.getUserMedia({ audio: constraints(audio), video: constraints(video) }));
}

/** Lets the person choose a screen, a window or a tab. Throws `MediaFailure`; closing the choice is `denied`. */
export async function openScreen(
  options: DisplayMediaStreamOptions = { video: true, audio: true },
  source = platformMedia(),
): Promise<MediaStream> {
  return await attempt(source, (media) => media.getDisplayMedia(options));
}

/** Stops every track, so that the light of the camera goes out. */
export function closeCamera(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** What is plugged in. Names are empty until a device has been opened once. Throws `MediaFailure`. */
export async function listDevices(source = platformMedia()): Promise<Devices> {
  const all = await attempt(source, (media) => media.enumerateDevices());
  return {
    cameras: all.filter(({ kind }) => kind === "videoinput"),
    microphones: all.filter(({ kind }) => kind === "audioinput"),
    speakers: all.filter(({ kind }) => kind === "audiooutput"),
  };
}

/** Tells when something was plugged in or out. */
export function onDeviceChange(listener: () => void, source = platformMedia()): Off {
  const heard = () => listener();
  source?.addEventListener("devicechange", heard);
  return () => source?.removeEventListener("devicechange", heard);
}

/** Shows our own stream: muted, or the microphone would hear the speakers. */
export function attach(video: HTMLVideoElement, stream: MediaStream | undefined): void {
  video.muted = true;
  video.autoplay = true;
  // Without it phones open a player over the whole page.
  video.playsInline = true;
  video.srcObject = stream ?? null;
}

/** Undefined where the page is not trusted (plain HTTP from another host) and outside browsers. */
function platformMedia(): MediaSource | undefined {
  return typeof navigator === "undefined" ? undefined : navigator.mediaDevices;
}

async function attempt<T>(source: MediaSource | undefined, open: (source: MediaSource) => Promise<T>): Promise<T> {
  if (source === undefined) throw new MediaFailure("insecure");
  try {
    return await open(source);
  } catch (error) {
    throw explainMediaError(error);
  }
}

function constraints(wish: Wish): boolean | MediaTrackConstraints {
  return typeof wish === "string" ? { deviceId: { exact: wish } } : wish;
}
