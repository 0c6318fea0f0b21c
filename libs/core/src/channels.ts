// What a node does about the personal channels of sessions anywhere: letters to them, and who they say the session is.
import type { Body, LetterCommand, MemberView, Outcome, Realm, SessionId } from "@heliograph/protocol";
import { accepted, memberOfSession, parseSessionId, personalRoom, refused, roomKey } from "@heliograph/protocol";
import { Postbox } from "./postbox.ts";
import type { Refusals } from "./refusals.ts";
import type { Rooms } from "./rooms.ts";
import type { Session } from "./session.ts";
import type { World } from "./world.ts";

export class Channels {
  readonly #world: World;
  readonly #rooms: Rooms;
  readonly #refusals: Refusals;
  readonly #postbox: Postbox;

  constructor(world: World, rooms: Rooms, refusals: Refusals) {
    this.#world = world;
    this.#rooms = rooms;
    this.#refusals = refusals;
    this.#postbox = new Postbox(world, rooms.backlog, (room, seq) => rooms.mention(room, seq));
  }

  /** Sessions to whom letters are under way. */
  get size(): number {
    return this.#postbox.size;
  }

  end(): void {
    this.#postbox.end();
  }

  write(session: Session, letter: LetterCommand): void {
    // Where it is stored is made of it: no door's mistake may make another room's name.
    if (!parseSessionId(letter.to).ok) return this.#refusals.refuse(session, "malformed", {});
    const refusal = this.#postbox.post(session.origin.realm, letter.to, session.id, letter.body);
    if (refusal === "slow_down") this.#refusals.slowDown(session, letter, 100);
    else if (refusal !== undefined) this.#refusals.refuse(session, refusal, {});
  }

  writeAsHouse(realm: Realm, to: SessionId, body: Body): void {
    const refusal = this.#postbox.post(realm, to, undefined, body);
    if (refusal !== undefined) this.#world.observer.observe({ type: "refused", reason: refusal, command: "letter" });
  }

  async look(realm: Realm, session: SessionId): Promise<Outcome<MemberView>> {
    const member = memberOfSession(session);
    const key = roomKey(realm, personalRoom(session));
    const here = this.#rooms.at(key);
    if (here !== undefined) {
      const view = here.member(member)?.view();
      return view === undefined ? refused("unknown_peer") : accepted(view);
    }
    try {
      const known = (await this.#world.nodes.ask(key))?.members.find(({ id }) => id === member);
      if (known === undefined) return refused("unknown_peer");
      const { id, profile, role, state } = known;
      return accepted({ id, profile, role, state });
    } catch {
      return refused("unavailable");
    }
  }
}
