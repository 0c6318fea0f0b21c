// Who is behind an attestation or a contact token; and the news, for those who looked each other up, that one has gone.
import type { Directory, Node, WatchedEvent } from "@heliograph/core";
import type { Own, SessionEntry } from "@heliograph/dialects/spreed";
import {
  broadcast,
  nothingOwn,
  ownOf,
  readOwn,
  writeEntry,
  writeLeft,
  writeSessions,
} from "@heliograph/dialects/spreed";
import type { MemberView, Realm, SessionId } from "@heliograph/protocol";
import { memberOfSession, personalRoom } from "@heliograph/protocol";
import type { Attestations } from "./attestations.ts";
import type { ContactTokens } from "./contact-tokens.ts";
import type { Guest } from "./guest.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

/** Sessions that one client may follow; those beyond are listed, and their end is not told. */
const mostFollowed = 128;

export interface LookUpParts {
  readonly realm: Realm;
  readonly node: Pick<Node, "look" | "watch">;
  readonly directory: Pick<Directory, "sessionsOf">;
  readonly attestations: Attestations;
  readonly contacts: ContactTokens;
  readonly voice: Voice;
  settings(): SpreedSettings;
  /** An Id that nobody has: for users that are offline, always the same for one. */
  absentId(userid: string): string;
}

/** What a door writes to the session that its client has looked up: from then on it follows back. */
export const followBack = { kind: "spreed", follow: true } as const;

export function isFollowBack(value: unknown): boolean {
  return typeof value === "object" && value !== null && "follow" in value && value.follow === true;
}

export class LookUps {
  readonly #guest: Guest;
  readonly #parts: LookUpParts;
  readonly #followed = new Map<SessionId, () => void>();

  constructor(guest: Guest, parts: LookUpParts) {
    this.#guest = guest;
    this.#parts = parts;
  }

  async find(kind: "session" | "contact", token: string, iid: string): Promise<void> {
    if (kind === "session") await this.#bySession(token, iid);
    else await this.#byContact(token, iid);
  }

  /** What the session says of itself; undefined: it is not connected. */
  async ownOf(session: SessionId): Promise<Own | undefined> {
    const { node, realm } = this.#parts;
    const view = await node.look(realm, session);
    return view.ok && view.value.state === "present" ? this.#own(view.value) : undefined;
  }

  /** Somebody looked this client up as a contact. */
  follow(session: SessionId): void {
    if (this.#followed.has(session) || this.#followed.size >= mostFollowed) return;
    const { node, realm } = this.#parts;
    const member = memberOfSession(session);
    let over = false;
    const left = (): void => {
      over = true;
      this.#left(session);
    };
    const stop = node.watch(realm, personalRoom(session), {
      // It was there a moment ago.
      view: ({ members }) => {
        if (!over && !members.some(({ id }) => id === member)) left();
      },
      event: (event: WatchedEvent) => {
        if (!over && event.type === "member" && event.what.change === "left" && event.what.id === member) left();
      },
    });
    if (over) stop();
    else this.#followed.set(session, stop);
  }

  end(): void {
    for (const stop of this.#followed.values()) stop();
    this.#followed.clear();
  }

  #left(session: SessionId): void {
    const stop = this.#followed.get(session);
    this.#followed.delete(session);
    this.#guest.tell(broadcast(writeLeft(session, "hard"), this.#parts.voice.sender(session)));
    // Not within the event that says it.
    if (stop !== undefined) queueMicrotask(stop);
  }

  async #bySession(token: string, iid: string): Promise<void> {
    const { attestations, voice } = this.#parts;
    const session = attestations.redeem(token, voice.now);
    if (!session.ok) {
      return this.#guest.refuse(
        "bad_attestation",
        session.reason === "expired" ? "It is too old." : "It is none of ours.",
        iid,
      );
    }
    const own = await this.ownOf(session.value);
    if (own === undefined) return this.#guest.refuse("no_such_session", "The session is not connected.", iid);
    this.#guest.reply(writeSessions("session", token, [writeEntry(session.value, own, "")]), iid);
  }

  async #byContact(token: string, iid: string): Promise<void> {
    const { settings, contacts } = this.#parts;
    const guest = this.#guest;
    if (!settings().contacts) return guest.refuse("contacts_not_enabled", "Contacts are not enabled.", iid);
    const userid = guest.authenticated ? contacts.contactOf(guest.userid, token) : undefined;
    if (userid === undefined) return guest.refuse("bad_request", "This is no contact of yours.", iid);
    const entries = await this.#entriesOf(userid);
    if (entries === undefined) return guest.refuse("unknown", "Users cannot be looked up now.", iid);
    guest.reply(writeSessions("contact", token, entries), iid);
  }

  /** Undefined: nobody could be asked. */
  async #entriesOf(userid: string): Promise<readonly SessionEntry[] | undefined> {
    const { directory, realm, absentId, voice } = this.#parts;
    const records = await directory.sessionsOf(realm, userid).catch(() => undefined);
    if (records === undefined) return undefined;
    const entries: SessionEntry[] = [];
    for (const { session } of [...records].sort((a, b) => a.since - b.since).slice(0, mostFollowed)) {
      const own = await this.ownOf(session);
      if (own === undefined || own.Userid !== userid) continue;
      entries.push(writeEntry(session, own, ""));
      if (session === this.#guest.identity.id) continue;
      this.follow(session);
      this.#guest.command({ type: "letter", to: session, body: voice.body(followBack) });
    }
    return entries.length > 0 ? entries : [writeEntry(absentId(userid), { ...nothingOwn, Userid: userid }, "")];
  }

  #own({ profile }: MemberView): Own {
    const { voice, settings } = this.#parts;
    const said = profile.own === undefined ? undefined : readOwn(voice.open(profile.own));
    return ownOf(profile, said, settings().pictureBase);
  }
}
