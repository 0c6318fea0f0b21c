// Identities: distinct types that cannot be swapped, and the only doors by which a string becomes one.
import type { Outcome } from "./outcome.ts";
import { accepted, refused } from "./outcome.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A tenant. Lower-case letters, digits and hyphens, 1 to 32 characters. `default` exists always. */
export type Realm = Branded<"Realm">;
/** The name of a room inside its realm: 1 to 256 bytes of UTF-8 without control characters. */
export type RoomName = Branded<"RoomName">;
/** A room of the cluster: realm and name, unambiguous since a realm holds no colon. */
export type RoomKey = Branded<"RoomKey">;
/** One running edge process; new at every start and after every lapse of its beat. 22 characters of base64url. */
export type NodeId = Branded<"NodeId">;
/** A client's identity across connections: 128 random bits, 22 characters of base64url. */
export type SessionId = Branded<"SessionId">;
/** Someone in a room. Native: the session id. 1 to 128 characters. */
export type MemberId = Branded<"MemberId">;
/** Where a session's picture lies: 20 characters of base64url from which nobody can tell whose it is. */
export type PictureId = Branded<"PictureId">;

const base64url128 = /^[\w-]{22}$/;
const base64url120 = /^[\w-]{20}$/;
const realmShape = /^[a-z0-9-]{1,32}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point.
const controls = /[\u0000-\u001f\u007f]/;

export const nameBytes = 256;

export function parseRealm(raw: unknown): Outcome<Realm> {
  if (typeof raw !== "string" || !realmShape.test(raw)) return refused("malformed", "realm");
  return accepted(raw as Realm);
}

export function parseRoomName(raw: unknown): Outcome<RoomName> {
  if (typeof raw !== "string" || raw.length === 0 || controls.test(raw) || !raw.isWellFormed()) {
    return refused("malformed", "room");
  }
  // A character is at most three bytes per UTF-16 unit, so short names need no counting.
  if (raw.length * 3 > nameBytes && utf8Length(raw) > nameBytes) return refused("too_large", "room");
  return accepted(raw as RoomName);
}

/** What no name of a client begins with: control characters are refused at every door. */
const personalMark = "\u0001";

/** The personal channel of a session: a room of one. Two sessions never share one, and no parsed name is one. */
export function personalRoom(session: SessionId): RoomName {
  return `${personalMark}${session}` as RoomName;
}

/** Whose personal channel the room is; undefined: nobody's. */
export function ownerOf(room: RoomName): SessionId | undefined {
  if (!room.startsWith(personalMark)) return undefined;
  const owner = parseSessionId(room.slice(personalMark.length));
  return owner.ok ? owner.value : undefined;
}

/** As nodes write names for each other, and for later: personal channels too. Never for what a client said. */
export function parseKnownRoomName(raw: unknown): Outcome<RoomName> {
  if (typeof raw === "string" && raw.startsWith(personalMark)) {
    const owner = parseSessionId(raw.slice(personalMark.length));
    return owner.ok ? accepted(personalRoom(owner.value)) : refused("malformed", "room");
  }
  return parseRoomName(raw);
}

export function parseSessionId(raw: unknown): Outcome<SessionId> {
  if (typeof raw !== "string" || !base64url128.test(raw)) return refused("malformed", "session");
  return accepted(raw as SessionId);
}

export function parseNodeId(raw: unknown): Outcome<NodeId> {
  if (typeof raw !== "string" || !base64url128.test(raw)) return refused("malformed", "node");
  return accepted(raw as NodeId);
}

export function parsePictureId(raw: unknown): Outcome<PictureId> {
  if (typeof raw !== "string" || !base64url120.test(raw)) return refused("malformed", "picture");
  return accepted(raw as PictureId);
}

export function parseMemberId(raw: unknown): Outcome<MemberId> {
  if (typeof raw !== "string" || raw.length === 0 || controls.test(raw) || !raw.isWellFormed()) {
    return refused("malformed", "member");
  }
  if (raw.length > 128) return refused("too_large", "member");
  return accepted(raw as MemberId);
}

export function roomKey(realm: Realm, room: RoomName): RoomKey {
  return `${realm}:${room}` as RoomKey;
}

/** Splits a key made by `roomKey`. */
export function roomOf(key: RoomKey): { readonly realm: Realm; readonly name: RoomName } {
  const colon = key.indexOf(":");
  return { realm: key.slice(0, colon) as Realm, name: key.slice(colon + 1) as RoomName };
}

/** In the native protocol a member is known by its session's public id. */
export function memberOfSession(session: SessionId): MemberId {
  return session as string as MemberId;
}

/** Bytes of a well-formed string in UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 2;
      i += 1;
    } else bytes += 2;
  }
  return bytes;
}
