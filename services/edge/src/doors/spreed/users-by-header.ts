// Users whom a proxy in front has logged in, and names in a header of each request.

import { parseUserid } from "./userid.ts";
import type { Proof, Proven, Users } from "./users.ts";

export class UsersByHeader implements Users {
  readonly #header: string;

  constructor(header: string) {
    this.#header = header;
  }

  ofConnection(header: (name: string) => string | undefined): string | undefined {
    return parseUserid(header(this.#header));
  }

  prove({ header }: Proof): Proven {
    const userid = this.ofConnection(header);
    return userid === undefined ? { ok: false, why: "malformed" } : { ok: true, userid };
  }

  register(): undefined {
    return undefined;
  }
}
