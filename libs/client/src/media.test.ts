// Devices: what is asked of the browser, what a person is told when it says no, and that everything is stopped.
import { expect, test } from "vitest";
import { FakeTrack, fakeStream } from "../test-kit/fake-rtc.ts";
import type { MediaSource } from "./media.ts";
import { attach, closeCamera, listDevices, onDeviceChange, openCamera, openScreen } from "./media.ts";
import type { MediaReason } from "./media-failure.ts";
import { explainMediaError, MediaFailure } from "./media-failure.ts";

function source(parts: Partial<Record<keyof MediaSource, unknown>>): MediaSource {
  return parts as MediaSource;
}

test("camera and microphone are asked for by wish, by device and not at all", async () => {
  const asked: unknown[] = [];
  const media = source({
    getUserMedia: async (constraints: unknown) => {
      asked.push(constraints);
      return fakeStream();
    },
  });
  await openCamera({}, media);
  await openCamera({ video: "camera-2", audio: false }, media);
  await openCamera({ video: { width: 640 }, audio: true }, media);
  expect(asked).toEqual([
    { audio: true, video: true },
    { audio: false, video: { deviceId: { exact: "camera-2" } } },
    { audio: true, video: { width: 640 } },
  ]);
});

test.each<[string, MediaReason]>([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "no_device"],
  ["OverconstrainedError", "no_device"],
  ["NotReadableError", "in_use"],
  ["SecurityError", "insecure"],
  ["AbortError", "aborted"],
  ["toString", "failed"],
])("%s is explained as %s, with what to do next", async (name, reason) => {
  const cause = new DOMException("browser's words", name);
  const media = source({ getDisplayMedia: () => Promise.reject(cause) });
  const failure: unknown = await openScreen(undefined, media).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(MediaFailure);
  expect(failure).toMatchObject({ reason, cause });
  expect(explainMediaError(failure)).toBe(failure);
  expect((failure as MediaFailure).next).toMatch(/\.$/);
});

test("a page without media devices is told to come over HTTPS", async () => {
  await expect(openCamera({})).rejects.toMatchObject({ reason: "insecure", next: expect.stringContaining("https://") });
  await expect(listDevices()).rejects.toMatchObject({ reason: "insecure" });
  onDeviceChange(() => undefined)();
});

test("closing stops every track", () => {
  const tracks = [new FakeTrack("audio", "a"), new FakeTrack("video", "v")];
  closeCamera(fakeStream(...tracks));
  closeCamera(undefined);
  expect(tracks.every(({ stopped }) => stopped)).toBe(true);
});

test("our own picture is muted and stays in the page", () => {
  const video = {} as HTMLVideoElement;
  const stream = fakeStream();
  attach(video, stream);
  expect(video).toMatchObject({ muted: true, playsInline: true, autoplay: true, srcObject: stream });
  attach(video, undefined);
  expect(video.srcObject).toBeNull();
});

test("devices are listed by what they are, and changes are told until nobody wants to know", async () => {
  const listeners = new Set<() => void>();
  const media = source({
    enumerateDevices: async () => ["videoinput", "audioinput", "audiooutput", "audioinput"].map((kind) => ({ kind })),
    addEventListener: (_type: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: () => void) => listeners.delete(listener),
  });
  const { cameras, microphones, speakers } = await listDevices(media);
  expect([cameras.length, microphones.length, speakers.length]).toEqual([1, 2, 1]);
  let changes = 0;
  const off = onDeviceChange(() => {
    changes += 1;
  }, media);
  for (const listener of listeners) listener();
  off();
  expect([changes, listeners.size]).toEqual([1, 0]);
});
