// What the browser loads first.
import { browserMedia } from "./browser-media.ts";
import { heliographSdk } from "./heliograph-sdk.ts";
import { baseOf } from "./room-link.ts";
import { start } from "./start.tsx";

const root = document.querySelector("#page");
if (root !== null) start(heliographSdk, browserMedia(window), location.pathname, root, baseOf(import.meta.url));
