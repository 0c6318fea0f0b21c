// Devices and what the page remembers: codec, looks, relays, keys.
import type { VNode } from "preact";
import { useId } from "preact/hooks";
import { codecs, themes } from "../settings.ts";
import { DeviceMenu } from "./device-menu.tsx";
import { Dialog } from "./dialog.tsx";
import { LevelMeter } from "./level-meter.tsx";
import { usePage } from "./page.ts";

const codecWords = { json: "JSON (text)", msgpack: "MessagePack (compact)" } as const;
const themeWords = { auto: "As the system", light: "Light", dark: "Dark" } as const;

export function SettingsDialog({ onClose, inCall }: { readonly onClose: () => void; readonly inCall: boolean }): VNode {
  const { visit } = usePage();
  const { settings, media } = visit;
  const ids = { codec: useId(), theme: useId(), hint: useId() };
  return (
    <Dialog title="Settings" onClose={onClose}>
      {media.closed === undefined ? (
        <>
          <DeviceMenu />
          <LevelMeter track={media.microphone.value} muted={!media.state.value.audio} />
        </>
      ) : (
        <p class="soft">{media.closed}</p>
      )}
      <div class="pair">
        <div class="field">
          <label for={ids.theme}>Colours</label>
          <select
            id={ids.theme}
            value={settings.theme.value}
            onChange={(event) => {
              const chosen = themes.find((theme) => theme === event.currentTarget.value);
              if (chosen !== undefined) settings.theme.value = chosen;
            }}
          >
            {themes.map((theme) => (
              <option key={theme} value={theme}>
                {themeWords[theme]}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={ids.codec}>Wire format</label>
          <select
            id={ids.codec}
            value={settings.codec.value}
            aria-describedby={inCall ? ids.hint : undefined}
            onChange={(event) => {
              const chosen = codecs.find((codec) => codec === event.currentTarget.value);
              if (chosen !== undefined) settings.codec.value = chosen;
            }}
          >
            {codecs.map((codec) => (
              <option key={codec} value={codec}>
                {codecWords[codec]}
              </option>
            ))}
          </select>
          {inCall && (
            <p id={ids.hint} class="hint">
              Counts from the next call on.
            </p>
          )}
        </div>
      </div>
      <RelayField />
      <ShortcutSwitch />
    </Dialog>
  );
}

function RelayField(): VNode {
  const { relays, settings } = usePage().visit;
  const ids = { zone: useId(), hint: useId() };
  const { choices } = relays;
  const zone = settings.zone.value;
  const { degraded, zone: used } = relays.known.value;
  const now = degraded ? undefined : choices.find(({ id }) => id === used);
  return (
    <>
      <div class="field">
        <label for={ids.zone}>Relay servers</label>
        <select
          id={ids.zone}
          value={zone}
          aria-describedby={ids.hint}
          onChange={(event) => relays.choose(event.currentTarget.value)}
        >
          <option value="">{zone === "" && now !== undefined ? `Automatic (now ${now.label})` : "Automatic"}</option>
          {choices.map(({ id, label, language }) => (
            <option key={id} value={id} lang={language}>
              {label}
            </option>
          ))}
        </select>
        <p id={ids.hint} class="hint">
          {degraded
            ? "There is no relay server just now. Direct connections work as ever."
            : "They carry your call where no direct way is found. The nearest are the fastest."}
        </p>
      </div>
      <label class="switch">
        <input
          type="checkbox"
          checked={settings.geo.value === "off"}
          onChange={(event) => {
            settings.geo.value = event.currentTarget.checked ? "off" : "on";
          }}
        />
        Do not ask a service which relays are near: it would see your address
      </label>
    </>
  );
}

export function ShortcutSwitch(): VNode {
  const { shortcuts } = usePage().visit.settings;
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={shortcuts.value === "on"}
        onChange={(event) => {
          shortcuts.value = event.currentTarget.checked ? "on" : "off";
        }}
      />
      Single-key shortcuts
    </label>
  );
}
