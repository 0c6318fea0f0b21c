// Pictures, shared by the nodes of a cluster in memory.
import type { NodeId, PictureId } from "@heliograph/protocol";
import type { HeldPicture, Picture, Pictures, PictureTouch } from "../ports/pictures.ts";
import type { Expiring } from "./expiring.ts";
import type { Reach } from "./reach.ts";

export interface ShelvedPicture {
  readonly picture: Picture;
  readonly holder: NodeId;
}

export class MemoryPictures implements Pictures {
  readonly #reach: Reach;
  readonly #pictures: Expiring<PictureId, ShelvedPicture>;

  constructor(reach: Reach, pictures: Expiring<PictureId, ShelvedPicture>) {
    this.#reach = reach;
    this.#pictures = pictures;
  }

  put(id: PictureId, { bytes, type, digest }: Picture, holder: NodeId, ttl: number): Promise<void> {
    // The caller's bytes may be a view into a buffer that is used again.
    const picture = { bytes: Uint8Array.from(bytes), type, digest };
    return this.#reach.ask(() => this.#pictures.set(id, { picture, holder }, ttl));
  }

  get(id: PictureId): Promise<Picture | undefined> {
    return this.#reach.ask(() => this.#pictures.get(id)?.picture);
  }

  take(id: PictureId, holder: NodeId, ttl: number): Promise<string | undefined> {
    return this.#reach.ask(() => {
      const there = this.#pictures.get(id);
      if (there === undefined) return undefined;
      this.#pictures.set(id, { picture: there.picture, holder }, ttl);
      return there.picture.digest;
    });
  }

  touch(id: PictureId, { holder, digest }: HeldPicture, ttl: number): Promise<PictureTouch> {
    return this.#reach.ask(() => {
      const there = this.#pictures.get(id);
      if (there === undefined) return "absent";
      if (there.holder !== holder) return "theirs";
      if (there.picture.digest !== digest) return "absent";
      this.#pictures.set(id, there, ttl);
      return "kept";
    });
  }

  remove(id: PictureId, holder: NodeId): Promise<void> {
    return this.#reach.ask(() => {
      if (this.#pictures.get(id)?.holder === holder) this.#pictures.delete(id);
    });
  }
}
