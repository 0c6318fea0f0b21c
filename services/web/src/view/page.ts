// What every part of the page may use: the visit, and what plays and measures sound.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Meters } from "../meter.ts";
import type { Playback } from "../playback.ts";
import type { Visit } from "../visit.ts";

export interface Page {
  readonly visit: Visit;
  readonly meters: Meters;
  readonly playback: Playback;
  readonly origin: string;
  /** What the server's paths begin with. */
  readonly base: string;
}

const context = createContext<Page | undefined>(undefined);

export const PageProvider = context.Provider;

export function usePage(): Page {
  const page = useContext(context);
  if (page === undefined) throw new Error("A view was drawn outside the page.");
  return page;
}
