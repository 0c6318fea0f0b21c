// GET /config: what integrations look up about this server.
import type { HttpResponse } from "../../../socket/http.ts";
import { json } from "./answers.ts";

export interface ConfigPage {
  readonly title: string;
  /** What clients are told as the version; the same on every node. */
  readonly version: string;
  /** The door's path as clients see it; ends with a slash. */
  readonly basePath: string;
  /** Public; web clients mix it into the key to what they keep. */
  readonly serverToken: string;
  readonly stun: readonly string[];
  readonly turn: readonly string[];
  /** Whether codes are asked for at the entrance. */
  readonly accessCodes: boolean;
  /** Undefined: nobody logs in. */
  readonly usersMode: "sharedsecret" | "httpheader" | undefined;
  readonly registration: boolean;
  readonly defaultRoom: boolean;
  readonly authorizeRoomCreation: boolean;
  readonly authorizeRoomJoin: boolean;
  readonly caseSensitiveRooms: boolean;
  readonly lockedRoomJoinableWithPin: boolean;
  readonly renegotiation: boolean;
  readonly modules: readonly string[];
  readonly plugin: string;
}

export function configPage(page: ConfigPage): HttpResponse {
  return json(200, {
    Title: page.title,
    S: `static/ver=${page.version.replaceAll(".", "")}`,
    B: page.basePath,
    Token: page.serverToken,
    Renegotiation: page.renegotiation,
    StunURIs: page.stun,
    TurnURIs: page.turn,
    // The original shows a fixed login here to everybody. Ours are for sessions, in their Self.
    TurnUsername: "",
    TurnPassword: "",
    Tokens: page.accessCodes,
    Version: page.version,
    UsersEnabled: page.usersMode !== undefined,
    UsersAllowRegistration: page.registration,
    UsersMode: page.usersMode ?? "",
    DefaultRoomEnabled: page.defaultRoom,
    Plugin: page.plugin,
    AuthorizeRoomCreation: page.authorizeRoomCreation,
    AuthorizeRoomJoin: page.authorizeRoomJoin,
    Modules: page.modules,
    RoomNameCaseSensitive: page.caseSensitiveRooms,
    LockedRoomJoinableWithPIN: page.lockedRoomJoinableWithPin,
  });
}
