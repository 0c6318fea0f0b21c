// The picture in a status: taken out, put on the shelf, and referred to.
import { pictureOf, withPicture, writeReference } from "@heliograph/dialects/spreed";
import type { Realm, SessionId } from "@heliograph/protocol";
import type { PictureShelf } from "../../pictures/picture-shelf.ts";
import { readBase64 } from "../../pictures/read-picture.ts";

export interface KeptStatus {
  readonly status: unknown;
  /** Whether nodes other than this one cannot find its picture yet. */
  onItsWay(): boolean;
}

const nothing = (): boolean => false;

/** What is no picture of ours is left out; the rest of the status stays. Without a shelf no picture is taken. */
export function withPictureKept(
  status: unknown,
  shelf: Pick<PictureShelf, "put" | "isOnItsWay"> | undefined,
  realm: Realm,
  owner: SessionId,
): KeptStatus {
  const wish = pictureOf(status);
  if (wish.kind === "none" || wish.kind === "kept") return { status, onItsWay: nothing };
  const picture = wish.kind === "upload" ? readBase64(wish.base64) : undefined;
  const shown = picture === undefined ? undefined : shelf?.put(realm, owner, picture);
  if (shown === undefined) return { status: withPicture(status, undefined), onItsWay: nothing };
  return {
    status: withPicture(status, writeReference(shown, shown.type)),
    onItsWay: () => shelf?.isOnItsWay(shown.id) === true,
  };
}
