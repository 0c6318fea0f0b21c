// Choosing camera, microphone and speaker, in the lobby as in the call.
import type { Signal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { Device } from "../devices.ts";
import { usePage } from "./page.ts";

export function DeviceMenu(): VNode {
  const { visit } = usePage();
  const { media, settings } = visit;
  const { cameras, microphones, speakers } = media.devices.value;
  return (
    <div class="devices">
      <Choice
        label="Microphone"
        setting={settings.microphone}
        devices={microphones}
        onChoose={(id) => void media.choose("audio", id)}
      />
      <Choice
        label="Camera"
        setting={settings.camera}
        devices={cameras}
        onChoose={(id) => void media.choose("video", id)}
      />
      {speakers.length > 0 && (
        <Choice
          label="Speaker"
          setting={settings.speaker}
          devices={speakers}
          onChoose={(id) => {
            settings.speaker.value = id;
          }}
        />
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly setting: Signal<string>;
  readonly devices: readonly Device[];
  readonly onChoose: (id: string) => void;
}

function Choice({ label, setting, devices, onChoose }: ChoiceProps): VNode {
  const id = useId();
  const chosen = devices.some((device) => device.id === setting.value) ? setting.value : "";
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{devices.length === 0 ? "None found" : "Automatic"}</option>
        {devices.map((device) => (
          <option key={device.id} value={device.id}>
            {device.label}
          </option>
        ))}
      </select>
    </div>
  );
}
