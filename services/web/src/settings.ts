// What the page remembers of a person between visits: name, devices, codec, looks, relays.
import type { Signal } from "@preact/signals";
import { effect, signal } from "@preact/signals";

/** The part of the web's Storage that is used. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export const codecs = ["json", "msgpack"] as const;
export type CodecName = (typeof codecs)[number];
export const themes = ["auto", "light", "dark"] as const;
export type Theme = (typeof themes)[number];
const switches = ["on", "off"] as const;

/** In characters: a profile's name is at most 256 bytes of UTF-8, and a character takes at most four of them. */
export const longestName = 60;
/** As the wire has it. */
const longestZone = 64;

/** Each one a signal that writes itself down when it changes. */
export interface Settings {
  readonly name: Signal<string>;
  /** Device ids; empty: whatever the browser thinks best. */
  readonly camera: Signal<string>;
  readonly microphone: Signal<string>;
  readonly speaker: Signal<string>;
  readonly codec: Signal<CodecName>;
  readonly theme: Signal<Theme>;
  /** Keys without modifiers may collide with speech input and switch control: they can be turned off (WCAG 2.1.4). */
  readonly shortcuts: Signal<"on" | "off">;
  /** Whose relays are wished for; empty: whichever are best. */
  readonly zone: Signal<string>;
  /** What it was called when it was chosen: before a call nobody else can tell. */
  readonly zoneLabel: Signal<string>;
  /** Whether a service of the relays' provider may be asked which of them are near: it sees the page's address. */
  readonly geo: Signal<"on" | "off">;
  /** How the last call was entered, so that the next one and a reloaded page begin the same way. */
  readonly audio: Signal<"on" | "off">;
  readonly video: Signal<"on" | "off">;
}

/**
 * @param query the page's query string; `?codec=msgpack` wins over what was remembered
 */
export function rememberedSettings(shelf: Shelf, query: string): Settings {
  const settings: Settings = {
    name: text(shelf, "name", longestName),
    camera: text(shelf, "camera", 512),
    microphone: text(shelf, "microphone", 512),
    speaker: text(shelf, "speaker", 512),
    codec: choice(shelf, "codec", codecs, "json"),
    theme: choice(shelf, "theme", themes, "auto"),
    shortcuts: choice(shelf, "shortcuts", switches, "on"),
    zone: text(shelf, "zone", longestZone),
    zoneLabel: text(shelf, "zone-label", longestZone),
    geo: choice(shelf, "geo", switches, "on"),
    audio: choice(shelf, "audio", switches, "on"),
    video: choice(shelf, "video", switches, "on"),
  };
  const asked = oneOf(codecs, new URLSearchParams(query).get("codec"));
  if (asked !== undefined) settings.codec.value = asked;
  return settings;
}

function text(shelf: Shelf, key: string, longest: number): Signal<string> {
  return kept(shelf, key, (read(shelf, key) ?? "").slice(0, longest));
}

function choice<T extends string>(shelf: Shelf, key: string, options: readonly T[], usual: T): Signal<T> {
  return kept(shelf, key, oneOf(options, read(shelf, key)) ?? usual);
}

function oneOf<T extends string>(options: readonly T[], raw: string | null): T | undefined {
  return options.find((option) => option === raw);
}

function kept<T extends string>(shelf: Shelf, key: string, first: T): Signal<T> {
  const value = signal(first);
  let written = first;
  effect(() => {
    if (value.value === written) return;
    written = value.value;
    write(shelf, key, written);
  });
  return value;
}

const named = (key: string) => `heliograph.${key}`;

// A browser may refuse storage altogether (private windows, blocked cookies): then nothing is remembered, and that is all.
function read(shelf: Shelf, key: string): string | null {
  try {
    return shelf.getItem(named(key));
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

function write(shelf: Shelf, key: string, value: string): void {
  try {
    if (value === "") shelf.removeItem(named(key));
    else shelf.setItem(named(key), value);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
}
