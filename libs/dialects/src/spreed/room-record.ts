// What Spreed readers must know of a room beyond its settings: the case of its name, and its PIN, sealed for their doors.
import { Fields } from "./fields.ts";
import { roomKeyOf } from "./room-name.ts";

/** The key of the shared value it is kept under. Any member may write there, so it is believed only where it can be true. */
export const roomRecordKey = "spreed.room";

export interface RoomRecord {
  /** As the room's opener wrote it. */
  readonly name: string;
  /** Opened by doors of this dialect alone; absent: no PIN that they know of. */
  readonly pin?: string;
}

export function writeRoomRecord({ name, pin }: RoomRecord): Readonly<Record<string, unknown>> {
  return { name, ...(pin === undefined ? {} : { pin }) };
}

/** @param name under which the reader itself knows the room: told where the record has a name of another room, or none */
export function readRoomRecord(value: unknown, name: string, caseSensitive: boolean): RoomRecord {
  const fields = Fields.of(value, "");
  const written = fields?.text("name") ?? "";
  const pin = fields?.text("pin") ?? "";
  const same = fields?.has("name") === true && roomKeyOf(written, caseSensitive) === roomKeyOf(name, caseSensitive);
  return { name: same ? written : name, ...(pin === "" ? {} : { pin }) };
}
