// The browser's own cameras, microphones and screens, through the SDK.

import { listDevices, onDeviceChange, openCamera, openScreen } from "@heliograph/client";
import { closedDoor } from "./media-trouble.ts";
import type { MediaDoor } from "./sdk.ts";

const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const;
// Enough for a tile; a full screen of one person is still decent, and nine of them still fit through a home's uplink.
const picture = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } as const;

export function browserMedia(page: Window): MediaDoor {
  const audio = (device: string | undefined) => ({ ...sound, ...chosen(device) });
  const video = (device: string | undefined) => ({ ...picture, ...chosen(device) });
  return {
    // The types promise `mediaDevices` always; browsers leave it out on pages that came over plain HTTP.
    closed: closedDoor({ isSecureContext: page.isSecureContext, hasDevices: "mediaDevices" in page.navigator }),
    async open(kind, device) {
      const wishes = kind === "audio" ? { audio: audio(device), video: false } : { audio: false, video: video(device) };
      return (await openCamera(wishes)).getTracks();
    },
    async openBoth(devices) {
      return (await openCamera({ audio: audio(devices.audio), video: video(devices.video) })).getTracks();
    },
    async openScreen() {
      return (await openScreen({ video: { frameRate: { ideal: 15 } } })).getVideoTracks();
    },
    list: listDevices,
    onChange: (listener) => onDeviceChange(listener),
  };
}

/** `ideal`, not `exact`: a remembered device that is gone gives way to another one. */
function chosen(device: string | undefined): { deviceId?: { ideal: string } } {
  return device === undefined ? {} : { deviceId: { ideal: device } };
}
