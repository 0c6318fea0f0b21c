// Users whom a proxy in front has logged in, and names in a header of each request.

import { parseUserid } from "./userid.ts";
import type { Proof, Proven, Users } from "./users.ts";

export class UsersByHeader implements Users {
  readonly #header: string;

  constructor(header: string) {
    this.#header = header;
  }

  named(header: (name: string) => string | undefined): string | undefined {
    return parseUserid(header(this.#header));
  }

  prove({ named }: Pick<Proof, "named">): Proven {
    return named === undefined ? { ok: false, why: "malformed" } : { ok: true, userid: named };
  }

  register(): undefined {
    return undefined;
  }
}
