// Opens sessions: a hello begins one, a resume takes one over, and a welcome comes before anything else.
import type { Epoch, Hello, Outcome, Resume, SessionId } from "@heliograph/protocol";
import { accepted, refused } from "@heliograph/protocol";
import type { Connection, Origin } from "./connection.ts";
import type { Degraded } from "./degraded.ts";
import type { IceDesk } from "./ice-desk.ts";
import { newSessionId } from "./identity.ts";
import { detailOf } from "./refusals.ts";
import { Session } from "./session.ts";
import type { SessionRecords } from "./session-records.ts";
import type { Stays } from "./stays.ts";
import type { World } from "./world.ts";

/** What a session finds on its node. */
export interface Reception {
  /** Those of the node: what is opened is added. */
  readonly sessions: Map<SessionId, Session>;
  readonly stays: Stays;
  readonly records: SessionRecords;
  readonly ice: IceDesk;
  readonly degraded: Degraded;
  /** Milliseconds since 1970 at which the node began. */
  readonly began: number;
}

export class SessionOpenings {
  readonly #world: World;
  readonly #reception: Reception;

  constructor(world: World, reception: Reception) {
    this.#world = world;
    this.#reception = reception;
  }

  open(connection: Connection, opening: Hello | Resume, origin: Origin): Outcome<Session> {
    const outcome =
      opening.type === "hello" ? this.#hello(connection, opening, origin) : this.#resume(connection, opening, origin);
    if (!outcome.ok) {
      this.#world.observer.observe({ type: "refused", reason: outcome.reason, command: opening.type });
      connection.deliver({ type: "refused", reason: outcome.reason, ...detailOf(outcome) });
    }
    return outcome;
  }

  #hello(connection: Connection, hello: Hello, origin: Origin): Outcome<Session> {
    if (hello.token !== undefined) return refused("unauthorized", "this server knows no issuer of tokens");
    const { sessions, stays } = this.#reception;
    const session = this.#newSession(newSessionId(this.#world.random), connection, hello, origin);
    session.iceWish = hello.iceWish ?? session.iceWish;
    sessions.set(session.id, session);
    this.#welcome(session, false);
    if (hello.channel !== undefined) stays.joinChannel(session, hello.channel);
    return accepted(session);
  }

  #resume(connection: Connection, resume: Resume, origin: Origin): Outcome<Session> {
    const { clock, settings, tokens, log } = this.#world;
    const claims = tokens.verify(resume.token, clock.now());
    if (!claims.ok) return claims;
    if (claims.value.realm !== origin.realm) return refused("unauthorized", "token of another realm");
    if (resume.rooms.length > settings.limits.roomsPerSession) return refused("too_many_rooms");
    // A node that cannot append would leave its client in between: it goes elsewhere before anything has begun.
    if (log.link === "down") return refused("unavailable", "the log is out of reach", 1_000);
    const { sessions, stays } = this.#reception;
    const known = sessions.get(claims.value.session);
    if (known !== undefined && known.epoch.attempt >= resume.attempt) return refused("superseded");
    const session = known ?? this.#newSession(claims.value.session, connection, resume, origin);
    if (known !== undefined) {
      const former = known.connection;
      known.connection = connection;
      known.origin = origin;
      known.epoch = this.#epochOf(resume);
      stays.askAnew(known);
      former?.close("taken_over");
    }
    session.iceWish = resume.iceWish ?? session.iceWish;
    sessions.set(session.id, session);
    this.#welcome(session, true);
    if (resume.channel !== undefined) stays.joinChannel(session, resume.channel);
    for (const { room, position } of resume.rooms) {
      // A room that is at hand may have told already that a newer connection speaks: then this one is over.
      if (session.connection !== connection) break;
      stays.resume(session, room, position);
    }
    return accepted(session);
  }

  #newSession(id: SessionId, connection: Connection, opening: Hello | Resume, origin: Origin): Session {
    const { clock, settings } = this.#world;
    const now = clock.now() - this.#reception.began;
    return new Session(id, origin, opening.client, connection, this.#epochOf(opening), settings.commandBurst, now);
  }

  #epochOf({ attempt }: Hello | Resume): Epoch {
    return { attempt, bump: 0, node: this.#world.id };
  }

  #welcome(session: Session, resumed: boolean): void {
    const { clock, settings, tokens, observer, id } = this.#world;
    const { records, ice, degraded } = this.#reception;
    const { realm } = session.origin;
    session.deliver({
      type: "welcome",
      session: session.id,
      token: tokens.issue({ realm, session: session.id }, clock.now()),
      resumed,
      node: id,
      limits: settings.limits,
      ice: ice.give(session, resumed ? "resume" : "greeting"),
    });
    const { missing } = degraded;
    if (missing.length > 0) session.deliver({ type: "degraded", missing });
    records.changed(session);
    observer.observe({ type: "session_opened", session: session.id, resumed });
  }
}
