// The page with people of paper: `npx vite` in services/web, then /dev/?scene=…&room=… (see README).
import { browserMedia } from "../src/browser-media.ts";
import { roomPath } from "../src/room-link.ts";
import { start } from "../src/start.tsx";
import { fakeSdk } from "./fake-sdk.ts";

const query = new URLSearchParams(location.search);
const root = document.querySelector("#page");
const room = query.get("room");
const door = browserMedia(window);
// As a browser behaves when the page came over plain HTTP from another host.
const closed = query.has("closed")
  ? {
      ...door,
      closed:
        "Browsers give camera and microphone only to pages opened over https, or from localhost on the same machine. This page came over plain http from another host, so you can join, see, hear and chat, but nobody can see or hear you.",
    }
  : door;
if (root !== null) start(fakeSdk(query), closed, room === null ? "/" : roomPath(room), root);
