// The shapes that frames of both directions are made of. A title makes a shape a definition of its own in the JSON Schema.
import type { TSchema } from "typebox";
import Type from "typebox";
import { nameBytes } from "../ids.ts";
import type { Reason } from "../refusal.ts";
import { reasons } from "../refusal.ts";

/**
 * Strings that reach the room's state must be the same after any encoding, or replicas would differ: half of a surrogate
 * pair survives JSON and does not survive UTF-8. Patterns are read with the `u` flag, so only lone halves match here.
 */
export const wellFormed = "^[^\\ud800-\\udfff]*$";
const wellFormedWithoutControls = "^[^\\u0000-\\u001f\\u007f\\ud800-\\udfff]*$";

/** The same object without one of its members is still the same frame: absent members are never written as null. */
export const optional = Type.Optional;

export function words<const Words extends readonly string[]>(list: Words, description: string, title?: string) {
  return Type.Unsafe<Words[number]>({
    type: "string",
    enum: [...list],
    description,
    ...(title === undefined ? {} : { title }),
  });
}

export function list<Item extends TSchema>(
  item: Item,
  description: string,
  bounds: { minItems?: number; maxItems?: number } = {},
) {
  return Type.Array(item, { description, ...bounds });
}

/** Text by keys that the schema does not name. */
function texts(description: string) {
  return Type.Unsafe<Record<string, string>>({ type: "object", additionalProperties: { type: "string" }, description });
}

export const Counter = Type.Integer({
  title: "Counter",
  description: "A client's counter: a whole number from 1 to 2^53-1.",
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
});

export const Count = Type.Integer({
  title: "Count",
  description: "A whole number from 0 to 2^53-1.",
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
});

export const Milliseconds = Type.Number({
  title: "Milliseconds",
  description: "A span of time in milliseconds.",
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
});

export const RoomName = Type.String({
  title: "RoomName",
  description: `The name of a room: 1 to ${nameBytes} bytes of UTF-8 without control characters or lone surrogates.`,
  minLength: 1,
  maxLength: nameBytes,
  pattern: wellFormedWithoutControls,
});

export const MemberId = Type.String({
  title: "MemberId",
  description: "Someone in a room: 1 to 128 characters without control characters. Of a native client, its session.",
  minLength: 1,
  maxLength: 128,
  pattern: wellFormedWithoutControls,
});

export const Position = Type.String({
  title: "Position",
  description: "A place in the room's log. Opaque: kept and sent back, never taken apart, never compared by clients.",
  minLength: 1,
  maxLength: 64,
});

export const DataKey = Type.String({
  title: "DataKey",
  description: "The name of a shared value: 1 to 128 characters.",
  minLength: 1,
  maxLength: 128,
  pattern: wellFormed,
});

export const Pin = Type.String({
  title: "Pin",
  description: "The PIN of a room: 1 to 64 characters.",
  minLength: 1,
  maxLength: 64,
  pattern: wellFormed,
});

export const Role = words(
  ["moderator", "participant", "viewer"],
  "moderator: everything. participant: signal, broadcast, profile, data. viewer: signal and profile.",
  "Role",
);

export const Media = words(["audio", "video", "all"], "What a member is asked to mute.", "Media");

export const RoomType = words(
  ["adhoc", "standing"],
  "adhoc: settings, data and bans end with the last member, or a while later where a client of another protocol asked for that. standing: they stay.",
  "RoomType",
);

export const Presence = words(
  ["full", "count", "none"],
  "full: everyone sees everyone come and go. count: only how many. none: nothing.",
  "Presence",
);

export const Capacity = Type.Integer({
  title: "Capacity",
  description: "Seats of a room; 0: no bound of its own.",
  minimum: 0,
  maximum: 100_000,
});

export const Profile = Type.Object(
  {
    name: optional(
      Type.String({ description: "Display name, at most 256 bytes of UTF-8.", maxLength: 256, pattern: wellFormed }),
    ),
    status: optional(
      Type.String({ description: "Free text, at most 1024 bytes of UTF-8.", maxLength: 1024, pattern: wellFormed }),
    ),
    picture: optional(
      Type.String({
        description:
          "An http or https address, or a base64 data URL (RFC 2397) of a PNG, JPEG, GIF or WebP image, which the server " +
          "keeps: members are told its address, `v1/picture/…` below the base path of the server.",
        maxLength: 8192,
        pattern:
          "^(https?://[^\\s\\u0000-\\u001f\\u007f\\ud800-\\udfff]+|v1/picture/[A-Za-z0-9_-]{20}/[A-Za-z0-9_-]{12}|data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2})$",
      }),
    ),
  },
  { title: "Profile", description: "How a member presents itself. A profile replaces the former one as a whole." },
);

export const Member = Type.Object(
  {
    id: MemberId,
    profile: Profile,
    role: Role,
    state: words(["present", "away"], "away: its connection was lost, and its grace has not passed."),
  },
  { title: "Member", description: "A member as the others see it." },
);

export const Settings = Type.Object(
  {
    capacity: Capacity,
    pin: Type.Boolean({ description: "Whether the room wants a PIN. The PIN itself is told to nobody." }),
    locked: Type.Boolean({ description: "Whether new members are kept out." }),
    roomType: RoomType,
    presence: Presence,
  },
  { title: "Settings", description: "The settings of a room as its members see them." },
);

export const SharedValue = Type.Object(
  {
    key: DataKey,
    version: Type.Integer({
      description: "Raised at each change, from 1.",
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    value: Type.Unknown(),
    owner: optional(MemberId),
  },
  { title: "SharedValue", description: "A shared value; one with an owner goes when its owner leaves." },
);

export const View = Type.Object(
  {
    settings: Settings,
    members: list(Member, "Everyone in the room; only the reader itself unless presence is full."),
    count: Type.Integer({
      description: "How many are in the room; 0 for others when presence is none.",
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    data: list(SharedValue, "All shared values."),
  },
  { title: "View", description: "A room as of one position." },
);

export const Gap = Type.Object(
  {
    from: Position,
    to: Position,
    reason: words(
      ["too_old", "log_restarted", "unknown_position", "in_doubt"],
      "too_old: the entries have aged out. log_restarted: the log was lost and begun anew. unknown_position: the client's position is of no known log. in_doubt: replicas differed, and one state was adopted.",
    ),
  },
  {
    title: "Gap",
    description: "Entries after `from` and up to `to` cannot be delivered; the view beside it holds their effect.",
  },
);

const ZoneId = Type.String({
  title: "ZoneId",
  description: "The name of a zone: 1 to 64 characters without control characters.",
  minLength: 1,
  maxLength: 64,
  pattern: wellFormedWithoutControls,
});

export const IceWish = Type.Union(
  [words(["auto", "geo", "priority"], "By a rule."), Type.Object({ zone: ZoneId }, { description: "By name." })],
  {
    title: "IceWish",
    description:
      "Which zone's TURN servers the session wishes for. auto: the geo answer, where there is a geo call, else the zone of the node's region, else by priority. geo: the geo answer, else by priority. priority: the zone with the smallest number. `{\"zone\": …}`: the zone of that id, if it is there and works, else by priority.",
  },
);

const Zone = Type.Object(
  {
    id: ZoneId,
    priority: Type.Integer({ description: "The smallest is preferred." }),
    label: optional(Type.String({ description: "For people." })),
    labels: optional(texts("The label by language (BCP 47).")),
    urls: list(Type.String(), "turn: and turns: addresses; the login of the grant opens them."),
  },
  { title: "Zone", description: "A selectable group of TURN servers, normally a region." },
);

export const Ice = Type.Object(
  {
    iceServers: list(
      Type.Object({
        urls: list(Type.String(), "stun:, stuns:, turn: or turns: addresses (RFC 7064, RFC 7065)."),
        username: optional(Type.String()),
        credential: optional(Type.String({ description: "The TURN password: a secret, never to be logged." })),
      }),
      "For RTCConfiguration.iceServers as it is (WebRTC 1.0 section 4.2.4).",
    ),
    ttl: Type.Integer({
      description: "Whole seconds from now that the credentials serve; 0: they do not end.",
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
    }),
    expiry: words(
      ["never", "admission", "hard"],
      "What ends with the credentials. never: nothing. admission: the right to new allocations; running relays go on. hard: running relays too.",
    ),
    degraded: Type.Boolean({
      description:
        "Less than this client is meant to have: there is no TURN now, or not for this one. An ice frame follows when that changes.",
    }),
    zone: optional(ZoneId),
    zones: optional(list(Zone, "The selectable zones by priority, where there are two or more.")),
    geo: optional(
      Type.String({
        description: "https address where the client may ask which zone is near, with the login of the grant.",
      }),
    ),
    limited: optional(
      Type.Object({ retryIn: Milliseconds }, { description: "Asked too often (slow_down): not before retryIn." }),
    ),
  },
  { title: "Ice", description: "ICE servers for peer connections." },
);

export const ReasonWord = Type.Unsafe<Reason>({
  type: "string",
  enum: Object.keys(reasons),
  title: "Reason",
  description:
    "The word for a refusal, from the table of refusals. A newer server may send words a client does not know.",
});
