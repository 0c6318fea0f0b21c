// A room's whole state as bytes: in an `adopt` entry, and in what a host answers.
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Codec, PlainValue } from "@heliograph/codec";
import type {
  AdoptionCopy,
  DataCopy,
  DepartedCopy,
  LettersCopy,
  MarkCopy,
  MemberCopy,
  RoomCopy,
  SettingsCopy,
} from "@heliograph/core";
import { parseMemberId, parseNodeId, parseSessionId } from "@heliograph/protocol";
import { Fields } from "./fields.ts";
import {
  codecNames,
  epochFields,
  pinFields,
  positionFields,
  presenceModes,
  profileFields,
  readEpoch,
  readPin,
  readPosition,
  readProfile,
  roles,
  roomTypes,
} from "./vocabulary.ts";

/** Bytes above which a state is compressed: names and ids repeat, so that it becomes about a fifth (measured). */
const compressFrom = 16_384;
/** Bytes that a compressed state may grow to; nobody's room is larger. */
const mostInflated = 64 * 1024 * 1024;

const plainForm = 0;
const deflatedForm = 1;
const states = ["present", "away"] as const;

/** Form, length of the plain part, the plain part, and the bytes of shared values and of profiles one after the other. */
export function writeCopy(codec: Codec, copy: RoomCopy): Uint8Array {
  const head = codec.encode(copyFields(copy));
  const bodies = bodiesOf(copy);
  const content = new Uint8Array(4 + head.length + bodies.reduce((bytes, body) => bytes + body.length, 0));
  new DataView(content.buffer).setUint32(0, head.length);
  content.set(head, 4);
  let at = 4 + head.length;
  for (const body of bodies) {
    content.set(body, at);
    at += body.length;
  }
  const deflated = content.length < compressFrom ? undefined : deflateRawSync(content, { level: 1 });
  const body = deflated ?? content;
  const bytes = new Uint8Array(1 + body.length);
  bytes[0] = deflated === undefined ? plainForm : deflatedForm;
  bytes.set(body, 1);
  return bytes;
}

/** Earlier builds know of the values' alone, and look no further. */
function bodiesOf({ data, members }: RoomCopy): readonly Uint8Array[] {
  return [...data.map(({ value }) => value.bytes), ...members.flatMap(({ profile: { own } }) => own?.bytes ?? [])];
}

/** Undefined for anything but what `writeCopy` writes, or a later version of it. */
export function readCopy(codec: Codec, bytes: Uint8Array): RoomCopy | undefined {
  const content = contentOf(bytes);
  if (content === undefined || content.length < 4) return undefined;
  const headLength = new DataView(content.buffer, content.byteOffset, 4).getUint32(0);
  if (4 + headLength > content.length) return undefined;
  const head = codec.decode(content.subarray(4, 4 + headLength));
  if (!head.ok) return undefined;
  return readCopyFields(head.value, content.subarray(4 + headLength));
}

function contentOf(bytes: Uint8Array): Uint8Array | undefined {
  // States are kept: their values own their bytes.
  if (bytes[0] === plainForm) return bytes.slice(1);
  if (bytes[0] !== deflatedForm) return undefined;
  try {
    const content = inflateRawSync(bytes.subarray(1), { maxOutputLength: mostInflated });
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  } catch {
    // Corrupt, or too much: no state.
    return undefined;
  }
}

function copyFields(copy: RoomCopy): PlainValue {
  const { settings, adopted } = copy;
  return [
    positionFields(copy.at),
    copy.rules,
    adopted === null ? null : [positionFields(adopted.at), adopted.reborn],
    [
      settings.capacity,
      pinFields(settings.pin),
      settings.locked,
      settings.type,
      settings.presence,
      settings.linger ?? 0,
    ],
    copy.bans,
    copy.members.map(memberFields),
    copy.departed.map(({ id, epoch, mark, left }) => [id, epochFields(epoch), markFields(mark), left]),
    copy.data.map(({ key, version, value, owner }) => [key, version, value.codec, value.bytes.length, owner ?? null]),
    copy.versions,
    copy.effects.map(positionFields),
    copy.idle.map(positionFields),
    (copy.letters ?? []).map(({ by, count }) => [by, count]),
    copy.emptied ?? null,
  ];
}

function readCopyFields(value: PlainValue, bodies: Uint8Array): RoomCopy | undefined {
  const fields = new Fields(value);
  const at = readPosition(fields.next());
  const rules = fields.count();
  const adopted = readAdoption(fields.next());
  const settings = readSettings(fields.next());
  const bans = fields.texts();
  const memberList = fields.list();
  const departed = fields.each(readDeparted);
  const bytesOf = inTurn(bodies);
  const data = readData(fields, bytesOf);
  const members = memberList.map((value) => readMember(value, bytesOf)).filter((member) => member !== undefined);
  if (members.length < memberList.length) return undefined;
  const versions = fields.count();
  const effects = fields.each(readPosition);
  const idle = fields.each(readPosition);
  const letters = readLetters(fields.next());
  const emptied = fields.next() ?? null;
  if (emptied !== null && (typeof emptied !== "number" || !Number.isSafeInteger(emptied))) return undefined;
  if (!fields.sound || at === undefined || adopted === undefined || settings === undefined) return undefined;
  if (letters === undefined) return undefined;
  const copy = { at, rules, adopted, settings, bans, members, departed, data, versions, effects, idle };
  return {
    ...copy,
    ...(emptied === null ? {} : { emptied }),
    ...(letters.length === 0 ? {} : { letters }),
  };
}

/** An earlier build has written none. */
function readLetters(value: PlainValue | undefined): readonly LettersCopy[] | undefined {
  if (value === undefined) return [];
  const fields = new Fields([value]);
  const letters = fields.each((each) => {
    const last = new Fields(each);
    const [by, count] = [last.by(parseNodeId), last.count()];
    return last.sound && by !== undefined ? { by, count } : undefined;
  });
  return fields.sound ? letters : undefined;
}

function memberFields(member: MemberCopy): PlainValue {
  return [
    member.id,
    member.session,
    profileFields(member.profile),
    member.role,
    member.state,
    member.since,
    member.grace,
    epochFields(member.epoch),
    markFields(member.mark),
    positionFields(member.joined),
    member.marks,
  ];
}

function readMember(value: PlainValue, bytesOf: (length: number) => Uint8Array): MemberCopy | undefined {
  const fields = new Fields(value);
  const id = fields.by(parseMemberId);
  const session = fields.by(parseSessionId);
  const profile = readProfile(fields.next(), bytesOf);
  const role = fields.oneOf(roles);
  const state = fields.oneOf(states);
  const since = fields.count();
  const grace = fields.count();
  const epoch = readEpoch(fields.next());
  const mark = readMark(fields.next());
  const joined = readPosition(fields.next());
  const marks = fields.texts();
  if (!fields.sound || id === undefined || session === undefined || profile === undefined) return undefined;
  if (role === undefined || state === undefined || epoch === undefined || mark === undefined) return undefined;
  if (joined === undefined) return undefined;
  return { id, session, profile, role, state, since, grace, epoch, mark, joined, marks };
}

function readDeparted(value: PlainValue): DepartedCopy | undefined {
  const fields = new Fields(value);
  const id = fields.by(parseMemberId);
  const epoch = readEpoch(fields.next());
  const mark = readMark(fields.next());
  const left = fields.count();
  if (!fields.sound || id === undefined || epoch === undefined || mark === undefined) return undefined;
  return { id, epoch, mark, left };
}

/** Each call gives the bytes behind those of the last one. */
function inTurn(bodies: Uint8Array): (length: number) => Uint8Array {
  let at = 0;
  return (length) => {
    at += length;
    return bodies.subarray(at - length, at);
  };
}

function readData(fields: Fields, bytesOf: (length: number) => Uint8Array): readonly DataCopy[] {
  return fields.each((value) => {
    const datum = new Fields(value);
    const key = datum.text();
    const version = datum.count();
    const codec = datum.oneOf(codecNames);
    const length = datum.count();
    const owner = datum.next();
    const bytes = bytesOf(length);
    if (!datum.sound || codec === undefined || bytes.length !== length) return undefined;
    if (owner === null || owner === undefined) return { key, version, value: { codec, bytes } };
    const member = parseMemberId(owner);
    return member.ok ? { key, version, value: { codec, bytes }, owner: member.value } : undefined;
  });
}

function markFields({ n, low, high }: MarkCopy): PlainValue {
  return [n, low, high];
}

/** The bits of what was applied are 32-bit words and may be negative. */
function readMark(value: PlainValue | undefined): MarkCopy | undefined {
  const fields = new Fields(value);
  const n = fields.count();
  const [low, high] = [fields.next(), fields.next()];
  if (!fields.sound || typeof low !== "number" || typeof high !== "number") return undefined;
  return Number.isSafeInteger(low) && Number.isSafeInteger(high) ? { n, low, high } : undefined;
}

function readAdoption(value: PlainValue | undefined): AdoptionCopy | null | undefined {
  if (value === null) return null;
  const fields = new Fields(value);
  const at = readPosition(fields.next());
  const reborn = fields.flag();
  return fields.sound && at !== undefined ? { at, reborn } : undefined;
}

function readSettings(value: PlainValue | undefined): SettingsCopy | undefined {
  const fields = new Fields(value);
  const capacity = fields.count();
  const pin = readPin(fields.next());
  const locked = fields.flag();
  const type = fields.oneOf(roomTypes);
  const presence = fields.oneOf(presenceModes);
  const linger = fields.next() ?? 0;
  if (typeof linger !== "number" || !Number.isSafeInteger(linger) || linger < 0) return undefined;
  if (!fields.sound || pin === undefined || type === undefined || presence === undefined) return undefined;
  return { capacity, pin, locked, type, presence, ...(linger === 0 ? {} : { linger }) };
}
