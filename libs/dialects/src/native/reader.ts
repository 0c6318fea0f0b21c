// Reads native frames: from any value at all to a command, or to a refusal that its sender can place.
import type {
  Body,
  Command,
  Hello,
  IceWish,
  MemberId,
  Outcome,
  Position,
  Profile,
  Refused,
  Resume,
  RoomName,
} from "@heliograph/protocol";
import { accepted, parseMemberId, parsePosition, parseRoomName, refused, utf8Length } from "@heliograph/protocol";
import type {
  BroadcastFrame,
  ClientFrame,
  DataFrame,
  HelloFrame,
  JoinFrame,
  ModerateFrame,
  ReportFrame,
  ResumeFrame,
  RoomFrame,
  SignalFrame,
  WireIceWish,
} from "@heliograph/protocol/schema";
import { checkClientFrame } from "@heliograph/protocol/validators";
import type { DecodedFrame, Read, ReadRefusal } from "../dialect.ts";

export interface NativeLimits {
  /** Largest body or shared value, in bytes of the codec it came in. */
  readonly bodyBytes: number;
  readonly roomsPerSession: number;
}

export class NativeReader {
  readonly #limits: NativeLimits;

  constructor(limits: NativeLimits) {
    this.#limits = limits;
  }

  read(frame: DecodedFrame): Read {
    const crowd = this.#tooManyRooms(frame.value);
    if (crowd !== undefined) return crowd;
    const checked = checkClientFrame(frame.value);
    const command = checked.ok ? this.#command(checked.value, frame) : checked;
    return command.ok ? command : placed(command, frame.value);
  }

  /** Counted before the check, whose slow path looks at each room to name the one at fault. */
  #tooManyRooms(value: unknown): ReadRefusal | undefined {
    if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "resume") return undefined;
    if (!("rooms" in value) || !Array.isArray(value.rooms)) return undefined;
    return value.rooms.length > this.#limits.roomsPerSession ? refused("too_many_rooms", "rooms") : undefined;
  }

  #command(frame: ClientFrame, source: DecodedFrame): Outcome<Command> {
    switch (frame.type) {
      case "signal":
      case "broadcast":
        return this.#message(frame, source);
      case "hello":
        return accepted(readHello(frame));
      case "resume":
        return readResume(frame);
      case "join":
        return readJoin(frame);
      case "leave": {
        const room = parseRoomName(frame.room);
        return room.ok ? accepted({ type: "leave", n: frame.n, room: room.value }) : room;
      }
      case "profile": {
        const room = parseRoomName(frame.room);
        if (!room.ok) return room;
        const profile = readProfile(frame.profile);
        return profile.ok
          ? accepted({ type: "profile", n: frame.n, room: room.value, profile: profile.value })
          : profile;
      }
      case "data":
        return this.#data(frame, source);
      case "room":
        return readSettings(frame);
      case "moderate":
        return readModerate(frame);
      case "report":
        return readReport(frame);
      case "ice":
        return accepted({
          type: "ice",
          n: frame.n,
          ...(frame.wish === undefined ? {} : { wish: readWish(frame.wish) }),
        });
      case "ping":
        return accepted({ type: "ping", n: frame.n });
      case "bye":
        return accepted({ type: "bye" });
      default:
        return frame satisfies never;
    }
  }

  #message(frame: SignalFrame | BroadcastFrame, source: DecodedFrame): Outcome<Command> {
    const room = parseRoomName(frame.room);
    if (!room.ok) return room;
    const body = this.#body("body", source);
    if (!body.ok) return body;
    let to: MemberId | undefined;
    if (frame.type === "signal") {
      const member = parseMemberId(frame.to);
      if (!member.ok) return under("to", member);
      to = member.value;
    }
    if (frame.n === undefined) {
      if (to === undefined) return accepted({ type: "volatile", room: room.value, body: body.value });
      return accepted({ type: "volatile", room: room.value, to, body: body.value });
    }
    if (to === undefined) return accepted({ type: "broadcast", n: frame.n, room: room.value, body: body.value });
    return accepted({ type: "signal", n: frame.n, room: room.value, to, body: body.value });
  }

  #data(frame: DataFrame, source: DecodedFrame): Outcome<Command> {
    const room = parseRoomName(frame.room);
    if (!room.ok) return room;
    const value = frame.value === undefined ? undefined : this.#body("value", source);
    if (value !== undefined && !value.ok) return value;
    return accepted({
      type: "data",
      n: frame.n,
      room: room.value,
      key: frame.key,
      ...(value === undefined ? {} : { value: value.value }),
      ...(frame.ifVersion === undefined ? {} : { ifVersion: unsigned(frame.ifVersion) }),
      owned: frame.owned ?? false,
    });
  }

  #body(key: string, source: DecodedFrame): Outcome<Body> {
    const bytes = source.slice(key);
    if (bytes === undefined) return refused("malformed", key);
    if (bytes.byteLength > this.#limits.bodyBytes) return refused("too_large", key);
    return accepted({ codec: source.codec, bytes });
  }
}

function readHello(frame: HelloFrame): Hello {
  return {
    type: "hello",
    attempt: frame.attempt,
    ...(frame.token === undefined ? {} : { token: frame.token }),
    ...readClient(frame),
    ...(frame.iceWish === undefined ? {} : { iceWish: readWish(frame.iceWish) }),
  };
}

function readResume(frame: ResumeFrame): Outcome<Resume> {
  const rooms: { room: RoomName; position: Position }[] = [];
  const seen = new Set<string>();
  for (const [index, stay] of frame.rooms.entries()) {
    const room = parseRoomName(stay.room);
    if (!room.ok) return under(`rooms.${index}.room`, room);
    const position = parsePosition(stay.position);
    if (!position.ok) return under(`rooms.${index}.position`, position);
    // Twice the same room with two positions has no meaning, and each mention would cost a replay.
    if (seen.has(stay.room)) return refused("malformed", `rooms.${index}.room`);
    seen.add(stay.room);
    rooms.push({ room: room.value, position: position.value });
  }
  return accepted({
    type: "resume",
    attempt: frame.attempt,
    token: frame.token,
    ...readClient(frame),
    ...(frame.iceWish === undefined ? {} : { iceWish: readWish(frame.iceWish) }),
    rooms,
  });
}

/** Only the member we know, as of a client. */
function readWish(wish: WireIceWish): IceWish {
  return typeof wish === "string" ? wish : { zone: wish.zone };
}

/** Only the members we know: whatever else a client sent must not travel on. */
function readClient({ client }: HelloFrame | ResumeFrame): Pick<Hello, "client"> {
  return client === undefined ? {} : { client: { name: client.name, version: client.version } };
}

function readJoin(frame: JoinFrame): Outcome<Command> {
  const room = parseRoomName(frame.room);
  if (!room.ok) return room;
  const profile = readProfile(frame.profile ?? {});
  if (!profile.ok) return profile;
  return accepted({
    type: "join",
    n: frame.n,
    room: room.value,
    ...(frame.pin === undefined ? {} : { pin: frame.pin }),
    profile: profile.value,
  });
}

const profileBytes = { name: 256, status: 1024 } as const;

function readProfile({ name, status, picture }: Profile): Outcome<Profile> {
  if (name !== undefined && utf8Length(name) > profileBytes.name) return refused("too_large", "profile.name");
  if (status !== undefined && utf8Length(status) > profileBytes.status) return refused("too_large", "profile.status");
  return accepted({
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(picture === undefined ? {} : { picture }),
  });
}

function readSettings(frame: RoomFrame): Outcome<Command> {
  const room = parseRoomName(frame.room);
  if (!room.ok) return room;
  const { capacity, pin, locked, roomType, presence } = frame.set;
  return accepted({
    type: "settings",
    n: frame.n,
    room: room.value,
    change: {
      ...(capacity === undefined ? {} : { capacity: unsigned(capacity) }),
      ...(pin === undefined ? {} : { pin }),
      ...(locked === undefined ? {} : { locked }),
      ...(roomType === undefined ? {} : { type: roomType }),
      ...(presence === undefined ? {} : { presence }),
    },
  });
}

function readModerate(frame: ModerateFrame): Outcome<Command> {
  const room = parseRoomName(frame.room);
  if (!room.ok) return room;
  const member = parseMemberId(frame.member);
  if (!member.ok) return member;
  const head = { type: "moderate", n: frame.n, room: room.value } as const;
  switch (frame.action) {
    case "mute":
      return accepted({ ...head, action: { action: "mute", member: member.value, media: frame.media } });
    case "role":
      return accepted({ ...head, action: { action: "role", member: member.value, role: frame.role } });
    case "remove":
    case "ban":
    case "unban":
      return accepted({ ...head, action: { action: frame.action, member: member.value } });
    default:
      return frame satisfies never;
  }
}

function readReport(frame: ReportFrame): Outcome<Command> {
  const peer = parseMemberId(frame.peer);
  if (!peer.ok) return under("peer", peer);
  const { state, pair, local, remote, roundTrip, setup, turnErrors } = frame;
  return accepted({
    type: "report",
    n: frame.n,
    report: {
      peer: peer.value,
      state,
      ...(pair === undefined ? {} : { pair }),
      ...(local === undefined ? {} : { local }),
      ...(remote === undefined ? {} : { remote }),
      ...(roundTrip === undefined ? {} : { roundTrip: unsigned(roundTrip) }),
      ...(setup === undefined ? {} : { setup: unsigned(setup) }),
      ...(turnErrors === undefined ? {} : { turnErrors }),
    },
  });
}

/** Minus zero passes every bound from zero up, and would not be the same number after MessagePack. */
function unsigned(value: number): number {
  return value + 0;
}

function under(path: string, refusal: Refused): Refused {
  return { ...refusal, detail: path };
}

/** Adds the refused frame's own counter and room where it has valid ones. */
function placed(refusal: Refused, value: unknown): ReadRefusal {
  if (typeof value !== "object" || value === null) return refusal;
  const n =
    "n" in value && typeof value.n === "number" && Number.isSafeInteger(value.n) && value.n > 0 ? value.n : undefined;
  const room = "room" in value ? parseRoomName(value.room) : undefined;
  return {
    ...refusal,
    ...(n === undefined ? {} : { n }),
    ...(room?.ok ? { room: room.value } : {}),
  };
}
