// What stands between the person and the room: a PIN, a locked door, no free seat.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useId } from "preact/hooks";
import { pageClock } from "../clock.ts";
import type { Prompt } from "../prompt.ts";
import { Dialog } from "./dialog.tsx";
import { usePage } from "./page.ts";

export function Prompts(): VNode | null {
  const { visit } = usePage();
  const prompt = visit.prompt.value;
  if (prompt === undefined) return null;
  return prompt.kind === "pin" ? <PinPrompt prompt={prompt} /> : <TurnedAway prompt={prompt} />;
}

function PinPrompt({ prompt }: { readonly prompt: Extract<Prompt, { kind: "pin" }> }): VNode {
  const { visit } = usePage();
  const pin = useSignal("");
  const ids = { field: useId(), says: useId() };
  return (
    <Dialog title="PIN, please" onClose={() => visit.giveUp()}>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          if (pin.value !== "") void visit.join(pin.value);
        }}
      >
        <p id={ids.says} class={prompt.wrong ? "bad" : ""} role={prompt.wrong ? "alert" : undefined}>
          {prompt.says}
        </p>
        <label for={ids.field}>PIN</label>
        <input
          id={ids.field}
          autofocus
          autocomplete="off"
          maxLength={64}
          aria-describedby={ids.says}
          aria-invalid={prompt.wrong}
          value={pin.value}
          onInput={(event) => {
            pin.value = event.currentTarget.value;
          }}
        />
        <div class="dialog-deeds">
          <button type="button" class="quiet" onClick={() => visit.giveUp()}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Join
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TurnedAway({ prompt }: { readonly prompt: Extract<Prompt, { kind: "turned-away" }> }): VNode {
  const { visit, base } = usePage();
  const left = useSignal(Math.ceil(prompt.wait / 1000));
  useEffect(() => {
    left.value = Math.ceil(prompt.wait / 1000);
    return pageClock.every(1000, () => {
      left.value = Math.max(0, left.value - 1);
    });
  }, [prompt, left]);
  const waiting = left.value > 0;
  return (
    <Dialog title={prompt.title} onClose={() => visit.giveUp()}>
      <p>{prompt.says}</p>
      <div class="dialog-deeds">
        <a class="quiet button" href={base}>
          Another room
        </a>
        {prompt.again && (
          <button
            type="button"
            class="primary"
            autofocus
            aria-disabled={waiting}
            onClick={() => !waiting && void visit.join()}
          >
            {waiting ? `Try again in ${left.value} s` : "Try again"}
          </button>
        )}
      </div>
    </Dialog>
  );
}
