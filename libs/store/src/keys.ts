// The names of everything kept in Redis. What one script touches shares a hash tag, so that it stands in one slot.
import type { NodeId, PictureId, Realm, RoomKey, SessionId } from "@heliograph/protocol";
import { roomOf } from "@heliograph/protocol";

/** Every key begins so: permissions are given by it. */
export const keyPrefix = "hg:";

/** No name can forge a tag or a separator: braces, colons and whatever is not plain ASCII come out as `%XX`. */
function plain(name: string): string {
  return encodeURIComponent(name);
}

export interface IceKeys {
  readonly set: string;
  /** The token of whoever fetches. */
  readonly lock: string;
  /** There while nobody may try. */
  readonly wait: string;
  /** Attempts that failed in a row. */
  readonly fails: string;
  readonly generation: string;
}

export const keys = {
  room(room: RoomKey): string {
    const { realm, name } = roomOf(room);
    return `hg:{r:${plain(realm)}:${plain(name)}}`;
  },
  session(realm: Realm, session: SessionId): string {
    return `hg:{s:${plain(realm)}:${plain(session)}}`;
  },
  user(realm: Realm, user: string): string {
    return `hg:{u:${plain(realm)}:${plain(user)}}`;
  },
  nodes(): string {
    return "hg:nodes";
  },
  rooms(node: NodeId): string {
    return `hg:{n:${plain(node)}}:rooms`;
  },
  /** The id tells realms apart. */
  picture(id: PictureId): string {
    return `hg:{p:${plain(id)}}`;
  },
  counter(name: string): string {
    return `hg:{k:${plain(name)}}`;
  },
  /** An answer and the offer it answers must stand together, so all codes of a realm do. */
  code(realm: Realm, code: string): string {
    return `hg:{c:${plain(realm)}}:${plain(code)}`;
  },
  answers(realm: Realm, offer: string): string {
    return `hg:{c:${plain(realm)}}:${plain(offer)}:answers`;
  },
  messages(realm: Realm, code: string): string {
    return `hg:{c:${plain(realm)}}:${plain(code)}:messages`;
  },
  codeCounts(realm: Realm): string {
    return `hg:{c:${plain(realm)}}:counts:`;
  },
  /** All of one provider of TURN stands together. */
  ice(provider: string): IceKeys {
    const of = `hg:{turn:${plain(provider)}}`;
    return {
      set: `${of}:set`,
      lock: `${of}:lock`,
      wait: `${of}:wait`,
      fails: `${of}:fails`,
      generation: `${of}:gen`,
    };
  },
  /** Tells an emptied server; of a Cluster each master has one, told apart by `i`. */
  life(i: number): string {
    return `hg:{life:${i}}`;
  },
};
