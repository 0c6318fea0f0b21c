// The picture in a status: taken out, put on the shelf, and referred to.
import { pictureOf, withPicture, writeReference } from "@heliograph/dialects/spreed";
import type { Realm, SessionId } from "@heliograph/protocol";
import type { PictureShelf } from "../../pictures/picture-shelf.ts";
import { readBase64 } from "../../pictures/read-picture.ts";

/** What is no picture of ours is left out; the rest of the status stays. Without a shelf no picture is taken. */
export function withPictureKept(
  status: unknown,
  shelf: Pick<PictureShelf, "put"> | undefined,
  realm: Realm,
  owner: SessionId,
): unknown {
  const wish = pictureOf(status);
  if (wish.kind === "none" || wish.kind === "kept") return status;
  const picture = wish.kind === "upload" ? readBase64(wish.base64) : undefined;
  const shown = picture === undefined ? undefined : shelf?.put(realm, owner, picture);
  return withPicture(status, shown === undefined ? undefined : writeReference(shown, shown.type));
}
