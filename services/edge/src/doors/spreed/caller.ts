// One client at the door of Spreed clients, and what core is told of where it came from.
import type { Origin } from "@heliograph/core";
import type { Realm } from "@heliograph/protocol";
import type { Conversation } from "./conversation.ts";
import type { Identity } from "./credentials.ts";
import type { Line } from "./line.ts";
import type { Mailbox } from "./mailbox.ts";

/** Milliseconds that its mates wait for whoever was cut by us or died with its node, before they are told Left. */
const grace = 10_000;

export class SpreedCaller implements Origin {
  readonly realm: Realm;
  readonly dialect = "spreed";
  readonly grace = grace;
  readonly address: string;
  /** As its token or its request says; later, as it logs in. */
  user?: string;
  /** What it brought to come back as. */
  readonly token: string | undefined;
  line: Line | undefined;
  mailbox: Mailbox | undefined;
  conversation: Conversation | undefined;

  /** `address` is a mark: the address itself goes no further than the door. */
  constructor(realm: Realm, address: string, token: string | undefined, user: string | undefined) {
    this.realm = realm;
    this.address = address;
    this.token = token;
    if (user !== undefined) this.user = user;
    this.line = undefined;
    this.mailbox = undefined;
    this.conversation = undefined;
  }

  /** The request's own word comes before the token's. */
  identityOf(known: Identity): Identity {
    const { user } = this;
    if (user === undefined) {
      if (known.userid !== undefined) this.user = known.userid;
      return known;
    }
    return { ...known, userid: user };
  }
}
