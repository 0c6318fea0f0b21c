// How each kind of entry is written as a plain list and the bytes of its body, and read back.
import type { Codec, PlainValue } from "@heliograph/codec";
import type { Entry, OpeningEntry, Said } from "@heliograph/core";
import type { Body } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseSessionId } from "@heliograph/protocol";
import { readCopy, writeCopy } from "./copy-bytes.ts";
import { Fields } from "./fields.ts";
import {
  actionFields,
  codecNames,
  epochFields,
  pinFields,
  profileFields,
  readAction,
  readEpoch,
  readPin,
  readProfile,
  readSettingsChange,
  roles,
  settingsChangeObject,
} from "./vocabulary.ts";

export interface WrittenEntry {
  readonly head: PlainValue;
  readonly body: Uint8Array | undefined;
}

/** The word that stands for an entry nobody could read: no version will ever give it a meaning. */
export const unreadableKind = "unreadable";

export function writeEntry(codec: Codec, entry: Entry): WrittenEntry {
  switch (entry.kind) {
    case "signal":
      return { head: [...saidFields(entry), entry.body.codec, entry.to], body: entry.body.bytes };
    case "broadcast":
      return { head: [...saidFields(entry), entry.body.codec], body: entry.body.bytes };
    case "data":
      return {
        head: [...saidFields(entry), entry.value?.codec ?? null, entry.key, entry.ifVersion ?? null, entry.owned],
        body: entry.value?.bytes,
      };
    case "leave":
      return { head: [...saidFields(entry), ...(entry.lost === true ? [true] : [])], body: undefined };
    case "letter":
      return {
        head: [entry.kind, entry.by, entry.count, entry.body.codec, entry.sender ?? null],
        body: entry.body.bytes,
      };
    case "profile":
      return { head: [...saidFields(entry), profileFields(entry.profile)], body: entry.profile.own?.bytes };
    case "settings":
      return { head: [...saidFields(entry), settingsChangeObject(entry.change)], body: undefined };
    case "moderate":
      return { head: [...saidFields(entry), actionFields(entry.action)], body: undefined };
    case "join":
      return { head: joinFields(entry), body: entry.profile.own?.bytes };
    case "away":
    case "left":
      return { head: [entry.kind, entry.member, epochFields(entry.epoch)], body: undefined };
    case "back":
      return { head: [entry.kind, entry.member, epochFields(entry.epoch), entry.session], body: undefined };
    case "keep":
      return { head: [entry.kind, entry.by], body: undefined };
    case "adopt":
      return { head: [entry.kind, entry.by], body: writeCopy(codec, entry.copy) };
    case "upgrade":
      return { head: [entry.kind, entry.rules], body: undefined };
    default:
      return entry satisfies never;
  }
}

function saidFields(entry: Said & { readonly kind: string }): readonly PlainValue[] {
  return [entry.kind, entry.from, epochFields(entry.epoch), entry.n];
}

function joinFields(entry: Extract<Entry, { kind: "join" }>): PlainValue {
  return [
    entry.kind,
    entry.from,
    epochFields(entry.epoch),
    entry.session,
    profileFields(entry.profile),
    entry.grace,
    entry.marks,
    entry.proof ?? null,
    entry.role ?? null,
    entry.exempt ?? false,
    entry.fresh ?? false,
    openingFields(entry.opening),
    entry.exactPin ?? false,
  ];
}

function openingFields(opening: OpeningEntry | undefined): PlainValue {
  return opening === undefined ? null : [pinFields(opening.pin ?? null), opening.linger ?? null];
}

/** `null`: there is none, as with all joins of an earlier build; undefined: unreadable. */
function readOpening(value: PlainValue | undefined): OpeningEntry | null | undefined {
  if (value === null || value === undefined) return null;
  const fields = new Fields(value);
  const pin = readPin(fields.next());
  const linger = fields.next();
  // A number that is none of milliseconds is refused by the rules, or of no account: earlier builds do not even look.
  if (!fields.sound || pin === undefined || (linger !== null && typeof linger !== "number")) return undefined;
  return { ...(pin === null ? {} : { pin }), ...(linger === null ? {} : { linger }) };
}

/**
 * An entry of a kind that this version does not know comes as `{kind}` alone: the room counts it, and its place is
 * kept. So does one of a known kind that is broken, as `unreadable`: every host skips it alike.
 */
export function readEntry(codec: Codec, head: PlainValue, body: Uint8Array): Entry {
  const fields = new Fields(head);
  const kind = fields.text();
  return (fields.sound ? readKnown(codec, kind, fields, body) : undefined) ?? strange(unreadableKind);
}

/** Undefined: of a known kind, and broken. */
function readKnown(codec: Codec, kind: string, fields: Fields, body: Uint8Array): Entry | undefined {
  switch (kind) {
    case "signal":
    case "broadcast":
    case "data":
    case "leave":
    case "profile":
    case "settings":
    case "moderate":
      return readSaid(kind, fields, body);
    case "join":
      return readJoin(fields, body);
    case "away":
    case "left": {
      const member = fields.by(parseMemberId);
      const epoch = readEpoch(fields.next());
      return member === undefined || epoch === undefined ? undefined : { kind, member, epoch };
    }
    case "back": {
      const member = fields.by(parseMemberId);
      const epoch = readEpoch(fields.next());
      const session = fields.by(parseSessionId);
      if (member === undefined || epoch === undefined || session === undefined) return undefined;
      return { kind, member, epoch, session };
    }
    case "letter":
      return readLetter(fields, body);
    case "keep": {
      const by = fields.by(parseNodeId);
      return by === undefined ? undefined : { kind, by };
    }
    case "adopt": {
      const by = fields.by(parseNodeId);
      const copy = readCopy(codec, body);
      return by === undefined || copy === undefined ? undefined : { kind, by, copy };
    }
    case "upgrade": {
      const rules = fields.count();
      return fields.sound ? { kind, rules } : undefined;
    }
    default:
      // The word goes into counts and logs: nobody may make it long.
      return strange(kind.slice(0, 32));
  }
}

function readSaid(
  kind: "signal" | "broadcast" | "data" | "leave" | "profile" | "settings" | "moderate",
  fields: Fields,
  bytes: Uint8Array,
): Entry | undefined {
  const from = fields.by(parseMemberId);
  const epoch = readEpoch(fields.next());
  const n = fields.count();
  if (!fields.sound || from === undefined || epoch === undefined) return undefined;
  const said = { from, epoch, n };
  switch (kind) {
    case "leave":
      return { kind, ...said, ...(fields.next() === true ? { lost: true as const } : {}) };
    case "broadcast": {
      const body = readBody(fields.next(), bytes);
      return body === undefined ? undefined : { kind, ...said, body };
    }
    case "signal": {
      const body = readBody(fields.next(), bytes);
      const to = fields.by(parseMemberId);
      return body === undefined || to === undefined ? undefined : { kind, ...said, to, body };
    }
    case "data":
      return readData(said, fields, bytes);
    case "profile": {
      const profile = readProfile(fields.next(), (length) => bytes.subarray(0, length));
      return profile === undefined ? undefined : { kind, ...said, profile };
    }
    case "settings": {
      const change = readSettingsChange(fields.object());
      return change === undefined || !fields.sound ? undefined : { kind, ...said, change };
    }
    case "moderate": {
      const action = readAction(fields.next());
      return action === undefined ? undefined : { kind, ...said, action };
    }
    default:
      return kind satisfies never;
  }
}

function readLetter(fields: Fields, bytes: Uint8Array): Entry | undefined {
  const by = fields.by(parseNodeId);
  const count = fields.count();
  const body = readBody(fields.next(), bytes);
  const raw = fields.next();
  const sender = raw === null ? undefined : parseSessionId(raw);
  if (!fields.sound || by === undefined || body === undefined || sender?.ok === false) return undefined;
  return { kind: "letter", by, count, ...(sender === undefined ? {} : { sender: sender.value }), body };
}

function readData(said: Said, fields: Fields, bytes: Uint8Array): Entry | undefined {
  const codec = fields.next();
  const value = codec === null ? undefined : readBody(codec, bytes);
  const key = fields.text();
  const ifVersion = fields.next();
  const owned = fields.flag();
  if (!fields.sound || (codec !== null && value === undefined)) return undefined;
  if (ifVersion !== null && (typeof ifVersion !== "number" || !Number.isSafeInteger(ifVersion))) return undefined;
  return {
    kind: "data",
    ...said,
    key,
    ...(value === undefined ? {} : { value }),
    ...(ifVersion === null ? {} : { ifVersion }),
    owned,
  };
}

function readBody(codec: PlainValue | undefined, bytes: Uint8Array): Body | undefined {
  const name = codecNames.find((each) => each === codec);
  return name === undefined ? undefined : { codec: name, bytes };
}

function readJoin(fields: Fields, bytes: Uint8Array): Entry | undefined {
  const from = fields.by(parseMemberId);
  const epoch = readEpoch(fields.next());
  const session = fields.by(parseSessionId);
  const profile = readProfile(fields.next(), (length) => bytes.subarray(0, length));
  const grace = fields.count();
  const marks = fields.texts();
  const proof = fields.next();
  const role = fields.next();
  const exempt = fields.flag();
  const fresh = fields.flag();
  const opening = readOpening(fields.next());
  // An earlier build does not say.
  const exactPin = fields.next() === true;
  if (!fields.sound || from === undefined || epoch === undefined) return undefined;
  if (session === undefined || profile === undefined || opening === undefined) return undefined;
  const asked = role === null ? undefined : roles.find((each) => each === role);
  if ((proof !== null && typeof proof !== "string") || (role !== null && asked === undefined)) return undefined;
  return {
    kind: "join",
    from,
    epoch,
    session,
    profile,
    grace,
    marks,
    ...(proof === null ? {} : { proof }),
    ...(asked === undefined ? {} : { role: asked }),
    ...(exempt ? { exempt } : {}),
    ...(fresh ? { fresh } : {}),
    ...(opening === null ? {} : { opening }),
    ...(exactPin ? { exactPin } : {}),
  };
}

/** The door for what core's union does not name: its rules skip and count every kind they do not know. */
function strange(kind: string): Entry {
  return { kind } as unknown as Entry;
}
