// A room of the fake cluster: its log, who is in it, and how it looks.
import type { ServerFrame, WireMember, WireView } from "@heliograph/protocol/schema";

export type Frames = (reader: string) => readonly ServerFrame[];

export interface Seat {
  member: WireMember;
  attempt: number;
  mark: number;
  readonly applied: Set<number>;
  readonly joinedAt: number;
}

export interface FakeRoom {
  seq: number;
  /** Everything up to here has aged out. */
  trimmed: number;
  readonly log: { readonly seq: number; readonly frames: Frames }[];
  readonly seats: Map<string, Seat>;
  readonly data: Map<string, { version: number; value: unknown; owner?: string }>;
  settings: WireView["settings"];
}

export function emptyRoom(): FakeRoom {
  const settings = { capacity: 0, pin: false, locked: false, roomType: "adhoc", presence: "full" } as const;
  return { seq: 0, trimmed: 0, log: [], seats: new Map(), data: new Map(), settings };
}

export function viewOf(room: FakeRoom): WireView {
  return {
    settings: room.settings,
    members: [...room.seats.values()].map(({ member }) => member),
    count: room.seats.size,
    data: [...room.data].map(([key, { version, value, owner }]) => ({
      key,
      version,
      value,
      ...(owner === undefined ? {} : { owner }),
    })),
  };
}
