// One Spreed client as its node knows it: who it is, what it says of itself, and its way to core and back.
import type { Session } from "@heliograph/core";
import type { Envelope, Own, SpreedErrorCode, Told } from "@heliograph/dialects/spreed";
import { nothingOwn, profileOf, reply, writeError } from "@heliograph/dialects/spreed";
import type { LetterCommand, MemberId, Profile, RoomCommand, SessionCommand } from "@heliograph/protocol";
import { memberOfSession, ownBytes } from "@heliograph/protocol";
import type { Identity } from "./credentials.ts";
import type { DeskHost } from "./desk.ts";
import type { Line } from "./line.ts";
import type { ListedEntry, Listing } from "./listed-entry.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

/** Core lets a session have 64 commands under way; a frame that would need more waits. */
const mostUnanswered = 48;

export interface GuestParts {
  readonly voice: Voice;
  settings(): SpreedSettings;
  command(session: Session, command: SessionCommand | RoomCommand | LetterCommand): void;
}

export class Guest implements DeskHost {
  readonly member: MemberId;
  readonly line: Line;
  /** Undefined until core has let it in, and once the socket has ended. */
  session: Session | undefined;
  own: Own;
  #identity: Identity;
  readonly #parts: GuestParts;
  #n = 0;
  #unanswered = 0;
  #waiting: (() => void) | undefined;

  constructor(identity: Identity, line: Line, parts: GuestParts) {
    this.#identity = identity;
    this.member = memberOfSession(identity.id);
    this.line = line;
    this.#parts = parts;
    this.own = { ...nothingOwn, Userid: identity.userid ?? "" };
  }

  get identity(): Identity {
    return this.#identity;
  }

  get userid(): string {
    return this.#identity.userid ?? "";
  }

  get authenticated(): boolean {
    return this.#identity.userid !== undefined;
  }

  loggedIn(userid: string): void {
    this.#identity = { ...this.#identity, userid };
  }

  /** What others see of it, whatever dialect they speak. */
  get profile(): Profile {
    const { voice, settings } = this.#parts;
    const shown = profileOf(this.own.Status, settings().pictureBase);
    const own = voice.body(this.own);
    if (own.bytes.length <= ownBytes) return { ...shown, own };
    // What no room would keep is not said; its name and message are.
    const { name, status } = shown;
    const short = { ...this.own, Status: { displayName: name ?? "", message: status ?? null } };
    return { ...shown, own: voice.body(short) };
  }

  /** Counts commands that concern no room. */
  nextN(): number {
    this.#n += 1;
    return this.#n;
  }

  command(command: SessionCommand | RoomCommand | LetterCommand): void {
    const { session } = this;
    if ("n" in command && "room" in command && command.type !== "join") this.#unanswered += 1;
    if (session !== undefined) this.#parts.command(session, command);
  }

  answered(): void {
    this.#unanswered -= 1;
    if (this.#unanswered >= mostUnanswered) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  /** Undefined: one more command may be said now. */
  breath(): Promise<void> | undefined {
    if (this.#unanswered < mostUnanswered) return undefined;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  tell(envelope: Envelope): void {
    this.line.send(this.#parts.voice.frame(envelope));
  }

  reply(told: Told, iid = ""): void {
    this.tell(reply(told, this.#identity.id, iid));
  }

  /** A document whose list of sessions is still empty, with these in it. */
  replyListing(told: Listing, entries: readonly ListedEntry[], iid = ""): void {
    this.line.send(this.#parts.voice.listing(reply(told, this.#identity.id, iid), told, entries));
  }

  refuse(code: SpreedErrorCode, message: string, iid: string): void {
    this.reply(writeError(code, message), iid);
  }
}
