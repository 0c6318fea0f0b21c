// The page's parts list: everything that touches the browser is opened here.

import { render } from "preact";
import { pageClock } from "./clock.ts";
import { LocalMedia } from "./media.ts";
import { PageMeters } from "./meter.ts";
import { Notices } from "./notices.ts";
import { Playback } from "./playback.ts";
import { roomFromPath, socketUrl } from "./room-link.ts";
import { newRoomName, pageRandom } from "./room-names.ts";
import type { MediaDoor, Sdk } from "./sdk.ts";
import type { Shelf } from "./settings.ts";
import { rememberedSettings } from "./settings.ts";
import { App } from "./view/app.tsx";
import { Visit } from "./visit.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/lobby.css";
import "./style/call.css";
import "./style/tile.css";
import "./style/panel.css";
import "./style/dialog.css";
import "./style/notice.css";

export function start(sdk: Sdk, door: MediaDoor, path: string, root: Element, base = "/"): void {
  const settings = rememberedSettings(shelf("localStorage"), location.search);
  const notices = new Notices(pageClock);
  const media = new LocalMedia(door, settings, notices, new MediaStream());
  const invitedTo = roomFromPath(path, base);
  const visit = new Visit(
    {
      sdk,
      url: socketUrl(location, base),
      media,
      settings,
      notices,
      clock: pageClock,
      tab: shelf("sessionStorage"),
      languages: navigator.languages,
      base,
      show: (to) => {
        if (location.pathname !== to) history.replaceState(null, "", to + location.search);
      },
    },
    invitedTo ?? newRoomName(pageRandom),
  );
  const page = {
    visit,
    meters: new PageMeters(pageClock),
    playback: new Playback(settings.speaker),
    origin: location.origin,
    base,
  };
  render(<App page={page} invited={invitedTo !== undefined} />, root);
  void visit.start();
}

/** Where cookies are blocked, browsers throw on the mere look at their storage. */
function shelf(name: "localStorage" | "sessionStorage"): Shelf {
  try {
    return window[name];
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
  }
}
