// What the browser loads first.
import { browserMedia } from "./browser-media.ts";
import { HeliographSdk } from "./heliograph-sdk.ts";
import { baseOf } from "./room-link.ts";
import { start } from "./start.tsx";

const root = document.querySelector("#page");
if (root !== null) start(new HeliographSdk(), browserMedia(window), location.pathname, root, baseOf(import.meta.url));
