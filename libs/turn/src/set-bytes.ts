// A set as it stands in the shared memory: JSON that older and newer versions both read, and nothing else is taken for one.
import type { PlainObject, PlainValue } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec";
import type { IceSet, TurnZone } from "./ice-set.ts";
import { readIceUrls } from "./ice-url.ts";
import { isLogin } from "./login.ts";

/** A set with what its provider told beside it. */
export interface SharedSet {
  readonly set: IceSet;
  /** Milliseconds since 1970 at which the account at the service ends, where it says so. */
  readonly accountEndsAt?: number;
}

/** A service's answer has at most 64 KiB: what is larger was written by nobody of ours. */
const json = createJsonCodec({ maxBytes: 262_144, maxDepth: 8, maxKeys: 4_096 });

export function writeSet({ set, accountEndsAt }: SharedSet): Uint8Array {
  return json.encode({
    username: set.username,
    password: set.password,
    zones: set.zones.map(zoneFields),
    stun: set.stun,
    ...(set.geo === undefined ? {} : { geo: set.geo }),
    ...(set.session === undefined ? {} : { session: set.session }),
    ...(accountEndsAt === undefined ? {} : { accountEndsAt }),
  });
}

/**
 * Undefined: no set that a browser would take. Members that are not known are those of a newer version and are passed
 * over; so are URLs that are none here and optional members of another kind, as long as the rest serves.
 */
export function readSet(bytes: Uint8Array): SharedSet | undefined {
  const decoded = json.decode(bytes);
  const fields = decoded.ok ? objectOf(decoded.value) : undefined;
  if (fields === undefined) return undefined;
  const username = textOf(fields["username"]);
  const password = textOf(fields["password"]);
  if (username === undefined || password === undefined || !isLogin({ username, password })) return undefined;
  const zones = listOf(fields["zones"]).flatMap((zone) => readZone(zone) ?? []);
  if (zones.length === 0) return undefined;
  const geo = textOf(fields["geo"]);
  const session = textOf(fields["session"]);
  const accountEndsAt = fields["accountEndsAt"];
  return {
    set: {
      username,
      password,
      zones,
      stun: readIceUrls(listOf(fields["stun"])).stun,
      // Whether the host is one that the provider may speak for was asked by whoever fetched.
      ...(geo === undefined || !URL.canParse(geo) ? {} : { geo }),
      ...(session === undefined ? {} : { session }),
    },
    ...(typeof accountEndsAt === "number" ? { accountEndsAt } : {}),
  };
}

function zoneFields({ id, priority, label, labels, hidden, urls, regions }: TurnZone): PlainObject {
  return {
    id,
    priority,
    urls,
    ...(label === undefined ? {} : { label }),
    ...(labels === undefined ? {} : { labels }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(regions === undefined ? {} : { regions }),
  };
}

function readZone(value: PlainValue): TurnZone | undefined {
  const fields = objectOf(value);
  if (fields === undefined) return undefined;
  const id = textOf(fields["id"]);
  const priority = fields["priority"];
  const urls = readIceUrls(listOf(fields["urls"])).turn;
  if (id === undefined || typeof priority !== "number" || urls.length === 0) return undefined;
  const label = textOf(fields["label"]);
  const labels = objectOf(fields["labels"]);
  const { hidden, regions } = fields;
  return {
    id,
    priority,
    urls,
    ...(label === undefined ? {} : { label }),
    ...(labels === undefined ? {} : { labels: textsIn(labels) }),
    ...(typeof hidden === "boolean" ? { hidden } : {}),
    ...(regions === undefined ? {} : { regions: listOf(regions).flatMap((region) => textOf(region) ?? []) }),
  };
}

function textsIn(labels: PlainObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([language, text]) => (typeof text === "string" ? [[language, text]] : [])),
  );
}

/** Empty text is none: browsers throw on an empty login, and an empty id names nothing. */
function textOf(value: PlainValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  return isList(value) ? value : [];
}

function objectOf(value: PlainValue | undefined): PlainObject | undefined {
  return typeof value === "object" && value !== null && !isList(value) ? value : undefined;
}

/** Array.isArray does not narrow a union that holds a readonly array. */
function isList(value: PlainValue | undefined): value is readonly PlainValue[] {
  return Array.isArray(value);
}
