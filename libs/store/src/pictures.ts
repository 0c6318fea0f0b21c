// Pictures in Redis, each a key of its own that expires.
import type { Picture, Pictures } from "@heliograph/core";
import type { Realm, SessionId } from "@heliograph/protocol";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { lifeOf, oneOf, readWithBody, textOf, writeWithBody } from "./values.ts";

const types = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const satisfies readonly Picture["type"][];

export class RedisPictures implements Pictures {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  put(realm: Realm, { bytes, type, digest, owner }: Picture, ttl: number): Promise<void> {
    // Copied within the call: the caller's bytes may be a view into a buffer that is used again.
    const value = writeWithBody({ type, digest }, bytes);
    return this.#link.ask("put a picture", async (client) => {
      await client.call("SET", [keys.picture(realm, owner), value, "PX", lifeOf(ttl)]);
    });
  }

  get(realm: Realm, owner: SessionId, digest: string): Promise<Picture | undefined> {
    return this.#link.ask("get a picture", async (client) => {
      const value = await client.call("GET", [keys.picture(realm, owner)]);
      if (value === null) return undefined;
      const { head, body } = readWithBody(value);
      const picture = { bytes: body, type: oneOf(types, head["type"]), digest: textOf(head["digest"]), owner };
      return picture.digest === digest ? picture : undefined;
    });
  }

  remove(realm: Realm, owner: SessionId): Promise<void> {
    return this.#link.ask("remove a picture", async (client) => {
      await client.call("UNLINK", [keys.picture(realm, owner)]);
    });
  }
}
