// Settings under which conversations are held, by what they are about; as environment variables without `HELIOGRAPH_`.
import { usersSecret } from "./rest.ts";

type Settings = Readonly<Record<string, string>>;

export const withUsers: Settings = {
  SPREED_USERS_ENABLED: "true",
  SPREED_USERS_SECRET: usersSecret,
  SPREED_LASTING_SECRETS: "6b".repeat(32),
};
/** A proxy in front has logged them in. */
export const withUsersByHeader: Settings = {
  SPREED_USERS_ENABLED: "true",
  SPREED_USERS_MODE: "httpheader",
  SPREED_USERS_HEADER: "x-spreed-user",
  SPREED_LASTING_SECRETS: "6b".repeat(32),
};
export const withRegistration: Settings = { ...withUsers, SPREED_USERS_ALLOW_REGISTRATION: "true" };
export const withoutContacts: Settings = { ...withUsers, SPREED_MODULES_CONTACTS: "false" };

const publicRooms = { SPREED_PUBLIC_ROOMS: "^public$" };
export const creatingTakesAccount: Settings = {
  ...withUsers,
  ...publicRooms,
  SPREED_AUTHORIZE_ROOM_CREATION: "true",
};
export const joiningTakesAccount: Settings = { ...withUsers, ...publicRooms, SPREED_AUTHORIZE_ROOM_JOIN: "true" };

export const withoutDefaultRoom: Settings = { SPREED_DEFAULT_ROOM_ENABLED: "false" };
export const withGlobalRoom: Settings = { SPREED_GLOBAL_ROOM: "hall" };
export const withStatistics: Settings = { SPREED_STATS: "true" };

export function accessCodes(file: string): Settings {
  return { SPREED_TOKEN_FILE: file };
}

/** What a reload changes to make `foo` a conference. */
export const conferencesByName = {
  settings: { SPREED_ROOM_TYPES_NAMES: JSON.stringify([{ name: "foo", type: "Conference" }]) },
  changed: ["spreed.roomTypes.names"],
} as const;

/** The sections of a configuration file, for edges as processes. */
export const processSettings = {
  spreed: { stats: true },
} as const;
