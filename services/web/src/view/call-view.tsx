// The call: tiles, what stands beside them, the controls, and the keys for it all.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Meeting } from "../meeting.ts";
import type { Deed } from "../shortcuts.ts";
import { deedOf, focusOf } from "../shortcuts.ts";
import { Banner } from "./banner.tsx";
import { Sign } from "./brand.tsx";
import type { OpenDialog } from "./call-dialogs.tsx";
import { CallDialogs } from "./call-dialogs.tsx";
import { ChatPanel } from "./chat-panel.tsx";
import { Controls } from "./controls.tsx";
import { Icon } from "./icons.tsx";
import { copyLink, shareLink } from "./invite.tsx";
import { usePage } from "./page.ts";
import { PeoplePanel } from "./people-panel.tsx";
import { Stage } from "./stage.tsx";

export function CallView({ meeting }: { readonly meeting: Meeting }): VNode {
  const page = usePage();
  const dialog = useSignal<OpenDialog | undefined>(undefined);
  const view = useRef<HTMLDivElement>(null);
  const panel = meeting.panel.value;
  const lastPanel = useRef(panel);

  const act = (deed: Deed) => {
    switch (deed) {
      case "microphone":
        return void meeting.media.toggleMicrophone();
      case "camera":
        return void meeting.media.toggleCamera();
      case "screen":
        return void meeting.media.toggleScreen();
      case "chat":
      case "people":
        return meeting.toggle(deed);
      case "wave":
        return meeting.wave();
      case "invite":
        return void shareLink(page, meeting.name);
      case "settings":
      case "help":
      case "leave":
        dialog.value = { type: deed };
        return;
      case "close":
        meeting.panel.value = undefined;
        return;
      default:
        return deed satisfies never;
    }
  };

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const deed = deedOf(event, focusOf(event.target, document), page.visit.settings.shortcuts.peek() === "on");
      // Escape belongs to the browser where there is nothing to close.
      if (deed === undefined || (deed === "close" && meeting.panel.peek() === undefined)) return;
      if (page.visit.media.closed !== undefined && ["microphone", "camera", "screen"].includes(deed)) return;
      event.preventDefault();
      act(deed);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [meeting, page]);

  // The lobby's button is gone: the focus would be nowhere.
  useEffect(() => view.current?.focus(), [meeting]);

  useEffect(() => {
    const before = lastPanel.current;
    lastPanel.current = panel;
    if (before === undefined || panel !== undefined) return;
    view.current?.querySelector<HTMLElement>(`[data-deed=${before}]`)?.focus();
  }, [panel]);

  return (
    <div ref={view} class={panel === undefined ? "call" : "call with-panel"} tabIndex={-1}>
      <CallHead meeting={meeting} onCopy={() => void copyLink(page, meeting.name)} />
      <Banner meeting={meeting} />
      <main class="call-main">
        <Stage meeting={meeting} />
      </main>
      {panel === "chat" && <ChatPanel meeting={meeting} />}
      {panel === "people" && (
        <PeoplePanel
          meeting={meeting}
          open={(next) => {
            dialog.value = next;
          }}
        />
      )}
      <Controls
        meeting={meeting}
        act={act}
        openMore={() => {
          dialog.value = { type: "more" };
        }}
      />
      <CallDialogs
        meeting={meeting}
        dialog={dialog.value}
        act={act}
        close={() => {
          dialog.value = undefined;
        }}
      />
    </div>
  );
}

function CallHead({ meeting, onCopy }: { readonly meeting: Meeting; readonly onCopy: () => void }): VNode {
  const { locked, pin } = meeting.settings.value;
  return (
    <header class="call-head">
      <Sign />
      <h1 class="cut">
        <span class="heard-only">Room </span>
        {meeting.name}
      </h1>
      <button
        type="button"
        class="quiet round small"
        aria-label="Copy the room’s link"
        title="Copy the room’s link"
        onClick={onCopy}
      >
        <Icon name="link" />
      </button>
      <span class="call-facts">
        {locked && (
          <span class="fact-chip">
            <Icon name="lock" /> Locked
          </span>
        )}
        {pin && (
          <span class="fact-chip">
            <Icon name="key" /> PIN
          </span>
        )}
      </span>
    </header>
  );
}
