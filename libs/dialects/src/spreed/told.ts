// What the server tells clients of Spreed WebRTC: each document of section 2 as the value of `Data`.
import type { IceGrant } from "@heliograph/protocol";
import type { ChatMessage } from "./chat.ts";
import type { SpreedErrorCode } from "./error-code.ts";
import type { SpreedTurn } from "./ice.ts";
import { writeStun, writeTurn } from "./ice.ts";
import type { Own } from "./own.ts";
import type { SpreedRoomType } from "./room-type.ts";
import type { Credentials, Relayed } from "./said.ts";

export type SelfDocument = {
  readonly Type: "Self";
  readonly Id: string;
  readonly Sid: string;
  /** Empty: not logged in, as is `Suserid`. */
  readonly Userid: string;
  readonly Suserid: string;
  readonly Token: string;
  readonly Version: string;
  readonly ApiVersion: 1.4;
  readonly Turn: SpreedTurn;
  readonly Stun: readonly string[];
};

/** `""`: an entry of `Sessions`. */
export type SessionEntry = {
  readonly Type: "Online" | "";
  readonly Id: string;
  readonly Userid?: string;
  readonly Ua?: string;
  readonly Status?: unknown;
  readonly Rev?: number;
  readonly Prio: 100;
};

/** `Type` is the room's, so in a conference room this reads as a Conference: a quirk that its clients expect (Q7). */
export type RoomDocument = {
  readonly Type: SpreedRoomType;
  readonly Name: string;
  /** In clear, for members that speak this dialect; null: the room has no PIN. */
  readonly Credentials: Credentials | null;
};

export type WelcomeDocument = {
  readonly Type: "Welcome";
  readonly Room: RoomDocument;
  readonly Users: readonly SessionEntry[];
};

export type UsersDocument = { readonly Type: "Users"; readonly Users: readonly SessionEntry[] };

export type JoinedDocument = {
  readonly Type: "Joined";
  readonly Id: string;
  readonly Userid?: string;
  readonly Ua?: string;
  readonly Prio: 100;
  readonly Status?: unknown;
};

export type LeftDocument = { readonly Type: "Left"; readonly Id: string; readonly Status: "soft" | "hard" };

export type StatusDocument = {
  readonly Type: "Status";
  readonly Id: string;
  readonly Userid?: string;
  readonly Rev?: number;
  readonly Prio: 100;
  readonly Status?: unknown;
};

export type RelayedDocument =
  | { readonly To: string; readonly Type: "Offer"; readonly Offer: unknown }
  | { readonly To: string; readonly Type: "Answer"; readonly Answer: unknown }
  | { readonly To: string; readonly Type: "Candidate"; readonly Candidate: unknown }
  | { readonly To: string; readonly Type: "Bye"; readonly Bye: unknown };

/** `To` is empty in a room's chat. */
export type ChatDocument = { readonly To: string; readonly Type: "Chat"; readonly Chat: ChatMessage };

export type ConferenceDocument = {
  readonly Id: string;
  readonly Type: "Conference";
  readonly Conference: readonly string[];
};

export type SessionsDocument = {
  readonly Type: "Sessions";
  readonly Sessions: { readonly Token: string; readonly Type: "session" | "contact" };
  readonly Users: readonly SessionEntry[];
};

export type AliveDocument = { readonly Type: "Alive"; readonly Alive: number };

export type ErrorDocument = { readonly Type: "Error"; readonly Code: SpreedErrorCode; readonly Message: string };

export type TurnUpdateDocument = { readonly Type: "TurnUpdate"; readonly Turn: SpreedTurn };

export type Told =
  | SelfDocument
  | WelcomeDocument
  | UsersDocument
  | JoinedDocument
  | LeftDocument
  | StatusDocument
  | RelayedDocument
  | ChatDocument
  | ConferenceDocument
  | RoomDocument
  | SessionsDocument
  | AliveDocument
  | ErrorDocument
  | TurnUpdateDocument;

export interface SelfFacts {
  readonly id: string;
  readonly sid: string;
  readonly userid: string;
  readonly suserid: string;
  readonly token: string;
  /** The same on all nodes behind one address: on a difference the web client asks its user to reload. */
  readonly version: string;
  readonly ice: IceGrant;
}

export function writeSelf({ id, sid, userid, suserid, token, version, ice }: SelfFacts): SelfDocument {
  return {
    Type: "Self",
    Id: id,
    Sid: sid,
    Userid: userid,
    Suserid: suserid,
    Token: token,
    Version: version,
    ApiVersion: 1.4,
    Turn: writeTurn(ice),
    Stun: writeStun(ice),
  };
}

/** In Welcome and Users; `""` in Sessions. */
export function writeEntry(id: string, own: Own, type: "Online" | "" = "Online"): SessionEntry {
  return { Type: type, Id: id, ...known(own), ...rev(own), Prio: 100 };
}

export function writeWelcome(room: RoomDocument, users: readonly SessionEntry[]): WelcomeDocument {
  return { Type: "Welcome", Room: room, Users: users };
}

export function writeUsers(users: readonly SessionEntry[]): UsersDocument {
  return { Type: "Users", Users: users };
}

export function writeRoom(type: SpreedRoomType, name: string, pin: string): RoomDocument {
  return { Type: type, Name: name, Credentials: pin === "" ? null : { PIN: pin } };
}

export function writeJoined(id: string, own: Own): JoinedDocument {
  return { Type: "Joined", Id: id, ...known(own), Prio: 100 };
}

export function writeLeft(id: string, status: "soft" | "hard"): LeftDocument {
  return { Type: "Left", Id: id, Status: status };
}

export function writeStatus(id: string, own: Own): StatusDocument {
  const { Userid, Status } = own;
  return {
    Type: "Status",
    Id: id,
    ...(Userid === "" ? {} : { Userid }),
    ...(Status === null ? {} : { Status }),
    ...rev(own),
    Prio: 100,
  };
}

/** The inner Type and To are ours, whatever the client wrote there (Q5). */
export function writeRelayed({ type, to, body }: Relayed): RelayedDocument {
  switch (type) {
    case "Offer":
      return { To: to, Type: type, Offer: body };
    case "Answer":
      return { To: to, Type: type, Answer: body };
    case "Candidate":
      return { To: to, Type: type, Candidate: body };
    case "Bye":
      return { To: to, Type: type, Bye: body };
    default:
      return type satisfies never;
  }
}

/** `to` empty: to the room. */
export function writeChat(to: string, chat: ChatMessage): ChatDocument {
  return { To: to, Type: "Chat", Chat: chat };
}

export function writeConference(id: string, members: readonly string[]): ConferenceDocument {
  return { Id: id, Type: "Conference", Conference: members };
}

export function writeSessions(
  kind: "session" | "contact",
  token: string,
  users: readonly SessionEntry[],
): SessionsDocument {
  return { Type: "Sessions", Sessions: { Token: token, Type: kind }, Users: users };
}

export function writeAlive(alive: number): AliveDocument {
  return { Type: "Alive", Alive: alive };
}

export function writeError(code: SpreedErrorCode, message: string): ErrorDocument {
  return { Type: "Error", Code: code, Message: message };
}

/** What is empty is not told. */
function known({ Userid, Ua, Status }: Own): {
  readonly Userid?: string;
  readonly Ua?: string;
  readonly Status?: unknown;
} {
  return {
    ...(Userid === "" ? {} : { Userid }),
    ...(Ua === "" ? {} : { Ua }),
    ...(Status === null ? {} : { Status }),
  };
}

function rev({ Rev }: Own): { readonly Rev?: number } {
  return Rev === 0 ? {} : { Rev };
}
