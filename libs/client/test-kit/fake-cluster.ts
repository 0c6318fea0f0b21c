// A test double of the whole cluster: rooms over logs, marks, epochs, replay and gaps, as the wire promises them.
import type { IceGrant, Reason } from "@heliograph/protocol";
import { reasons } from "@heliograph/protocol";
import type { ClientFrame, ResumeFrame, ServerFrame, WireMember } from "@heliograph/protocol/schema";
import type { FakeRoom, Frames, Seat } from "./fake-room.ts";
import { emptyRoom, viewOf } from "./fake-room.ts";
import type { Acceptor, ServerEnd } from "./fake-socket.ts";
import { FakeNetwork } from "./fake-socket.ts";
import type { VirtualClock } from "./virtual-clock.ts";

type RoomCommand = Extract<ClientFrame, { room: string }>;
interface FakeSession {
  readonly id: string;
  readonly token: string;
  attempt: number;
  end: ServerEnd | undefined;
}

export const limits = {
  frameBytes: 65_536,
  bodyBytes: 32_768,
  nameBytes: 256,
  roomsPerSession: 16,
  outstanding: 4,
  heartbeat: 25_000,
  grace: 30_000,
  window: 120_000,
};

export class FakeCluster implements Acceptor {
  readonly network: FakeNetwork;
  readonly clock: VirtualClock;
  readonly sessions = new Map<string, FakeSession>();
  readonly rooms = new Map<string, FakeRoom>();
  readonly heard: { readonly frame: ClientFrame; readonly url: string }[] = [];
  /** Answers a command with a refusal instead of applying it. */
  refuse: (frame: ClientFrame) => { reason: Reason; retryIn?: number } | undefined = () => undefined;
  ice: IceGrant = { iceServers: [{ urls: ["stun:one"] }], ttl: 0, expiry: "never", degraded: false };
  /** A node that has lost a session to another may be slow to say so. */
  closesFormer = true;
  readonly #speakers = new Map<ServerEnd, FakeSession>();
  #made = 0;
  #born = 0;

  constructor(clock: VirtualClock) {
    this.clock = clock;
    this.network = new FakeNetwork(clock);
  }

  get socket() {
    return this.network.socket(this);
  }

  /** Frames that clients sent, by type. */
  sent<Type extends ClientFrame["type"]>(type: Type): Extract<ClientFrame, { type: Type }>[] {
    return this.heard.map(({ frame }) => frame).filter((frame) => frame.type === type) as never;
  }

  endOf(session: string | undefined): ServerEnd {
    const end = [...this.sessions.values()].find(({ id }) => id === session)?.end;
    if (end === undefined) throw new Error("this session has no connection");
    return end;
  }

  room(name: string): FakeRoom {
    const known = this.rooms.get(name);
    if (known !== undefined) return known;
    const room = emptyRoom();
    this.rooms.set(name, room);
    return room;
  }

  /** The session is forgotten, as after a long absence. */
  forget(session: string | undefined): void {
    for (const [token, each] of this.sessions) if (each.id === session) this.sessions.delete(token);
    for (const name of this.rooms.keys()) this.leave(name, session ?? "", "lost");
  }

  /** Entries up to now can no longer be replayed. */
  trim(name: string): void {
    const room = this.room(name);
    room.trimmed = room.seq;
  }

  /** The log is lost and begun anew. */
  restart(name: string): void {
    const room = this.room(name);
    this.#born += 1;
    room.log.length = 0;
    room.seq = 1;
    room.trimmed = 1;
    const gap = { from: "zz.0.1", to: this.#position(room.seq), reason: "log_restarted" } as const;
    for (const id of room.seats.keys()) {
      this.#tell(id, { type: "gap", room: name, position: this.#position(1), gap, view: viewOf(room) });
    }
  }

  leave(name: string, id: string, why: "left" | "lost"): void {
    const room = this.room(name);
    if (!room.seats.has(id)) return;
    this.append(name, (position) => [{ type: "member", room: name, position, change: "left", id, why }]);
    for (const [key, { owner }] of room.data) if (owner === id) room.data.delete(key);
    room.seats.delete(id);
  }

  append(name: string, make: (position: string, reader: string) => readonly ServerFrame[]): string {
    const room = this.room(name);
    room.seq += 1;
    const position = this.#position(room.seq);
    const frames: Frames = (reader) => make(position, reader);
    room.log.push({ seq: room.seq, frames });
    for (const id of room.seats.keys()) for (const frame of frames(id)) this.#tell(id, frame);
    return position;
  }

  accepted(): void {
    // Nothing is known of a connection before its first frame.
  }

  closed(end: ServerEnd): void {
    const session = this.#speakers.get(end);
    this.#speakers.delete(end);
    if (session?.end !== end) return;
    session.end = undefined;
    const { attempt } = session;
    for (const [name, room] of this.rooms)
      if (room.seats.get(session.id)?.attempt === attempt) this.#state(name, session.id, "away");
    this.clock.after(limits.grace, () => {
      for (const [name, room] of this.rooms) {
        const seat = room.seats.get(session.id);
        if (seat?.member.state === "away" && seat.attempt === attempt) this.leave(name, session.id, "lost");
      }
    });
  }

  received(end: ServerEnd, frame: ClientFrame): void {
    this.heard.push({ frame, url: end.url });
    const session = this.#speakers.get(end);
    if (session === undefined) return this.#greet(end, frame);
    if ("n" in frame || frame.type === "bye") {
      const refusal = this.refuse(frame);
      if (refusal !== undefined) {
        const room = "room" in frame && typeof frame.room === "string" ? { room: frame.room } : {};
        const n = "n" in frame && frame.n !== undefined ? { n: frame.n } : {};
        return this.#refuse(end, refusal.reason, {
          ...n,
          ...room,
          ...(refusal.retryIn === undefined ? {} : { retryIn: refusal.retryIn }),
        });
      }
    }
    switch (frame.type) {
      case "hello":
      case "resume":
        return this.#refuse(end, "already", {});
      case "join":
        return this.#join(end, session, frame.room, frame.n, frame.profile ?? {});
      case "ice":
        return end.send({ type: "ice", n: frame.n, ice: this.ice });
      case "ping":
        return end.send({
          type: "pong",
          n: frame.n,
          rooms: [...this.rooms]
            .filter(([, { seats }]) => seats.has(session.id))
            .map(([name, { seq }]) => ({ room: name, asOf: this.#position(seq) })),
        });
      case "report":
        return;
      case "bye":
        for (const name of this.rooms.keys()) this.leave(name, session.id, "left");
        this.sessions.delete(session.token);
        session.end = undefined;
        return end.close(1000);
      default:
        return this.#command(end, session, frame);
    }
  }

  #greet(end: ServerEnd, frame: ClientFrame): void {
    if (frame.type !== "hello" && frame.type !== "resume") return this.#close(end, "too_early", 4400);
    const refusal = this.refuse(frame);
    if (refusal !== undefined) {
      this.#refuse(end, refusal.reason, refusal.retryIn === undefined ? {} : { retryIn: refusal.retryIn });
      return end.close(refusal.reason === "unauthorized" ? 4401 : refusal.reason === "expired" ? 4005 : 4003);
    }
    if (frame.type === "hello") {
      this.#made += 1;
      const session: FakeSession = {
        id: `member-${this.#made}`,
        token: `token-${this.#made}`,
        attempt: frame.attempt,
        end,
      };
      this.sessions.set(session.token, session);
      this.#speakers.set(end, session);
      return this.#welcome(end, session, false);
    }
    const session = this.sessions.get(frame.token);
    if (session === undefined) return this.#close(end, "expired", 4005);
    if (frame.attempt < session.attempt) return this.#close(end, "superseded", 4004);
    this.#speakers.set(end, session);
    const former = session.end;
    session.attempt = frame.attempt;
    session.end = end;
    this.#welcome(end, session, true);
    for (const each of frame.rooms) this.#resume(end, session, each);
    if (this.closesFormer) former?.close(4004);
  }

  #resume(end: ServerEnd, session: FakeSession, { room: name, position }: ResumeFrame["rooms"][number]): void {
    const room = this.room(name);
    const seat = room.seats.get(session.id);
    const at = this.#position(room.seq);
    if (seat === undefined) {
      return end.send({
        type: "resumed",
        room: name,
        mark: 0,
        position: at,
        verdict: "expired",
        reason: "expired",
        code: 4410,
      });
    }
    seat.attempt = session.attempt;
    const [seq, , born] = position.split(".").map((part) => Number.parseInt(part, 36));
    const reason = born !== this.#born ? "log_restarted" : (seq ?? 0) < room.trimmed ? "too_old" : undefined;
    const missed = room.log.filter((entry) => entry.seq > (seq ?? 0));
    // Read before `back` is told, which goes to everyone by itself.
    if (reason === undefined) for (const entry of missed) for (const frame of entry.frames(session.id)) end.send(frame);
    if (seat.member.state === "away") this.#state(name, session.id, "present");
    const now = this.#position(room.seq);
    const common = { type: "resumed", room: name, mark: seat.mark, position: now } as const;
    if (reason === undefined) end.send({ ...common, verdict: "complete" });
    else end.send({ ...common, verdict: "gap", gap: { from: position, to: now, reason }, view: viewOf(room) });
  }

  #join(end: ServerEnd, session: FakeSession, name: string, n: number, profile: WireMember["profile"]): void {
    const room = this.room(name);
    const known = room.seats.get(session.id);
    if (known === undefined) {
      const member: WireMember = {
        id: session.id,
        profile,
        role: room.seats.size === 0 ? "moderator" : "participant",
        state: "present",
      };
      const position = this.append(name, (at) => [
        { type: "member", room: name, position: at, change: "joined", member },
      ]);
      room.seats.set(session.id, { member, attempt: session.attempt, mark: 0, applied: new Set(), joinedAt: room.seq });
      return end.send({ type: "joined", room: name, n, self: session.id, mark: 0, position, view: viewOf(room) });
    }
    known.attempt = session.attempt;
    if (known.member.state === "away") this.#state(name, session.id, "present");
    end.send({
      type: "joined",
      room: name,
      n,
      self: session.id,
      mark: known.mark,
      position: this.#position(room.seq),
      view: viewOf(room),
    });
    for (const entry of room.log)
      if (entry.seq > known.joinedAt)
        for (const frame of entry.frames(session.id)) {
          if (frame.type === "signal" || frame.type === "broadcast") end.send(frame);
        }
  }

  #command(end: ServerEnd, session: FakeSession, frame: RoomCommand): void {
    const room = this.room(frame.room);
    const seat = room.seats.get(session.id);
    if ((frame.type === "signal" || frame.type === "broadcast") && frame.durable === false)
      return this.#volatile(session.id, frame);
    const n = frame.n ?? 0;
    const refuse = (reason: Reason) => this.#refuse(end, reason, { n, room: frame.room });
    if (seat === undefined) return refuse("not_a_member");
    if (session.end !== end || seat.attempt !== session.attempt) return refuse("superseded");
    if (n <= seat.mark) {
      if (!seat.applied.has(n)) return refuse("retry");
      return end.send({ type: "ack", room: frame.room, n, position: this.#position(room.seq) });
    }
    if (frame.type === "signal" && !room.seats.has(frame.to)) return refuse("unknown_peer");
    seat.mark = n;
    seat.applied.add(n);
    const position = this.#apply(session.id, seat, room, frame);
    end.send({ type: "ack", room: frame.room, n, position });
  }

  #apply(id: string, seat: Seat, room: FakeRoom, frame: RoomCommand): string {
    const name = frame.room;
    switch (frame.type) {
      case "broadcast":
        return this.append(name, (position, reader) =>
          reader === id ? [] : [{ type: "broadcast", room: name, from: id, body: frame.body, position }],
        );
      case "signal":
        return this.append(name, (position, reader) =>
          reader === frame.to ? [{ type: "signal", room: name, from: id, body: frame.body, position }] : [],
        );
      case "profile": {
        seat.member = { ...seat.member, profile: frame.profile };
        const { member } = seat;
        return this.append(name, (position) => [{ type: "member", room: name, position, change: "updated", member }]);
      }
      case "data": {
        const { key, value } = frame;
        const version = (room.data.get(key)?.version ?? 0) + 1;
        const owner = frame.owned === true ? { owner: id } : {};
        const shared = value === undefined ? {} : { value };
        if (value === undefined) room.data.delete(key);
        else room.data.set(key, { version, value, ...owner });
        return this.append(name, (position) => [
          { type: "data", room: name, position, key, version, by: id, ...shared, ...owner },
        ]);
      }
      case "room": {
        const { pin, ...rest } = frame.set;
        room.settings = { ...room.settings, ...rest, ...(pin === undefined ? {} : { pin: pin !== null }) };
        const { settings } = room;
        return this.append(name, (position) => [{ type: "room", room: name, position, by: id, settings }]);
      }
      case "moderate": {
        const { n: _n, type: _type, ...what } = frame;
        const position = this.append(name, (at) => [
          { type: "moderated", by: id, position: at, ...what } as ServerFrame,
        ]);
        if (frame.action === "remove" || frame.action === "ban") room.seats.delete(frame.member);
        return position;
      }
      case "leave":
        room.seats.delete(id);
        return this.append(name, (position) => [
          { type: "member", room: name, position, change: "left", id, why: "left" },
        ]);
      case "join":
        return this.#position(room.seq);
      default:
        return frame satisfies never;
    }
  }

  #volatile(from: string, frame: RoomCommand): void {
    for (const id of this.room(frame.room).seats.keys()) {
      if (frame.type === "broadcast" && id !== from)
        this.#tell(id, { type: "broadcast", room: frame.room, from, body: frame.body });
      if (frame.type === "signal" && id === frame.to)
        this.#tell(id, { type: "signal", room: frame.room, from, body: frame.body });
    }
  }

  #state(name: string, id: string, state: "present" | "away"): void {
    const seat = this.room(name).seats.get(id);
    if (seat === undefined) return;
    seat.member = { ...seat.member, state };
    const { member } = seat;
    const change = state === "away" ? "away" : "back";
    this.append(name, (position) => [{ type: "member", room: name, position, change, member }]);
  }

  #tell(id: string, frame: ServerFrame): void {
    for (const { id: each, end } of this.sessions.values()) if (each === id) end?.send(frame);
  }

  #welcome(end: ServerEnd, session: FakeSession, resumed: boolean): void {
    end.send({
      type: "welcome",
      session: session.id,
      token: session.token,
      resumed,
      node: end.url,
      limits,
      ice: this.ice,
    });
  }

  #refuse(end: ServerEnd, reason: Reason, rest: { n?: number; room?: string; retryIn?: number }): void {
    end.send({ type: "refused", reason, code: reasons[reason].code, retry: reasons[reason].retry, ...rest });
  }

  #close(end: ServerEnd, reason: Reason, code: number): void {
    this.#refuse(end, reason, {});
    end.close(code);
  }

  /** The time tells one log from the next. */
  #position(seq: number): string {
    return `${seq.toString(36)}.0.${this.#born.toString(36)}`;
  }
}
