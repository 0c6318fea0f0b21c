// Debian's Chromium with a camera and a microphone that are made up, ready to call.
import type { Browser } from "playwright-core";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";

/** Nothing here leaves the machine: what a browser would fetch by itself is off. */
const quiet = [
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-quic",
];

export const fakeDevices = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];

export function launchChromium(args: readonly string[] = fakeDevices): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...quiet, ...args] });
}
