// How the small parts of entries are written as plain lists, and read back.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { PinVerifier, SettingsEntryChange } from "@heliograph/core";
import type {
  Body,
  CodecName,
  Epoch,
  ModerateAction,
  Position,
  PresenceMode,
  Profile,
  Role,
  RoomType,
} from "@heliograph/protocol";
import { parseMemberId, parseNodeId } from "@heliograph/protocol";
import { Fields } from "./fields.ts";

export const codecNames: readonly CodecName[] = ["json", "msgpack"];
export const roles: readonly Role[] = ["moderator", "participant", "viewer"];
export const roomTypes: readonly RoomType[] = ["adhoc", "standing"];
export const presenceModes: readonly PresenceMode[] = ["full", "count", "none"];
const media = ["audio", "video", "all"] as const;
const actions = ["remove", "ban", "unban", "mute", "role"] as const;

export function epochFields({ attempt, bump, node }: Epoch): PlainValue {
  return [attempt, bump, node];
}

export function readEpoch(value: PlainValue | undefined): Epoch | undefined {
  const fields = new Fields(value);
  const [attempt, bump, node] = [fields.count(), fields.count(), fields.by(parseNodeId)];
  return fields.sound && node !== undefined ? { attempt, bump, node } : undefined;
}

export function positionFields({ seq, index, time }: Position): PlainValue {
  return [seq, index, time];
}

export function readPosition(value: PlainValue | undefined): Position | undefined {
  const fields = new Fields(value);
  const position = { seq: fields.count(), index: fields.count(), time: fields.count() };
  return fields.sound ? position : undefined;
}

/** The bytes of `own` stand elsewhere: only their codec and number are here. */
export function profileFields({ name, status, picture, own }: Profile): PlainValue {
  const fields = [name ?? null, status ?? null, picture ?? null];
  return own === undefined ? fields : [...fields, own.codec, own.bytes.length];
}

/** `bytesOf` gives the next so many bytes of where those of `own` stand. */
export function readProfile(
  value: PlainValue | undefined,
  bytesOf: (length: number) => Uint8Array,
): Profile | undefined {
  const fields = new Fields(value);
  const [name, status, picture] = [fields.next(), fields.next(), fields.next()];
  if (!fields.sound || !isTextOrNothing(name) || !isTextOrNothing(status) || !isTextOrNothing(picture))
    return undefined;
  const own = readOwn(fields, bytesOf);
  if (own === undefined) return undefined;
  return {
    ...(own === null ? {} : { own }),
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof status === "string" ? { status } : {}),
    ...(typeof picture === "string" ? { picture } : {}),
  };
}

/** `null`: there is none, as with all members of an earlier build; undefined: unreadable. */
function readOwn(fields: Fields, bytesOf: (length: number) => Uint8Array): Body | null | undefined {
  const word = fields.next();
  if (word === undefined) return null;
  const codec = codecNames.find((each) => each === word);
  const length = fields.count();
  if (!fields.sound || codec === undefined) return undefined;
  const bytes = bytesOf(length);
  return bytes.length === length ? { codec, bytes } : undefined;
}

function isTextOrNothing(value: PlainValue | undefined): value is string | null | undefined {
  return typeof value === "string" || value === null || value === undefined;
}

export function pinFields(pin: PinVerifier | null): PlainValue {
  return pin === null ? null : [pin.salt, pin.proof];
}

/** `null`: no PIN; undefined: unreadable. */
export function readPin(value: PlainValue | undefined): PinVerifier | null | undefined {
  if (value === null) return null;
  const fields = new Fields(value);
  const pin = { salt: fields.text(), proof: fields.text() };
  return fields.sound ? pin : undefined;
}

/** By name, since most of it is absent most of the time. */
export function settingsChangeObject(change: SettingsEntryChange): PlainValue {
  const { capacity, pin, locked, type, presence, linger } = change;
  return {
    ...(linger === undefined ? {} : { linger }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(pin === undefined ? {} : { pin: pinFields(pin) }),
    ...(locked === undefined ? {} : { locked }),
    ...(type === undefined ? {} : { type }),
    ...(presence === undefined ? {} : { presence }),
  };
}

export function readSettingsChange(object: PlainObject): SettingsEntryChange | undefined {
  const { capacity, pin, locked, type, presence, linger } = object;
  // One list of what is there, so that each is judged by the same reader.
  const fields = new Fields([capacity ?? 0, locked ?? false, type ?? "adhoc", presence ?? "full"]);
  const read = {
    capacity: fields.count(),
    locked: fields.flag(),
    type: fields.oneOf(roomTypes),
    presence: fields.oneOf(presenceModes),
  };
  const verifier = pin === undefined ? null : readPin(pin);
  if (!fields.sound || verifier === undefined || read.type === undefined || read.presence === undefined) {
    return undefined;
  }
  return {
    ...(capacity === undefined ? {} : { capacity: read.capacity }),
    ...(pin === undefined ? {} : { pin: verifier }),
    ...(locked === undefined ? {} : { locked: read.locked }),
    ...(type === undefined ? {} : { type: read.type }),
    ...(presence === undefined ? {} : { presence: read.presence }),
    // Whatever number it is: the rules judge it, and earlier builds do not even look.
    ...(typeof linger === "number" ? { linger } : {}),
  };
}

export function actionFields(action: ModerateAction): PlainValue {
  switch (action.action) {
    case "remove":
    case "ban":
    case "unban":
      return [action.action, action.member];
    case "mute":
      return [action.action, action.member, action.media];
    case "role":
      return [action.action, action.member, action.role];
    default:
      return action satisfies never;
  }
}

export function readAction(value: PlainValue | undefined): ModerateAction | undefined {
  const fields = new Fields(value);
  const action = fields.oneOf(actions);
  const member = fields.by(parseMemberId);
  if (action === undefined || member === undefined) return undefined;
  switch (action) {
    case "remove":
    case "ban":
    case "unban":
      return { action, member };
    case "mute": {
      const which = fields.oneOf(media);
      return which === undefined ? undefined : { action, member, media: which };
    }
    case "role": {
      const role = fields.oneOf(roles);
      return role === undefined ? undefined : { action, member, role };
    }
    default:
      return action satisfies never;
  }
}
