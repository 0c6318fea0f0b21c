// Across the whole call: the connection to the service is being made again, or sound is held back.
import type { VNode } from "preact";
import type { Meeting } from "../meeting.ts";
import { usePage } from "./page.ts";

export function Banner({ meeting }: { readonly meeting: Meeting }): VNode {
  const { playback, meters } = usePage();
  const link = meeting.link.value;
  return (
    <div class="banners">
      <div role="status">
        {(link === "reconnecting" || link === "connecting") && (
          <p class="banner" data-banner="reconnecting">
            <span class="spinner" aria-hidden="true" />
            <span>
              <strong>Reconnecting…</strong> The call goes on; what you write is sent as soon as the connection is back.
            </span>
          </p>
        )}
        {link === "open" && meeting.degraded.value && (
          <p class="banner" data-banner="degraded">
            <span>
              <strong>The service is limping.</strong> The call goes on; messages may be late.
            </span>
          </p>
        )}
        {link === "open" && meeting.relayless.value && (
          <p class="banner" data-banner="relays">
            <span>
              <strong>No relay server just now.</strong> Direct connections work; whoever sits behind a strict firewall
              may stay dark and silent until one is back.
            </span>
          </p>
        )}
      </div>
      {playback.blocked.value && (
        <p class="banner" data-banner="sound">
          <span>Your browser holds the sound back.</span>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              playback.unblock();
              meters.wake();
            }}
          >
            Turn on sound
          </button>
        </p>
      )}
    </div>
  );
}
