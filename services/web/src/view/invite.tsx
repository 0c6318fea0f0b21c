// The room's link, given to others: by the system's own way of sharing, or through the clipboard.
import type { VNode } from "preact";
import { roomLink } from "../room-link.ts";
import { Icon } from "./icons.tsx";
import type { Page } from "./page.ts";
import { usePage } from "./page.ts";

export async function copyLink(page: Page, room: string): Promise<void> {
  const { notices } = page.visit;
  const link = roomLink(page.origin, room, page.base);
  // No clipboard on pages that came over plain HTTP: then the link is shown, to be copied by hand.
  const clipboard: Clipboard | undefined = navigator.clipboard;
  try {
    if (clipboard === undefined) throw new DOMException("There is no clipboard here.", "NotAllowedError");
    await clipboard.writeText(link);
    notices.tell("Link copied");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    notices.ask(`The link of this room: ${link}`);
  }
}

export async function shareLink(page: Page, room: string): Promise<void> {
  const url = roomLink(page.origin, room, page.base);
  // The system's sheet is at home on phones and tablets; elsewhere people expect the clipboard.
  const sheet = navigator.share !== undefined && matchMedia("(pointer: coarse)").matches;
  if (!sheet) return copyLink(page, room);
  try {
    await navigator.share({ title: "Heliograph", text: `Join me in ${room}`, url });
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    if (error.name !== "AbortError") await copyLink(page, room);
  }
}

export function InviteButton({ room }: { readonly room: string }): VNode {
  const page = usePage();
  return (
    <button type="button" class="primary" onClick={() => void shareLink(page, room)}>
      <Icon name="link" /> Share the link
    </button>
  );
}
