// Every key of the call, and the switch that turns them off.
import type { VNode } from "preact";
import { shortcuts } from "../shortcuts.ts";
import { Dialog } from "./dialog.tsx";
import { ShortcutSwitch } from "./settings-dialog.tsx";

export function HelpDialog({ onClose }: { readonly onClose: () => void }): VNode {
  return (
    <Dialog title="Keys and shortcuts" onClose={onClose}>
      <dl class="keys">
        {shortcuts.map(({ key, says }) => (
          <div key={key}>
            <dt>
              <kbd>{key === "Escape" ? "Esc" : key.toUpperCase()}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p class="soft">
        Keys rest while you type in a field or a dialog is open. Tab walks through everything on the page.
      </p>
      <ShortcutSwitch />
    </Dialog>
  );
}
