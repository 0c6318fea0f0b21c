// Setting and removing the values that a room's members share.
import type { DataCopy } from "./copy.ts";
import type { DataChange } from "./effect.ts";
import type { SaidEntry } from "./entry.ts";
import type { Member } from "./member.ts";
import type { Refusal } from "./refusal.ts";
import { refusal } from "./refusal.ts";
import { dataCaps, SharedData } from "./shared-data.ts";
import type { RoomState } from "./state.ts";

type DataEntry = Extract<SaidEntry, { readonly kind: "data" }>;

export function whyNotShare(state: RoomState, sender: Member, entry: DataEntry): Refusal | undefined {
  const present = state.data?.get(entry.key);
  const owner = present?.owner;
  if (owner !== undefined && owner !== sender.id && sender.role !== "moderator") return refusal("forbidden", "owner");
  const version = present?.version ?? 0;
  if (entry.ifVersion !== undefined && entry.ifVersion !== version) return refusal("conflict", `version ${version}`);
  if (entry.value === undefined) return undefined;
  const bytes = entry.value.bytes.length;
  if (bytes > dataCaps.valueBytes) return refusal("too_large", "value");
  const all = (state.data?.bytes ?? 0) - (present?.value.bytes.length ?? 0) + bytes;
  if (all > dataCaps.roomBytes) return refusal("too_large", "all values");
  const isOneMore = present === undefined && (state.data?.size ?? 0) >= dataCaps.keys;
  return isOneMore ? refusal("too_large", "keys") : undefined;
}

export function share(state: RoomState, sender: Member, entry: DataEntry): DataChange {
  state.versions += 1;
  const { key, value } = entry;
  const version = state.versions;
  if (value === undefined) {
    state.data?.remove(key);
    return { key, version };
  }
  // The entry's bytes may lie in a buffer of the wire.
  const kept = { codec: value.codec, bytes: new Uint8Array(value.bytes) };
  const datum: DataCopy = { key, version, value: kept, ...(entry.owned ? { owner: sender.id } : {}) };
  state.data ??= new SharedData();
  state.data.set(datum);
  return datum;
}
