// Which key does what in a call, and when a key is meant for something else.

export const shortcuts = [
  { key: "m", does: "microphone", says: "Mute or unmute your microphone" },
  { key: "v", does: "camera", says: "Turn your camera on or off" },
  { key: "s", does: "screen", says: "Share your screen, or stop sharing it" },
  { key: "c", does: "chat", says: "Open or close the chat" },
  { key: "p", does: "people", says: "Show or hide who is here" },
  { key: "w", does: "wave", says: "Wave to everyone" },
  { key: "i", does: "invite", says: "Copy the room’s link" },
  { key: "d", does: "settings", says: "Devices and settings" },
  { key: "q", does: "leave", says: "Leave the call (asks first)" },
  { key: "?", does: "help", says: "Show this list" },
  { key: "Escape", does: "close", says: "Close the chat or the list of people" },
] as const;

export type Deed = (typeof shortcuts)[number]["does"];

export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
}

/** Where the focus was when the key went down. */
export interface Focus {
  /** In a field that takes text, or in a list that letters move through. */
  readonly typing: boolean;
  /** A dialog is open: the call behind it is not spoken to. */
  readonly dialog: boolean;
}

/** @returns what the person asked for; undefined: the key is not for the call */
export function deedOf(press: Press, focus: Focus, on: boolean): Deed | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat || press.isComposing || focus.dialog)
    return undefined;
  // Escape leaves the chat's own field too; it is no character, so it stays when single keys are turned off.
  if (press.key === "Escape") return "close";
  if (!on || focus.typing) return undefined;
  const key = press.key.toLowerCase();
  return shortcuts.find((shortcut) => shortcut.key === key)?.does;
}

export function focusOf(target: EventTarget | null, root: Document): Focus {
  const typing =
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=checkbox], [type=radio], [type=button]), textarea, select"));
  return { typing, dialog: root.querySelector("dialog[open]") !== null };
}
