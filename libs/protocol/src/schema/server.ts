// Every frame a server may send, by its type. Clients ignore members and types they do not know: newer servers may send more.
import Type from "typebox";
import { SignalBody } from "./body.ts";
import {
  Count,
  Counter,
  DataKey,
  Gap,
  Ice,
  list,
  Media,
  Member,
  MemberId,
  Milliseconds,
  optional,
  Position,
  ReasonWord,
  Role,
  RoomName,
  Settings,
  View,
  words,
} from "./common.ts";

const mark = Type.Integer({
  description: "The highest n of this session that was applied in the room; its next command is above it. 0: none yet.",
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
});

const code = Type.Integer({
  description: "The code of the reason, from the table of refusals.",
  minimum: 4000,
  maximum: 4999,
});

const volatilePosition = optional(Position);

const Limits = Type.Object(
  {
    frameBytes: Type.Integer({
      description: "Largest frame in bytes; a larger one closes the connection with 1009.",
      minimum: 1,
    }),
    bodyBytes: Type.Integer({
      description: "Largest body or shared value, in bytes of the codec it is sent in.",
      minimum: 1,
    }),
    nameBytes: Type.Integer({ description: "Longest name of a room, in bytes of UTF-8.", minimum: 1 }),
    roomsPerSession: Type.Integer({ description: "Rooms a session may be in at once.", minimum: 1 }),
    outstanding: Type.Integer({ description: "Commands of a session that may wait for their answers.", minimum: 1 }),
    heartbeat: Type.Integer({ description: "Milliseconds: the client pings at least this often.", minimum: 1 }),
    grace: Type.Integer({ description: "Milliseconds that a lost client is away before it has left.", minimum: 0 }),
    window: Type.Integer({ description: "Milliseconds that messages are kept for a resume.", minimum: 0 }),
  },
  { title: "Limits", description: "What a client may do at most." },
);

const Welcome = Type.Object(
  {
    type: Type.Literal("welcome"),
    session: MemberId,
    token: Type.String({ description: "Resume token; replaces any earlier one. A secret.", minLength: 1 }),
    resumed: Type.Boolean({ description: "true after resume: a resumed frame follows for each of its rooms." }),
    node: Type.String({ description: "Which node serves the connection, for error reports.", minLength: 1 }),
    limits: Limits,
    ice: Ice,
  },
  { description: "Answers hello and resume. The session is also the member id in every room." },
);

const resumed = { type: Type.Literal("resumed"), room: RoomName, mark, position: Position };

const Resumed = Type.Union(
  [
    Type.Object({
      ...resumed,
      verdict: Type.Literal("complete", {
        description:
          "Nothing that was said was missed. With a view: changes were not replayed one by one; it replaces what the client knew.",
      }),
      view: optional(View),
    }),
    Type.Object({
      ...resumed,
      verdict: Type.Literal("gap", {
        description:
          "Exactly the gap was missed; the view replaces what the client knew. Unless it is too_old, unanswered commands stay unknown.",
      }),
      gap: Gap,
      view: View,
    }),
    Type.Object({
      ...resumed,
      verdict: Type.Literal("expired", {
        description: "The stay in this room is over: join again. Unanswered commands stay unknown.",
      }),
      reason: ReasonWord,
      code,
    }),
  ],
  { description: "How one resumed room stands; after the replayed frames of that room." },
);

const Ack = Type.Object(
  { type: Type.Literal("ack"), room: RoomName, n: Counter, position: Position },
  {
    description: "Cumulative: every command of this session in the room up to n that was not refused has been applied.",
  },
);

const Refused = Type.Object(
  {
    type: Type.Literal("refused"),
    code,
    reason: ReasonWord,
    retry: Type.Boolean({ description: "A later attempt may succeed without the client changing anything." }),
    detail: optional(
      Type.String({ description: "For the person who debugs the client: the member or limit at fault." }),
    ),
    retryIn: optional(Milliseconds),
    n: optional(Counter),
    room: optional(RoomName),
  },
  {
    description:
      "A frame was refused; n and room are its own where it had them and they could be read. expired with a room and without n: the stay in that room is over.",
  },
);

const Joined = Type.Object(
  {
    type: Type.Literal("joined"),
    room: RoomName,
    n: optional(Counter),
    self: MemberId,
    mark,
    position: Position,
    view: View,
  },
  {
    description:
      "Answers join: the room as of the view; everything after the position follows. Repeated because its first answer was lost, it may be followed by messages older than its view, or by gap. Without n it belongs to a join of an earlier connection.",
  },
);

const member = { type: Type.Literal("member"), room: RoomName, position: Position };

const MemberChanged = Type.Union(
  [
    Type.Object({
      ...member,
      change: words(
        ["joined", "back", "updated", "away"],
        "What happened to the member, whose new state is beside it.",
      ),
      member: Member,
    }),
    Type.Object({
      ...member,
      change: Type.Literal("left"),
      id: MemberId,
      why: words(["left", "lost"], "lost: it did not come back within its grace."),
      successor: optional(MemberId),
    }),
    Type.Object({
      ...member,
      change: Type.Literal("count", { description: "Where presence is count." }),
      count: Count,
    }),
  ],
  {
    description:
      "Someone came, went or changed. Whoever is removed or banned is told by moderated alone. The values that a member owned go with it; a successor became moderator, since the last one left. A count may bear a position seen already.",
  },
);

const Signal = Type.Object(
  { type: Type.Literal("signal"), room: RoomName, from: MemberId, body: SignalBody, position: volatilePosition },
  { description: "What another member tells this one. Without a position: volatile." },
);

const Broadcast = Type.Object(
  {
    type: Type.Literal("broadcast"),
    room: RoomName,
    from: MemberId,
    body: Type.Unknown(),
    position: volatilePosition,
  },
  { description: "What another member tells everyone. Without a position: volatile." },
);

const Data = Type.Object(
  {
    type: Type.Literal("data"),
    room: RoomName,
    position: Position,
    key: DataKey,
    version: Count,
    by: MemberId,
    value: optional(Type.Unknown({ description: "Absent: removed." })),
    owner: optional(MemberId),
  },
  { description: "A shared value was set or removed. Goes to everyone, its author included." },
);

const Room = Type.Object(
  { type: Type.Literal("room"), room: RoomName, position: Position, by: MemberId, settings: Settings },
  { description: "The settings changed. Goes to everyone, their author included." },
);

const moderated = {
  type: Type.Literal("moderated"),
  room: RoomName,
  position: Position,
  by: MemberId,
  member: MemberId,
};

const Moderated = Type.Union(
  [
    Type.Object({ ...moderated, action: words(["remove", "ban", "unban"], "See moderate.") }),
    Type.Object({ ...moderated, action: words(["mute"], "The member is asked to mute."), media: Media }),
    Type.Object({ ...moderated, action: words(["role"], "The member has another role."), role: Role }),
  ],
  {
    description:
      "A moderator acted. Goes to everyone, its author included. remove and ban: the member has left, and the values it owned are gone; role: it has that role now. After remove or ban of the reader nothing more comes from the room.",
  },
);

const GapFrame = Type.Object(
  { type: Type.Literal("gap"), room: RoomName, position: Position, gap: Gap, view: View },
  { description: "Entries were lost while connected; the view replaces what the client knew of the room." },
);

const IceFrame = Type.Object(
  { type: Type.Literal("ice"), n: optional(Counter), ice: Ice },
  { description: "ICE servers: asked for (with n), or because the server has others now." },
);

const Degraded = Type.Object(
  {
    type: Type.Literal("degraded"),
    missing: list(
      words(["log", "memory"], "log: nothing durable can be said. memory: rooms without hosts cannot be loaded."),
      "What the node is cut off from; empty: all is well again.",
    ),
  },
  {
    description:
      "The node has lost or regained something it depends on. Without the log, move to another node; without the memory, once.",
  },
);

const Goaway = Type.Object(
  { type: Type.Literal("goaway"), retryIn: Milliseconds },
  {
    description:
      "The node is about to stop: resume elsewhere within retryIn milliseconds, before closing this connection.",
  },
);

const Pong = Type.Object(
  {
    type: Type.Literal("pong"),
    n: Counter,
    rooms: list(
      Type.Object({ room: RoomName, asOf: Position }),
      "Up to where the node has applied each room of the session: nothing before it is still to come.",
    ),
  },
  { description: "Answers ping. Clients adopt asOf as their newest position." },
);

/** In the order of the page. */
export const serverFrames = {
  welcome: Welcome,
  resumed: Resumed,
  ack: Ack,
  refused: Refused,
  joined: Joined,
  member: MemberChanged,
  signal: Signal,
  broadcast: Broadcast,
  data: Data,
  room: Room,
  moderated: Moderated,
  gap: GapFrame,
  ice: IceFrame,
  degraded: Degraded,
  goaway: Goaway,
  pong: Pong,
} as const;
