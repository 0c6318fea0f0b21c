// The cameras, microphones and speakers there are, and which of them came or went.
import type { DeviceLists, Listed } from "./sdk.ts";

export interface Device {
  readonly id: string;
  readonly label: string;
}

export interface Devices {
  readonly cameras: readonly Device[];
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
}

export const noDevices: Devices = { cameras: [], microphones: [], speakers: [] };

export function named(lists: DeviceLists): Devices {
  return {
    cameras: choices(lists.cameras, "Camera"),
    microphones: choices(lists.microphones, "Microphone"),
    speakers: choices(lists.speakers, "Speaker"),
  };
}

/** What is there now and was not before. */
export function appeared(before: readonly Device[], now: readonly Device[]): readonly Device[] {
  return now.filter((device) => !before.some((known) => known.id === device.id));
}

function choices(listed: readonly Listed[], noun: string): readonly Device[] {
  return (
    listed
      // Before the person has allowed anything, browsers list devices without id or label: nothing to choose from.
      // Chromium lists the system's choice a second time as `default`, which the page offers as its first option.
      .filter(({ deviceId }) => deviceId !== "" && deviceId !== "default" && deviceId !== "communications")
      .map(({ deviceId, label }, index) => ({ id: deviceId, label: label === "" ? `${noun} ${index + 1}` : label }))
  );
}
