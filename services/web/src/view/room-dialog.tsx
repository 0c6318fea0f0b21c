// The room's door, for hosts: lock, PIN, seats.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { Meeting } from "../meeting.ts";
import { Dialog } from "./dialog.tsx";

const longestPin = 64;
const mostSeats = 100_000;

export function RoomDialog({ meeting, onClose }: { readonly meeting: Meeting; readonly onClose: () => void }): VNode {
  const { locked } = meeting.settings.value;
  return (
    <Dialog title="Lock, PIN and seats" onClose={onClose}>
      <label class="switch">
        <input
          type="checkbox"
          checked={locked}
          onChange={(event) => {
            const wish = event.currentTarget.checked;
            // What the box shows is what the room says, not what was wished.
            event.currentTarget.checked = locked;
            void meeting.set({ locked: wish }, "");
          }}
        />
        Lock the room: nobody new can join
      </label>
      <PinForm meeting={meeting} />
      <SeatsForm meeting={meeting} />
    </Dialog>
  );
}

function PinForm({ meeting }: { readonly meeting: Meeting }): VNode {
  const pin = useSignal("");
  const id = useId();
  const has = meeting.settings.value.pin;
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        if (pin.value === "") return;
        void meeting.set({ pin: pin.value }, has ? "The PIN is changed" : "");
        pin.value = "";
      }}
    >
      <label for={id}>{has ? "New PIN (the room has one)" : "PIN"}</label>
      <div class="with-button">
        <input
          id={id}
          autocomplete="off"
          maxLength={longestPin}
          value={pin.value}
          onInput={(event) => {
            pin.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="quiet">
          {has ? "Change" : "Set PIN"}
        </button>
        {has && (
          <button type="button" class="quiet" onClick={() => void meeting.set({ pin: null }, "")}>
            Remove PIN
          </button>
        )}
      </div>
      <p class="hint">Asked of everybody who joins from now on.</p>
    </form>
  );
}

function SeatsForm({ meeting }: { readonly meeting: Meeting }): VNode {
  const { capacity } = meeting.settings.value;
  const seats = useSignal(capacity === 0 ? "" : String(capacity));
  const id = useId();
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        const wish = seats.value === "" ? 0 : Number(seats.value);
        if (Number.isInteger(wish) && wish >= 0 && wish <= mostSeats) {
          void meeting.set(
            { capacity: wish },
            wish === 0 ? "Any number of people can join" : `The room has ${wish} seats`,
          );
        }
      }}
    >
      <label for={id}>Seats</label>
      <div class="with-button">
        <input
          id={id}
          type="number"
          inputMode="numeric"
          min={1}
          max={mostSeats}
          placeholder="No limit"
          value={seats.value}
          onInput={(event) => {
            seats.value = event.currentTarget.value;
          }}
        />
        <button type="submit" class="quiet">
          Set seats
        </button>
      </div>
    </form>
  );
}
