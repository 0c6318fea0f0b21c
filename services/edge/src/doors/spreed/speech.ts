// What Spreed clients say to each other: Offer, Answer, Candidate, Bye, Chat and Conference, out and in.
import type { Chatted, Conferring, Relayed, Spoken, SpreedRoom } from "@heliograph/dialects/spreed";
import {
  broadcastBodyOf,
  conferenceTargets,
  declineOf,
  documentOf,
  echo,
  hearSignal,
  planChat,
  signalBodyOf,
  spreedRoomId,
  unicast,
  writeChat,
} from "@heliograph/dialects/spreed";
import type { Body, Event, MemberId, SessionId } from "@heliograph/protocol";
import { parseMemberId, parseSessionId } from "@heliograph/protocol";
import type { Answered } from "./desk.ts";
import type { Guest } from "./guest.ts";
import type { Place } from "./place.ts";
import { stamped } from "./room-board.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

export interface SpeechParts {
  readonly guest: Guest;
  readonly place: Place;
  readonly voice: Voice;
  settings(): SpreedSettings;
  /** Bytes that one message may have on its way. */
  readonly bodyBytes: number;
  /** Decides a contact request; undefined: it goes nowhere. */
  contact(chat: Chatted): Promise<Chatted | undefined>;
  counted(chat: "broadcast" | "unicast"): void;
  /** Something that was said went nowhere, or has no words here. */
  untold(why: string): void;
}

export class Speech {
  readonly #parts: SpeechParts;

  constructor(parts: SpeechParts) {
    this.#parts = parts;
  }

  relay(said: Relayed): void {
    this.#send(said.to, said);
  }

  chat(said: Chatted): Promise<void> | undefined {
    const { guest, place, voice, counted } = this.#parts;
    const plan = planChat(said.to, said.chat, place.stand !== undefined);
    const self = guest.identity.id;
    if (plan.echo !== undefined) guest.tell(echo(writeChat(said.to, plan.echo), voice.sender(self)));
    const { deliver } = plan;
    if (deliver === undefined) return undefined;
    if (plan.counts !== undefined) counted(plan.counts);
    if (deliver.to === "room") {
      const body = this.#bodyOf(broadcastBodyOf(said), said);
      if (body !== undefined) place.stand?.desk.say({ type: "broadcast", body });
      return undefined;
    }
    const go = (settled: Chatted): void => {
      this.#send(deliver.session, settled);
      if (plan.sent !== undefined) guest.tell(echo(writeChat(deliver.session, plan.sent), voice.sender(self)));
    };
    if (plan.contact === undefined) {
      go(said);
      return undefined;
    }
    return this.#parts.contact(said).then((settled) => {
      if (settled !== undefined) go(settled);
    });
  }

  async confer(said: Conferring): Promise<void> {
    const { guest, place } = this.#parts;
    for (const to of conferenceTargets(said, guest.identity.id, place.lastType)) {
      await guest.breath();
      this.#send(to, said);
    }
  }

  /** A signal of a room mate. */
  signal({ from, body, position }: Extract<Event, { type: "signal" | "broadcast" }>): void {
    const { place, voice } = this.#parts;
    const here = place.stand;
    const value = voice.open(body);
    const spreed = here?.board.speaksSpreed(from) === true;
    if (!spreed) this.#decline(from, value);
    this.#hear(from, value, spreed ? "spreed" : "native", position?.time ?? voice.now);
  }

  /** From a session outside any room: only doors of this dialect write letters. */
  letter(from: SessionId, value: unknown, time: number): void {
    this.#hear(from, value, "spreed", time);
  }

  #hear(from: string, value: unknown, by: "spreed" | "native", time: number): void {
    const { guest, voice, untold } = this.#parts;
    const self = guest.identity.id;
    const heard = hearSignal(value, by, self, this.#conferenceId());
    if (!heard.ok) return untold(heard.why);
    const sender = voice.sender(from);
    for (const spoken of heard.spoken) guest.tell(unicast(documentOf(stamped(spoken, time)), sender, self));
  }

  /** Of a conference room, whose calls nobody is rung up for. */
  #conferenceId(): string | undefined {
    const here = this.#parts.place.stand;
    if (here?.type !== "Conference") return undefined;
    const room: SpreedRoom = { type: here.type, name: here.board.record(here.given).name };
    return spreedRoomId(room, this.#parts.settings().rooms.caseSensitive);
  }

  /** A native client that rings waits for an answer, and these clients are not rung. */
  #decline(from: MemberId, value: unknown): void {
    const { place, voice } = this.#parts;
    const decline = declineOf(value);
    if (decline !== undefined) place.stand?.desk.say({ type: "signal", to: from, body: voice.body(decline) });
  }

  /** Nobody is told whether it arrives. */
  #send(to: string, spoken: Spoken): void {
    const { place, untold } = this.#parts;
    const session = parseSessionId(to);
    const member = parseMemberId(to);
    if (!member.ok) return untold("no session");
    const body = this.#bodyOf(signalBodyOf(spoken), spoken);
    if (body === undefined) return;
    const here = place.stand;
    const mate = here?.board.member(to);
    // Whoever is away may be connected again and not have come in yet: what is said in the room passes it by, and its
    // channel goes wherever it goes.
    const elsewhere = mate?.state === "away" && here?.board.speaksSpreed(mate.id) === true;
    if (here === undefined || mate === undefined || elsewhere) {
      if (session.ok) this.#write(session.value, body);
      return;
    }
    here.desk.say({ type: "signal", to: member.value, body }, (answer: Answered) => {
      // It has left meanwhile, and may be told all the same: an id is all that it takes.
      if (answer === "unknown_peer" && session.ok) this.#write(session.value, body);
    });
  }

  #write(to: SessionId, body: Body): void {
    this.#parts.guest.command({ type: "letter", to, body });
  }

  /** What is too large with its native meaning beside it is said to Spreed readers alone. */
  #bodyOf(value: unknown, spoken: Spoken): Body | undefined {
    const { voice, bodyBytes, untold } = this.#parts;
    const body = voice.body(value);
    if (body.bytes.length <= bodyBytes) return body;
    const plain = voice.body({ kind: "custom", value: null, spreed: documentOf(spoken) });
    if (plain.bytes.length <= bodyBytes) return plain;
    untold("too large");
    return undefined;
  }
}
