// Contact tokens: two users know each other, said by us and kept by them, for good.
import type { Random } from "@heliograph/core";
import type { Realm } from "@heliograph/protocol";
import type { LastingSecrets } from "./lasting-secrets.ts";
import { Seal } from "./seal.ts";

/** Who was asked, and who asked: only the one who was asked may accept. */
export interface Contact {
  readonly asked: string;
  readonly asking: string;
}

/** No userid has one. */
const between = "\n";

/** Sealed, since a request shows the token to somebody who need not know more; by lasting secrets, since it has no end. */
export class ContactTokens {
  readonly #seal: Seal;
  readonly #realm: Realm;

  constructor(secrets: LastingSecrets, random: Random, realm: Realm) {
    this.#seal = new Seal(secrets, "sc1", random);
    this.#realm = realm;
  }

  issue({ asked, asking }: Contact): string {
    return this.#seal.close([this.#realm, asked, asking].join(between));
  }

  /** Undefined: not ours, or of another realm. */
  read(token: string): Contact | undefined {
    const [realm, asked, asking] = this.#seal.open(token)?.split(between) ?? [];
    if (realm !== this.#realm || asked === undefined || asking === undefined) return undefined;
    return { asked, asking };
  }

  /** Whom this user has in it; undefined where the user is neither of the two. */
  contactOf(userid: string, token: string): string | undefined {
    const contact = this.read(token);
    if (userid === contact?.asked) return contact.asking;
    return userid === contact?.asking ? contact.asked : undefined;
  }
}
