// Pictures in Redis, each a hash of its own that expires.
import type { HeldPicture, Picture, Pictures, PictureTouch } from "@heliograph/core";
import { pictureTypes } from "@heliograph/core";
import type { NodeId, PictureId } from "@heliograph/protocol";
import { keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { Script } from "./script.ts";
import { answersOf, bytesOf, lifeOf, oneOf, wordOf } from "./values.ts";

export class RedisPictures implements Pictures {
  readonly #link: Link;
  readonly #put = new Script("picture-put");
  readonly #take = new Script("picture-take");
  readonly #touch = new Script("picture-touch");
  readonly #remove = new Script("picture-remove");

  constructor(link: Link) {
    this.#link = link;
  }

  put(id: PictureId, { bytes, type, digest }: Picture, holder: NodeId, ttl: number): Promise<void> {
    // Copied within the call: the caller's bytes may be a view into a buffer that is used again.
    const value = Buffer.from(bytes);
    return this.#link.ask("put a picture", async (client) => {
      await this.#put.run(client, [keys.picture(id)], [type, digest, holder, value, lifeOf(ttl)]);
    });
  }

  get(id: PictureId): Promise<Picture | undefined> {
    return this.#link.ask("get a picture", async (client) => {
      const [type, digest, bytes] = answersOf(
        await client.call("HMGET", [keys.picture(id), "type", "digest", "bytes"]),
      );
      if (type === null) return undefined;
      return { bytes: bytesOf(bytes), type: oneOf(pictureTypes, wordOf(type)), digest: wordOf(digest) };
    });
  }

  take(id: PictureId, holder: NodeId, ttl: number): Promise<string | undefined> {
    return this.#link.ask("take a picture over", async (client) => {
      const digest = await this.#take.run(client, [keys.picture(id)], [holder, lifeOf(ttl)]);
      return digest === null ? undefined : wordOf(digest);
    });
  }

  touch(id: PictureId, { holder, digest }: HeldPicture, ttl: number): Promise<PictureTouch> {
    return this.#link.ask("touch a picture", async (client) => {
      const answer = await this.#touch.run(client, [keys.picture(id)], [holder, digest, lifeOf(ttl)]);
      return oneOf(["kept", "absent", "theirs"], wordOf(answer));
    });
  }

  remove(id: PictureId, holder: NodeId): Promise<void> {
    return this.#link.ask("remove a picture", async (client) => {
      await this.#remove.run(client, [keys.picture(id)], [holder]);
    });
  }
}
