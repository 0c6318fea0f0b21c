// All that an edge does about pictures: its shelf, and the pages that show everybody's.
import type { Pictures, Signer, World } from "@heliograph/core";
import type { SessionId } from "@heliograph/protocol";
import type { HttpHandler } from "../socket/http.ts";
import { picturePages } from "./picture-pages.ts";
import { PictureShelf } from "./picture-shelf.ts";
import { RecentPictures } from "./recent-pictures.ts";

export interface PictureParts {
  readonly pictures: Pictures;
  /** With the token keys: a session's picture has the same address on every node that has them. */
  readonly signer: Pick<Signer, "derive">;
}

export class EdgePictures {
  readonly shelf: PictureShelf;
  readonly pages: HttpHandler;
  readonly #unlisten: () => void;

  constructor(
    { pictures, signer }: PictureParts,
    { id, clock, observer, copies }: Pick<World, "id" | "clock" | "observer" | "copies">,
    lives: (session: SessionId) => boolean,
  ) {
    const recent = new RecentPictures(pictures, clock);
    const changed = recent.forget.bind(recent);
    this.shelf = new PictureShelf({ pictures, signer, node: id, clock, observer, lives, changed });
    this.pages = picturePages({ shelf: this.shelf, recent, observer });
    // One memory holds rooms and pictures.
    this.#unlisten = copies.onLoss(() => this.shelf.lookAgain());
  }

  end(): void {
    this.#unlisten();
    this.shelf.end();
  }
}
