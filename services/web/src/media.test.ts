import { expect, test, vi } from "vitest";
import { emptyShelf, FakeDoor, FakeStream } from "../dev/fake-media.ts";
import { ManualClock } from "../dev/manual-clock.ts";
import { LocalMedia } from "./media.ts";
import { Notices } from "./notices.ts";
import { rememberedSettings } from "./settings.ts";

function setUp(kept: Record<string, string> = {}) {
  const door = new FakeDoor();
  const settings = rememberedSettings(emptyShelf(kept), "");
  const notices = new Notices(new ManualClock());
  const media = new LocalMedia(door, settings, notices, new FakeStream());
  const sent = () =>
    media
      .outgoing()
      .getTracks()
      .map((track) => track.label);
  return { door, settings, notices, media, sent };
}

test("camera and microphone are asked for at once, so that the browser asks the person once", async () => {
  const { door, media } = setUp();
  await media.start();
  expect(door.asked).toEqual(["both"]);
  expect(media.state.value).toEqual({ audio: true, video: true, screen: false });
});

test("after a denial the person is not asked again at once, and told in one sentence", async () => {
  const { door, media } = setUp();
  door.failing.set("audio", "NotAllowedError");
  await media.start();
  expect(door.asked).toEqual(["both"]);
  expect(media.troubles.value.audio?.title).toBe("Your microphone and camera are blocked");
  expect(media.troubles.value.video).toBe(media.troubles.value.audio);
});

test("without a camera the microphone still works, and the other way round", async () => {
  const { door, media } = setUp();
  door.failing.set("video", "NotFoundError");
  await media.start();
  expect(media.state.value).toMatchObject({ audio: true, video: false });
  expect(media.troubles.value).toMatchObject({ video: { title: "No camera found" } });
  expect(media.troubles.value.audio).toBeUndefined();
});

test("trouble goes away when the device works", async () => {
  const { door, media } = setUp();
  door.failing.set("video", "NotReadableError");
  await media.start();
  door.failing.clear();
  await media.toggleCamera();
  expect(media.troubles.value.video).toBeUndefined();
  expect(media.state.value.video).toBe(true);
});

test("who was muted and unseen the last time begins so", async () => {
  const { door, media, sent } = setUp({ "heliograph.audio": "off", "heliograph.video": "off" });
  await media.start();
  expect(door.asked).toEqual(["audio:"]);
  expect(media.state.value).toEqual({ audio: false, video: false, screen: false });
  expect(sent()).toEqual(["any audio"]);
  expect(door.given[0]?.enabled).toBe(false);
});

test("a camera turned off is given back, so that its light goes out", async () => {
  const { door, media, settings, sent } = setUp();
  await media.start();
  await media.toggleCamera();
  expect(door.live).toEqual(["any audio"]);
  expect(sent()).toEqual(["any audio"]);
  expect(settings.video.value).toBe("off");
});

test("the screen takes the camera's place in the same stream, and gives it back", async () => {
  const { door, media, sent } = setUp();
  await media.start();
  const stream = media.outgoing();
  await media.toggleScreen();
  expect(sent()).toEqual(["any audio", "screen"]);
  await media.toggleScreen();
  expect(sent()).toEqual(["any audio", "any video"]);
  expect(media.outgoing()).toBe(stream);
  expect(door.live).toEqual(["any audio", "any video"]);
});

test("a sharing that is ended in the browser's own bar brings the camera back", async () => {
  const { door, media, sent } = setUp();
  await media.start();
  await media.toggleScreen();
  door.given.at(-1)?.unplug();
  await vi.waitFor(() => expect(sent()).toEqual(["any audio", "any video"]));
});

test("closing the screen picker changes nothing and says nothing", async () => {
  const { door, media, notices } = setUp();
  await media.start();
  door.failing.set("screen", "NotAllowedError");
  await media.toggleScreen();
  expect(media.state.value.screen).toBe(false);
  expect(notices.shown.value).toEqual([]);
});

test("another microphone replaces the first one, keeps its silence and is remembered", async () => {
  const { door, media, settings } = setUp();
  await media.start();
  await media.toggleMicrophone();
  await media.choose("audio", "headset");
  expect(door.live).toEqual(["any video", "headset"]);
  expect(door.given.at(-1)?.enabled).toBe(false);
  expect(settings.microphone.value).toBe("headset");
});

test("a device that cannot be opened leaves the one in use alone", async () => {
  const { door, media, sent } = setUp();
  await media.start();
  door.failing.set("video", "NotReadableError");
  await media.choose("video", "other");
  expect(sent()).toContain("any video");
  expect(media.troubles.value.video?.title).toBe("Your camera cannot be used");
});

test("an unplugged microphone is replaced by another one, and the person is told", async () => {
  const { door, media, notices } = setUp();
  await media.start();
  door.given[0]?.unplug();
  await vi.waitFor(() => expect(notices.shown.value[0]?.says).toMatch(/Another one took its place/u));
  expect(media.state.value.audio).toBe(true);
});

test("a device that is plugged in is offered, and used when the person says so", async () => {
  const { door, media, notices } = setUp();
  await media.start();
  door.change({ cameras: [], microphones: [{ deviceId: "headset", label: "Headset" }], speakers: [] });
  await vi.waitFor(() => expect(notices.shown.value[0]?.says).toBe("Headset was plugged in."));
  notices.shown.value[0]?.action?.run();
  await vi.waitFor(() => expect(door.live).toEqual(["any video", "headset"]));
});

test("a mute request silences, and can be undone by the one it was made to", async () => {
  const { door, media } = setUp();
  await media.start();
  await media.obeyMute("all");
  expect(media.state.value).toMatchObject({ audio: false, video: false });
  expect(door.given[0]?.enabled).toBe(false);
  await media.toggleMicrophone();
  expect(media.state.value.audio).toBe(true);
});

test("at the end every track is stopped, the one still being opened too", async () => {
  const { door, media } = setUp();
  const opening = media.start();
  await media.stop();
  await opening;
  expect(door.given.length).toBeGreaterThan(0);
  expect(door.live).toEqual([]);
});
