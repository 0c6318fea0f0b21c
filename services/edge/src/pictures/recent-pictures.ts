// Pictures that were asked for a moment ago, so that a crowd that sees a new face asks the shared memory once.
import type { Clock, Picture, Pictures } from "@heliograph/core";
import type { PictureId } from "@heliograph/protocol";

/** Milliseconds that a picture is served on after it was removed or changed on another node, at most. */
export const recentFor = 2_000;
/** Bytes of all of them together. */
const mostBytes = 16_777_216;

interface Recent {
  readonly picture: Picture;
  readonly until: number;
}

export class RecentPictures {
  readonly #pictures: Pick<Pictures, "get">;
  readonly #clock: Pick<Clock, "now">;
  readonly #asked = new Map<PictureId, Promise<Picture | undefined>>();
  /** The oldest first. */
  readonly #recent = new Map<PictureId, Recent>();
  #bytes = 0;

  constructor(pictures: Pick<Pictures, "get">, clock: Pick<Clock, "now">) {
    this.#pictures = pictures;
    this.#clock = clock;
  }

  /**
   * Rejects with `Unreachable`. What is absent is not remembered: it may be put at any moment; and what is remembered but is
   * not `wanted` may have been replaced.
   */
  async get(id: PictureId, wanted: (picture: Picture) => boolean): Promise<Picture | undefined> {
    this.#prune();
    const recent = this.#recent.get(id)?.picture;
    if (recent !== undefined && wanted(recent)) return recent;
    // What somebody has asked for already may be from before it was put.
    const earlier = await this.#asked.get(id);
    return earlier !== undefined && wanted(earlier) ? earlier : this.#ask(id);
  }

  #ask(id: PictureId): Promise<Picture | undefined> {
    const asked = this.#asked.get(id);
    if (asked !== undefined) return asked;
    const since = this.#clock.now();
    const answer = this.#pictures
      .get(id)
      .then((picture) => {
        if (picture !== undefined) this.#keep(id, { picture, until: since + recentFor });
        return picture;
      })
      .finally(() => this.#asked.delete(id));
    this.#asked.set(id, answer);
    return answer;
  }

  /** It was changed or removed here. */
  forget(id: PictureId): void {
    const recent = this.#recent.get(id);
    if (recent === undefined) return;
    this.#recent.delete(id);
    this.#bytes -= recent.picture.bytes.length;
  }

  #keep(id: PictureId, recent: Recent): void {
    this.forget(id);
    this.#recent.set(id, recent);
    this.#bytes += recent.picture.bytes.length;
    this.#prune();
  }

  #prune(): void {
    const now = this.#clock.now();
    for (const [id, { until }] of this.#recent) {
      if (until > now && this.#bytes <= mostBytes) return;
      this.forget(id);
    }
  }
}
