// Before the call: who one is, where one goes, how one looks and sounds.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { roomFromTyped } from "../room-link.ts";
import { newRoomName, pageRandom } from "../room-names.ts";
import { longestName } from "../settings.ts";
import { Brand } from "./brand.tsx";
import { DeviceMenu } from "./device-menu.tsx";
import { Icon } from "./icons.tsx";
import { usePage } from "./page.ts";
import { Preview, Troubles } from "./preview.tsx";

export function Lobby({ invited, onSettings }: { readonly invited: boolean; readonly onSettings: () => void }): VNode {
  const { visit } = usePage();
  const joining = visit.stage.value.at === "joining";
  return (
    <div class="lobby">
      <header class="lobby-head">
        <Brand />
        <button type="button" class="quiet" onClick={onSettings}>
          <Icon name="settings" /> Settings
        </button>
      </header>
      <main class="lobby-main">
        <section class="lobby-words">
          <h1>{invited ? "You are invited." : "Meet face to face."}</h1>
          <p class="lead">
            {invited
              ? "Check how you look and sound, then step in."
              : "Open a room, share its link, talk. Picture and sound go straight from browser to browser."}
          </p>
          <JoinForm invited={invited} joining={joining} />
        </section>
        <section class="lobby-look" aria-label="Your camera and microphone">
          <Preview />
          <Troubles />
          {visit.media.closed === undefined && <DeviceMenu />}
        </section>
      </main>
    </div>
  );
}

function JoinForm({ invited, joining }: { readonly invited: boolean; readonly joining: boolean }): VNode {
  const { visit, meters, base } = usePage();
  const typed = useSignal(visit.room.peek());
  const wrong = useSignal(false);
  const ids = { name: useId(), room: useId(), hint: useId() };
  const nameField = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // Who comes for the first time begins with the name; everybody else may press Enter at once.
    nameField.current?.focus();
  }, []);

  const join = () => {
    const room = roomFromTyped(typed.value, base);
    wrong.value = room === undefined;
    if (room === undefined) return;
    visit.room.value = room;
    meters.wake();
    void visit.join();
  };

  return (
    <form
      class="join"
      onSubmit={(event) => {
        event.preventDefault();
        if (!joining) join();
      }}
    >
      <div class="field">
        <label for={ids.name}>Your name</label>
        <input
          ref={nameField}
          id={ids.name}
          name="name"
          autocomplete="nickname"
          maxLength={longestName}
          value={visit.settings.name.value}
          onInput={(event) => {
            visit.settings.name.value = event.currentTarget.value;
          }}
        />
      </div>
      {invited ? (
        <p class="room-name">
          <span class="soft">Room</span> <strong>{visit.room.value}</strong> <a href={base}>Open another room</a>
        </p>
      ) : (
        <div class="field">
          <label for={ids.room}>Room</label>
          <div class="with-button">
            <input
              id={ids.room}
              name="room"
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              value={typed.value}
              aria-describedby={ids.hint}
              aria-invalid={wrong.value}
              onInput={(event) => {
                typed.value = event.currentTarget.value;
                wrong.value = false;
              }}
            />
            <button
              type="button"
              class="quiet round"
              aria-label="Another room name"
              title="Another room name"
              onClick={() => {
                typed.value = newRoomName(pageRandom);
                wrong.value = false;
              }}
            >
              <Icon name="again" />
            </button>
          </div>
          <p id={ids.hint} class={wrong.value ? "hint bad" : "hint"}>
            {wrong.value
              ? "A room needs a name of 1 to 64 characters without a slash."
              : "A new name opens a new room. A pasted link works too."}
          </p>
        </div>
      )}
      <button type="submit" class="primary large" aria-disabled={joining}>
        {joining ? "Joining…" : "Join the room"}
      </button>
    </form>
  );
}
