// Every frame a client may send, by its type. Members that are not named here are ignored, so newer clients may send more.
import Type from "typebox";
import { SignalBody } from "./body.ts";
import {
  Capacity,
  Counter,
  DataKey,
  IceWish,
  list,
  Media,
  MemberId,
  Milliseconds,
  optional,
  Pin,
  Position,
  Presence,
  Profile,
  Role,
  RoomName,
  RoomType,
  wellFormed,
  words,
} from "./common.ts";

const attempt = Type.Integer({
  description: "The client's connection counter, kept beside its token and raised before every attempt to connect.",
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
});

const client = optional(
  Type.Object(
    {
      name: Type.String({ maxLength: 64 }),
      version: Type.String({ maxLength: 32 }),
    },
    { description: "The software that speaks, for the operators' statistics." },
  ),
);

const token = Type.String({
  description: "A secret: never logged.",
  minLength: 1,
  maxLength: 4096,
});

const absent = optional(Type.Never({ description: "Absent: a volatile command is never answered." }));

const durable = optional(Type.Literal(true, { description: "Absent means true: stored, ordered, acknowledged." }));
const volatile = Type.Literal(false, { description: "At most once: not stored, not replayed, never acknowledged." });

const body = Type.Unknown({
  description: "Passed on as it came, byte for byte, to readers of the same codec.",
});

const Hello = Type.Object(
  { type: Type.Literal("hello"), attempt, token: optional(token), client, iceWish: optional(IceWish) },
  {
    description:
      "Opens a session; the first frame of a connection. Without a token: anonymous, where the server allows it.",
  },
);

const Resume = Type.Object(
  {
    type: Type.Literal("resume"),
    attempt,
    token,
    client,
    iceWish: optional(IceWish),
    rooms: list(
      Type.Object({ room: RoomName, position: Position }),
      "The rooms to go on with and the newest position seen in each, in any order, each once. At most roomsPerSession.",
    ),
  },
  { description: "Takes a session over with the resume token of its last welcome; the first frame of a connection." },
);

const Join = Type.Object(
  {
    type: Type.Literal("join"),
    n: Counter,
    room: RoomName,
    pin: optional(
      Type.String({ description: "The PIN, where the room wants one.", maxLength: 64, pattern: wellFormed }),
    ),
    profile: optional(Profile),
  },
  { description: "Enters a room. Answered by joined or refused, with this n, which counts per connection." },
);

const Leave = Type.Object(
  { type: Type.Literal("leave"), n: Counter, room: RoomName },
  { description: "Leaves a room. After its ack nothing more comes from the room." },
);

const Signal = Type.Union(
  [
    Type.Object({ type: Type.Literal("signal"), n: Counter, room: RoomName, to: MemberId, body: SignalBody, durable }),
    Type.Object({
      type: Type.Literal("signal"),
      n: absent,
      room: RoomName,
      to: MemberId,
      body: SignalBody,
      durable: volatile,
    }),
  ],
  { description: "Tells one member of the room something. Not echoed to its sender." },
);

const Broadcast = Type.Union(
  [
    Type.Object({ type: Type.Literal("broadcast"), n: Counter, room: RoomName, body, durable }),
    Type.Object({ type: Type.Literal("broadcast"), n: absent, room: RoomName, body, durable: volatile }),
  ],
  { description: "Tells every other member of the room something. Not echoed to its sender." },
);

const SetProfile = Type.Object(
  { type: Type.Literal("profile"), n: Counter, room: RoomName, profile: Profile },
  { description: "Replaces the sender's profile in the room." },
);

const Data = Type.Object(
  {
    type: Type.Literal("data"),
    n: Counter,
    room: RoomName,
    key: DataKey,
    value: optional(Type.Unknown({ description: "Absent: the key is removed." })),
    ifVersion: optional(
      Type.Integer({
        description:
          "Applied only while the key has this version; 0: only while it does not exist. Otherwise refused: conflict.",
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
      }),
    ),
    owned: optional(Type.Boolean({ description: "Absent means false. true: the value goes when its author leaves." })),
  },
  { description: "Sets or removes a shared value of the room." },
);

const Room = Type.Object(
  {
    type: Type.Literal("room"),
    n: Counter,
    room: RoomName,
    set: Type.Object(
      {
        capacity: optional(Capacity),
        pin: optional(Type.Union([Pin, Type.Null()], { description: "The new PIN; null removes it." })),
        locked: optional(Type.Boolean({ description: "true keeps new members out." })),
        roomType: optional(RoomType),
        presence: optional(Presence),
      },
      { description: "What changes; absent members stay as they are." },
    ),
  },
  { description: "Changes the settings of the room; moderators only." },
);

const moderate = { type: Type.Literal("moderate"), n: Counter, room: RoomName, member: MemberId };

const Moderate = Type.Union(
  [
    Type.Object({
      ...moderate,
      action: words(
        ["remove", "ban", "unban"],
        "remove: out, and free to come again. ban: out for good. unban: welcome again.",
      ),
    }),
    Type.Object({
      ...moderate,
      action: words(["mute"], "Asks the member to mute; its client obeys or not."),
      media: Media,
    }),
    Type.Object({ ...moderate, action: words(["role"], "Gives the member another role."), role: Role }),
  ],
  { description: "Acts on another member; moderators only." },
);

const RequestIce = Type.Object(
  { type: Type.Literal("ice"), n: Counter, wish: optional(IceWish) },
  {
    description:
      "Asks for fresh ICE servers. Answered by ice with this n, which counts per connection. A wish holds for the session from now on; without one it stays as it was.",
  },
);

const candidateType = (whose: string) =>
  optional(
    words(
      ["host", "srflx", "prflx", "relay"],
      `Type of the ${whose} candidate of the selected pair (RFC 8445 section 5.1.1).`,
    ),
  );

const Report = Type.Object(
  {
    type: Type.Literal("report"),
    n: Counter,
    peer: MemberId,
    state: words(
      ["connecting", "connected", "failed", "disconnected", "closed"],
      "RTCPeerConnectionState; connecting also stands for new.",
    ),
    pair: optional(
      words(
        ["host", "srflx", "prflx", "relay_udp", "relay_tcp", "relay_tls", "failed"],
        "How it came about: type of the local candidate of the selected pair, for a relay with the transport to its server; failed: it did not.",
      ),
    ),
    local: candidateType("local"),
    remote: candidateType("remote"),
    turnErrors: optional(
      list(
        Type.Integer({ minimum: 300, maximum: 799 }),
        "Codes of icecandidateerror (WebRTC 1.0 section 4.8.2) from TURN servers since the last report, each once.",
        { minItems: 1, maxItems: 16 },
      ),
    ),
    roundTrip: optional(Milliseconds),
    setup: optional(Milliseconds),
  },
  {
    description:
      "How a peer connection fared, for the operators' statistics: round trip of the selected pair, and time from the first description to connected. Answered only when refused; n counts per connection.",
  },
);

const Ping = Type.Object(
  { type: Type.Literal("ping"), n: Counter },
  {
    description:
      "A sign of life, sent at least every limits.heartbeat. Answered by pong with this n, which counts per connection.",
  },
);

const Bye = Type.Object(
  { type: Type.Literal("bye") },
  { description: "Ends the session: all its rooms are left at once, and the server closes with 1000." },
);

/** In the order of the page. */
export const clientFrames = {
  hello: Hello,
  resume: Resume,
  join: Join,
  leave: Leave,
  signal: Signal,
  broadcast: Broadcast,
  profile: SetProfile,
  data: Data,
  room: Room,
  moderate: Moderate,
  ice: RequestIce,
  report: Report,
  ping: Ping,
  bye: Bye,
} as const;
