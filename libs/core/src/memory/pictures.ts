// Pictures, shared by the nodes of a cluster in memory.
import type { Realm, SessionId } from "@heliograph/protocol";
import type { Picture, Pictures } from "../ports/pictures.ts";
import type { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

export class MemoryPictures implements Pictures {
  readonly #reach: Reach;
  readonly #pictures: Expiring<string, Picture>;

  constructor(reach: Reach, pictures: Expiring<string, Picture>) {
    this.#reach = reach;
    this.#pictures = pictures;
  }

  put(realm: Realm, picture: Picture, ttl: number): Promise<void> {
    // The caller's bytes may be a view into a buffer that is used again.
    const kept = { ...picture, bytes: picture.bytes.slice() };
    return this.#reach.ask(() => this.#pictures.set(keyOf(realm, picture.owner), kept, ttl));
  }

  get(realm: Realm, owner: SessionId, digest: string): Promise<Picture | undefined> {
    return this.#reach.ask(() => {
      const picture = this.#pictures.get(keyOf(realm, owner));
      return picture?.digest === digest ? picture : undefined;
    });
  }

  remove(realm: Realm, owner: SessionId): Promise<void> {
    return this.#reach.ask(() => this.#pictures.delete(keyOf(realm, owner)));
  }
}

function keyOf(realm: Realm, owner: SessionId): string {
  return `${realm}:${owner}`;
}
