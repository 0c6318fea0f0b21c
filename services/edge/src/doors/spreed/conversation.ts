// One Spreed client's conversation: documents in, commands out; events in, frames out.
import type { Connection, Session, WatchedEvent } from "@heliograph/core";
import { isWatched } from "@heliograph/core";
import type { Chatted, Said } from "@heliograph/dialects/spreed";
import { readFrame, withStatus, writeAlive, writeSelf, writeTurnUpdate } from "@heliograph/dialects/spreed";
import type { Close, Event, IceGrant, Reason, RoomName } from "@heliograph/protocol";
import { personalRoom } from "@heliograph/protocol";
import type { SpreedCaller } from "./caller.ts";
import { settle } from "./contacts.ts";
import type { ConversationParts } from "./conversation-parts.ts";
import type { Identity } from "./credentials.ts";
import { Desk } from "./desk.ts";
import { Guest } from "./guest.ts";
import { nonceIn } from "./house-letters.ts";
import type { Line } from "./line.ts";
import { LogIn } from "./log-in.ts";
import { AwaitedLogin } from "./login-nonces.ts";
import { isFollowBack, LookUps } from "./look-ups.ts";
import { Place } from "./place.ts";
import { Speech } from "./speech.ts";
import { withPictureKept } from "./status-picture.ts";

/** Milliseconds that a picture may take to where all nodes find it; and between two looks. */
const mostOnItsWay = 1_000;
const look = 10;

export class Conversation implements Connection {
  readonly #parts: ConversationParts;
  readonly #line: Line;
  readonly #caller: SpreedCaller;
  readonly #guest: Guest;
  readonly #place: Place;
  readonly #speech: Speech;
  readonly #lookUps: LookUps;
  readonly #logIn: LogIn;
  readonly #channelName: RoomName;
  /** Undefined until the personal channel is open: whoever is told an Id may be written to. */
  #channel: Desk | undefined;
  /** What Self will say of ICE servers, and who waits for it; both until the channel is open. */
  #ice: IceGrant | undefined;
  #early: (() => void)[] | undefined = [];
  /** What the client says of itself has changed since the channel was asked for. */
  #unpresented = false;
  /** Requests for Self that wait for their ICE servers, by core's counter. */
  readonly #selfs = new Map<number, string>();

  constructor(line: Line, caller: SpreedCaller, identity: Identity, parts: ConversationParts) {
    this.#parts = parts;
    this.#line = line;
    this.#caller = caller;
    const { voice, boards, settings, seal, globals, after, bodyBytes, counted, untold, node } = parts;
    this.#guest = new Guest(identity, line, {
      voice,
      settings,
      command: (session, command) => node.command(session, command),
    });
    const guest = this.#guest;
    this.#place = new Place({
      guest,
      boards,
      voice,
      settings,
      seal,
      globals,
      after,
      presented: () => this.#present(),
      knowsRules: () => node.knowsRules,
      fault: (error) => parts.fault(error),
    });
    const place = this.#place;
    this.#lookUps = new LookUps(guest, parts.lookUps);
    this.#logIn = new LogIn({
      guest,
      voice,
      after,
      awaited: new AwaitedLogin(parts.nonces, identity.id),
      enabled: () => settings().rooms.users,
      done: (userid, iid) => this.#loggedIn(userid, iid),
    });
    const contact = (said: Chatted) => settle(said, guest, this.#lookUps, parts.contacts, settings().contacts);
    this.#speech = new Speech({ guest, place, voice, settings, bodyBytes, contact, counted, untold });
    this.#channelName = personalRoom(identity.id);
  }

  get session(): Session | undefined {
    return this.#guest.session;
  }

  get userid(): string {
    return this.#guest.userid;
  }

  /** Of all its members this one has been longest in its room. */
  get isFirstOfRoom(): boolean {
    return this.#place.stand?.board.first === this.#guest.member;
  }

  get slow(): boolean {
    return this.#line.slow;
  }

  /** The first frame is Self. False: core would not let it in, and the line has been closed. */
  open(): boolean {
    const { node, tokens, voice } = this.#parts;
    const { identity, profile } = this.#guest;
    const token = tokens.issue({ realm: this.#caller.realm, session: identity.id }, voice.now);
    const { attempt } = identity;
    const opened = node.open(this, { type: "resume", token, attempt, channel: { profile }, rooms: [] }, this.#caller);
    if (opened.ok) {
      this.#guest.session = opened.value;
      this.#parts.accepted();
      this.#parts.pictures?.adopt(this.#caller.realm, identity.id);
    } else {
      // Another node may serve it.
      this.#line.close("unavailable");
    }
    return opened.ok;
  }

  /** Deals with one frame; what takes longer is waited for, and neither throws nor rejects. */
  handle(bytes: Uint8Array): Promise<void> | undefined {
    const decoded = this.#parts.voice.read(bytes);
    if (decoded === undefined) return undefined;
    const read = readFrame(decoded.value);
    if (!read.ok) {
      if (read.answer !== undefined && this.#channel !== undefined)
        this.#guest.refuse(read.answer.code, read.why, read.answer.iid);
      return undefined;
    }
    const { said, iid } = read.value;
    const breath = this.#opened() ?? this.#guest.breath();
    try {
      const done = breath === undefined ? this.#obey(said, iid) : breath.then(() => this.#obey(said, iid));
      return done?.catch((error: unknown) => this.#parts.fault(error));
    } catch (error) {
      this.#parts.fault(error);
      return undefined;
    }
  }

  close(why: Close): void {
    this.#line.close(why);
  }

  /** The socket is gone. `forGood`: the session with it, unless another connection speaks for it. */
  ended(forGood: boolean): void {
    const { session } = this.#guest;
    const speaks = session !== undefined && session.connection === this;
    if (forGood && speaks) this.#parts.pictures?.gone(this.#caller.realm, session.id);
    for (const call of this.#early ?? []) call();
    this.#place.end();
    this.#lookUps.end();
    this.#channel?.close("unavailable");
    this.#guest.session = undefined;
  }

  deliver(event: Event): void {
    if (!this.#line.open) return;
    switch (event.type) {
      case "welcome":
        this.#ice = event.ice;
        return;
      case "ice":
        return this.#giveIce(event.n, event.ice);
      case "goaway":
        // The dialect has no word for it: its clients come back when they are cut, elsewhere.
        return this.#line.close("goaway");
      case "joined":
        if (event.room === this.#channelName) return this.#openChannel(event.mark);
        return this.#place.joined(event);
      case "ack":
        return this.#deskOf(event.room)?.ack(event.n);
      case "refused":
        return this.#refused(event.n, event.room, event.reason);
      case "member":
      case "settings":
      case "moderated":
        return this.#tellRoom(event);
      case "broadcast":
      case "signal":
        if (isWatched(event)) this.#tellRoom(event);
        else this.#speech.signal(event);
        return;
      case "letter":
        return this.#letter(event);
      case "gap":
        return this.#gap(event.room);
      case "data":
      case "degraded":
      case "pong":
      case "resumed":
        return;
      default:
        event satisfies never;
    }
  }

  #obey(said: Said, iid: string): Promise<void> | undefined {
    const guest = this.#guest;
    switch (said.type) {
      case "Self":
        return this.#askSelf(iid);
      case "Hello":
        return this.#place.hello(said.hello, iid);
      case "Leave":
        return this.#place.leave();
      case "Users":
        this.#place.users(iid);
        return undefined;
      case "Status":
        return this.#setStatus(said.status);
      case "Alive":
        guest.reply(writeAlive(said.alive), iid);
        return undefined;
      case "Room":
        return this.#place.update(said.room, iid);
      case "Offer":
      case "Answer":
      case "Candidate":
      case "Bye":
        this.#speech.relay(said);
        return undefined;
      case "Chat":
        return this.#speech.chat(said);
      case "Conference":
        return this.#speech.confer(said);
      case "Sessions":
        return this.#lookUps.find(said.kind, said.token, iid);
      case "Authentication":
        return this.#logIn.spend(said, iid);
      default:
        return said satisfies never;
    }
  }

  async #setStatus(said: unknown): Promise<void> {
    const guest = this.#guest;
    const { pictures, after } = this.#parts;
    const kept = withPictureKept(said, pictures, this.#caller.realm, guest.identity.id);
    // Others fetch it from other nodes as soon as they are told of it.
    for (let waited = 0; kept.onItsWay() && waited < mostOnItsWay; waited += look) await after(look);
    guest.own = withStatus(guest.own, kept.status);
    this.#presentEverywhere();
  }

  /** Whoever is told so may look the session up, and finds its user. */
  async #loggedIn(userid: string, iid: string): Promise<void> {
    const { session } = this.#guest;
    this.#caller.user = userid;
    if (session !== undefined) this.#parts.node.named(session);
    await this.#channel?.ask({ type: "profile", profile: this.#guest.profile });
    this.#askSelf(iid);
    this.#place.stand?.desk.say({ type: "profile", profile: this.#guest.profile });
  }

  #askSelf(iid: string): undefined {
    const n = this.#guest.nextN();
    this.#selfs.set(n, iid);
    this.#guest.command({ type: "ice", n });
    return undefined;
  }

  #giveIce(n: number | undefined, ice: IceGrant): void {
    if (n === undefined) {
      if (this.#ice !== undefined) this.#ice = ice;
      else this.#guest.reply(writeTurnUpdate(ice));
      return;
    }
    const iid = this.#selfs.get(n) ?? "";
    this.#selfs.delete(n);
    this.#tellSelf(ice, iid);
  }

  #tellSelf(ice: IceGrant, iid: string): void {
    const { credentials, voice, settings, suseridOf } = this.#parts;
    const { identity, userid } = this.#guest;
    const self = writeSelf({
      id: identity.id,
      sid: identity.sid,
      userid,
      suserid: suseridOf(userid),
      token: credentials.issue(identity, voice.now),
      version: settings().version,
      ice,
    });
    this.#guest.reply(self, iid);
  }

  #openChannel(mark: number): void {
    this.#channel = new Desk(this.#channelName, mark, this.#guest);
    if (this.#ice !== undefined) this.#tellSelf(this.#ice, "");
    this.#ice = undefined;
    if (this.#unpresented) this.#present();
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const call of early) call();
  }

  /** Undefined: Self has been told, and is the first frame. */
  #opened(): Promise<void> | undefined {
    const early = this.#early;
    return early === undefined ? undefined : new Promise((resolve) => early.push(resolve));
  }

  /** In the personal channel, where look-ups find it. */
  #present(): void {
    this.#unpresented = this.#channel === undefined;
    this.#channel?.say({ type: "profile", profile: this.#guest.profile });
  }

  #presentEverywhere(): void {
    this.#present();
    this.#place.stand?.desk.say({ type: "profile", profile: this.#guest.profile });
  }

  #deskOf(room: RoomName): Desk | undefined {
    if (room === this.#channelName) return this.#channel;
    return this.#place.desk(room);
  }

  #refused(n: number | undefined, room: RoomName | undefined, reason: Reason): void {
    if (room === undefined) {
      const iid = n === undefined ? undefined : this.#selfs.get(n);
      if (n === undefined) return this.#cannot(reason);
      this.#selfs.delete(n);
      if (iid !== undefined) this.#guest.refuse("unknown", `It cannot be told now: ${reason}.`, iid);
      return;
    }
    if (room === this.#channelName) {
      if (n !== undefined) this.#channel?.refused(n, reason);
      return this.#cannot(reason);
    }
    const answered = this.#place.refused(n, room, reason);
    if (!answered || reason === "unavailable" || reason === "slow_down" || reason === "retry") this.#cannot(reason);
  }

  /** What a client said is lost, and the dialect has no word for it: cut, it knows, and begins again. */
  #cannot(reason: Reason): void {
    switch (reason) {
      case "unavailable":
      case "slow_down":
      case "retry":
      case "expired":
        return this.#line.close("unavailable");
      default:
        return this.#parts.untold(reason);
    }
  }

  #tellRoom(event: WatchedEvent): void {
    const here = this.#place.stand;
    if (here === undefined || here.room !== event.room) return;
    const { member } = this.#guest;
    const news = here.board.news(event);
    if (news !== undefined && news.skip !== member) {
      for (const frame of news.frames) this.#line.send(frame);
      if (news.list !== undefined && !here.entering) this.#line.send(news.list);
    }
    if (event.type !== "moderated") return;
    const { action } = event;
    const out = action.action === "remove" || action.action === "ban";
    if (out && action.member === member) this.#place.removed();
  }

  #letter({ from, body, position }: Extract<Event, { type: "letter" }>): void {
    const value = this.#parts.voice.open(body);
    if (from === undefined) {
      const nonce = nonceIn(value);
      if (nonce !== undefined) this.#logIn.bring(nonce);
    } else if (isFollowBack(value)) this.#lookUps.follow(from);
    else this.#speech.letter(from, value, position.time);
  }

  /** News of the global room, for whoever is in another one. */
  tellGlobal(room: RoomName, frame: Uint8Array): void {
    const here = this.#place.stand;
    if (here !== undefined && here.room !== room) this.#line.send(frame);
  }

  /** Something was missed. Whoever is just coming in was told the room as it is, and had heard nothing before. */
  #gap(room: RoomName): void {
    if (room === this.#place.stand?.room && !this.#place.stand.entering) this.#line.close("unavailable");
  }
}
