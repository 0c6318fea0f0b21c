// A room's copy as fields of one hash and back: where it stands, its state, a field for each member and each value.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import type { CopyChanges, DataCopy, DepartedCopy, LettersCopy, MemberCopy, RoomCopy } from "@heliograph/core";
import { inOrderOfJoins, inOrderOfVersions } from "@heliograph/core";
import type { Body, Epoch, MemberId, Outcome, Position } from "@heliograph/protocol";
import { parseMemberId, parseNodeId, parseSessionId } from "@heliograph/protocol";
import {
  flagOf,
  listOf,
  numberOf,
  objectOf,
  oneOf,
  optional,
  read,
  readWithBody,
  textOf,
  Unreadable,
  write,
  writeWithBody,
} from "./values.ts";

/** Of the fields. A node that reads a later one says that it cannot, instead of taking half of it for the whole. */
const format = 1;
const memberPrefix = "m:";
const dataPrefix = "d:";

type Fields = (string | Buffer)[];
/** All of a copy that is written whole at each change. */
type State = Omit<RoomCopy, "at" | "members" | "data">;

/** Fields and values in turn. */
export function fieldsOf(copy: RoomCopy): Fields {
  return [...stateFields(copy), ...memberFields(copy.members), ...dataFields(copy.data)];
}

/** What changes set, as `fieldsOf`, and which fields go. */
export function fieldsOfChanges(changes: CopyChanges): { readonly set: Fields; readonly gone: readonly string[] } {
  const { members, membersGone, data, dataGone, ...state } = changes;
  return {
    set: [...stateFields(state), ...memberFields(members), ...dataFields(data)],
    gone: [...membersGone.map((id) => memberPrefix + id), ...dataGone.map((key) => dataPrefix + key)],
  };
}

/** Sequence, index and time as one word. */
export function placeOf({ seq, index, time }: Position): string {
  for (const part of [seq, index, time]) {
    if (!Number.isSafeInteger(part) || part < 0) throw new RangeError("a position is made of whole numbers");
  }
  return `${seq} ${index} ${time}`;
}

/** Inverse of `placeOf`, from what Redis answered. Throws `Unreadable`. */
export function positionAt(place: unknown): Position {
  return positionOf(String(place).split(" ").map(Number));
}

/** Inverse of `fieldsOf`; undefined: there is no copy. Throws `Unreadable`. */
export function copyOf(fields: readonly unknown[]): RoomCopy | undefined {
  if (fields.length === 0) return undefined;
  let at: Position | undefined;
  let state: State | undefined;
  const members: MemberCopy[] = [];
  const data: DataCopy[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const field = String(fields[i]);
    const value = fields[i + 1];
    if (field === "at") at = positionAt(value);
    else if (field === "state") state = stateOf(objectOf(read(value)));
    else if (field.startsWith(memberPrefix)) members.push(memberOf(field.slice(memberPrefix.length), read(value)));
    else if (field.startsWith(dataPrefix)) data.push(datumOf(field.slice(dataPrefix.length), value));
  }
  if (at === undefined || state === undefined) throw new Unreadable("half of a copy");
  return { at, ...state, members: inOrderOfJoins(members), data: inOrderOfVersions(data) };
}

function stateFields(copy: Omit<RoomCopy, "members" | "data">): Fields {
  const { adopted, settings, departed, effects, idle } = copy;
  const state = {
    format,
    rules: copy.rules,
    adopted: adopted === null ? null : { at: triple(adopted.at), reborn: adopted.reborn },
    settings: { ...settings, pin: settings.pin === null ? null : { ...settings.pin } },
    bans: copy.bans,
    departed: departed.map(({ id, epoch, mark, left }) => ({ id, epoch: { ...epoch }, mark: { ...mark }, left })),
    versions: copy.versions,
    ...(copy.emptied === undefined ? {} : { emptied: copy.emptied }),
    ...(copy.letters === undefined ? {} : { letters: copy.letters.map(({ by, count }) => [by, count]) }),
    effects: effects.map(triple),
    idle: idle.map(triple),
  };
  return ["at", placeOf(copy.at), "state", write(state)];
}

function memberFields(members: readonly MemberCopy[]): Fields {
  return members.flatMap(({ id, joined, epoch, mark, profile, ...plain }) => {
    const { own, ...shown } = profile;
    const value = {
      ...plain,
      joined: triple(joined),
      epoch: { ...epoch },
      mark: { ...mark },
      profile: { ...shown, ...(own === undefined ? {} : { own: { codec: own.codec, base64: base64Of(own.bytes) } }) },
    };
    return [memberPrefix + id, write(value)];
  });
}

function dataFields(data: readonly DataCopy[]): Fields {
  return data.flatMap(({ key, version, value, owner }) => {
    const head = { version, codec: value.codec, ...(owner === undefined ? {} : { owner }) };
    return [dataPrefix + key, writeWithBody(head, value.bytes)];
  });
}

function stateOf(state: PlainObject): State {
  if (state["format"] !== format) throw new Unreadable(`a copy of format ${String(state["format"])}`);
  const settings = objectOf(state["settings"]);
  return {
    rules: numberOf(state["rules"]),
    adopted: orNull(state["adopted"], (adopted) => ({
      at: positionOf(listOf(adopted["at"])),
      reborn: flagOf(adopted["reborn"]),
    })),
    settings: {
      capacity: numberOf(settings["capacity"]),
      pin: orNull(settings["pin"], (pin) => ({ salt: textOf(pin["salt"]), proof: textOf(pin["proof"]) })),
      locked: flagOf(settings["locked"]),
      type: oneOf(["adhoc", "standing"], settings["type"]),
      presence: oneOf(["full", "count", "none"], settings["presence"]),
      ...optional(settings, "linger", numberOf),
    },
    bans: listOf(state["bans"]).map(textOf),
    departed: listOf(state["departed"]).map(departedOf),
    versions: numberOf(state["versions"]),
    ...optional(state, "emptied", numberOf),
    ...optional(state, "letters", (letters) => listOf(letters).map(lettersOf)),
    effects: listOf(state["effects"]).map((place) => positionOf(listOf(place))),
    idle: listOf(state["idle"]).map((place) => positionOf(listOf(place))),
  };
}

function memberOf(id: string, value: PlainValue): MemberCopy {
  const member = objectOf(value);
  const profile = objectOf(member["profile"]);
  return {
    id: known(parseMemberId(id)),
    session: known(parseSessionId(member["session"])),
    profile: {
      ...optional(profile, "name", textOf),
      ...optional(profile, "status", textOf),
      ...optional(profile, "picture", textOf),
      ...optional(profile, "own", ownOf),
    },
    role: oneOf(["moderator", "participant", "viewer"], member["role"]),
    state: oneOf(["present", "away"], member["state"]),
    since: numberOf(member["since"]),
    grace: numberOf(member["grace"]),
    epoch: epochOf(member["epoch"]),
    mark: markOf(member["mark"]),
    joined: positionOf(listOf(member["joined"])),
    marks: listOf(member["marks"]).map(textOf),
  };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function ownOf(value: PlainValue): Body {
  const own = objectOf(value);
  const bytes = Uint8Array.from(Buffer.from(textOf(own["base64"]), "base64"));
  return { codec: oneOf(["json", "msgpack"], own["codec"]), bytes };
}

function departedOf(value: PlainValue): DepartedCopy {
  const departed = objectOf(value);
  return {
    id: known(parseMemberId(departed["id"])),
    epoch: epochOf(departed["epoch"]),
    mark: markOf(departed["mark"]),
    left: numberOf(departed["left"]),
  };
}

function lettersOf(value: PlainValue): LettersCopy {
  const [by, count] = listOf(value);
  return { by: known(parseNodeId(by)), count: numberOf(count) };
}

function datumOf(key: string, value: unknown): DataCopy {
  const { head, body } = readWithBody(value);
  return {
    key,
    version: numberOf(head["version"]),
    value: { codec: oneOf(["json", "msgpack"], head["codec"]), bytes: body },
    ...optional(head, "owner", (owner): MemberId => known(parseMemberId(owner))),
  };
}

function epochOf(value: PlainValue | undefined): Epoch {
  const epoch = objectOf(value);
  return {
    attempt: numberOf(epoch["attempt"]),
    bump: numberOf(epoch["bump"]),
    node: known(parseNodeId(epoch["node"])),
  };
}

function markOf(value: PlainValue | undefined): MemberCopy["mark"] {
  const mark = objectOf(value);
  return { n: numberOf(mark["n"]), low: numberOf(mark["low"]), high: numberOf(mark["high"]) };
}

/** Positions are most of a state: three numbers take a third of what their names would add. */
function triple({ seq, index, time }: Position): [number, number, number] {
  return [seq, index, time];
}

function positionOf([seq, index, time, ...more]: readonly PlainValue[]): Position {
  const position = { seq: numberOf(seq), index: numberOf(index), time: numberOf(time) };
  if (more.length > 0 || !Object.values(position).every(Number.isSafeInteger)) throw new Unreadable("no position");
  return position;
}

function orNull<T>(value: PlainValue | undefined, take: (object: PlainObject) => T): T | null {
  return value === null ? null : take(objectOf(value));
}

function known<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Unreadable(`an id is ${outcome.reason}`);
  return outcome.value;
}
