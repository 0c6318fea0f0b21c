// Who may join what, as far as settings alone can tell (section 3.10), and which of our rooms a wish means.
import type { RoomName } from "@heliograph/protocol";
import type { SpreedErrorCode } from "./error-code.ts";
import { errorCodeOf } from "./error-code.ts";
import { roomKeyOf, roomNameOf } from "./room-name.ts";
import type { NamePattern, RoomTypes, SpreedRoomType } from "./room-type.ts";
import { roomTypeOf, typeOfName } from "./room-type.ts";
import type { RoomWish } from "./said.ts";

export interface RoomSettings {
  readonly defaultRoom: boolean;
  readonly caseSensitive: boolean;
  /** Accounts are asked for only where there are any. */
  readonly users: boolean;
  readonly authorizeJoin: boolean;
  readonly authorizeCreation: boolean;
  /** Over names as given; undefined: no room is public. */
  readonly publicRooms: NamePattern | undefined;
  readonly types: RoomTypes;
}

export type Admission =
  | {
      readonly ok: true;
      readonly room: RoomName;
      readonly type: SpreedRoomType;
      /** False: only while the room exists; else `room_join_requires_account`. */
      readonly mayOpen: boolean;
    }
  | { readonly ok: false; readonly code: SpreedErrorCode; readonly message: string };

/** @param wish as in Hello */
export function admit(
  settings: RoomSettings,
  wish: { readonly name: string; readonly roomType: string },
  authenticated: boolean,
): Admission {
  const { name, roomType } = wish;
  const type = roomTypeOf(settings.types, roomType, name);
  if (type === undefined) return refusal("bad_request", "There are rooms of type Room and Conference.");
  // An explicit other type does not open it either, as it would in the original.
  if (name === "" && !settings.defaultRoom) return refusal("default_room_disabled", "The default room is not enabled.");
  const barred = settings.users && !authenticated && settings.publicRooms?.test(name) !== true;
  if (settings.authorizeJoin && barred) return refusal("room_join_requires_account", "Joining takes an account.");
  const room = roomNameOf({ type, name }, settings.caseSensitive);
  if (!room.ok) return refusal(errorCodeOf(room.reason), "This cannot be the name of a room.");
  return { ok: true, room: room.value, type, mayOpen: !(settings.authorizeCreation && barred) };
}

/** Where a session is. */
export interface CurrentRoom {
  readonly type: SpreedRoomType;
  /** As its opener wrote it. */
  readonly name: string;
}

/** Whether a Room document means the room the session is in; otherwise `not_in_room`. */
export function meansRoom(settings: RoomSettings, wish: RoomWish, current: CurrentRoom): boolean {
  const type = wish.roomType === "" ? typeOfName(settings.types, wish.name) : wish.roomType;
  const key = (name: string) => roomKeyOf(name, settings.caseSensitive);
  return type === current.type && key(wish.name) === key(current.name);
}

function refusal(code: SpreedErrorCode, message: string): Admission {
  return { ok: false, code, message };
}
