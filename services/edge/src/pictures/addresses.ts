// Where a picture is found: its addresses in each dialect, and the only paths that are one.
import type { Picture } from "@heliograph/core";
import type { PictureId } from "@heliograph/protocol";
import { parsePictureId } from "@heliograph/protocol";

/** A picture that can be asked for. */
export interface ShownPicture {
  readonly id: PictureId;
  /** 12 characters that are others for other bytes. */
  readonly change: string;
  readonly type: Picture["type"];
}

export function changeOf({ digest }: Pick<Picture, "digest">): string {
  return digest.slice(0, 12);
}

/** For native profiles: relative to the base path of the listener. */
export function nativeAddress({ id, change }: ShownPicture): string {
  return `v1/picture/${id}/${change}`;
}

// Few ways to say the same: each is an object of its own to every cache on the way.
const paths = [
  /^\/static\/img\/buddy\/[A-Za-z0-9]{1,8}\/([\w-]{20})\/([\w-]{12})(?:\/picture\.(?:png|jpg|gif|webp))?$/,
  /^\/v1\/picture\/([\w-]{20})\/([\w-]{12})$/,
];
const below = ["/static/img/buddy/", "/v1/picture/"];

/** Whether the path is one of a picture, or would be if it were right. */
export function isBelowPictures(path: string): boolean {
  return below.some((start) => path.startsWith(start));
}

/** Whose picture, and which one, a path means. */
export function readAddress(path: string): Pick<ShownPicture, "id" | "change"> | undefined {
  for (const shape of paths) {
    const [, raw, change] = shape.exec(path) ?? [];
    const id = parsePictureId(raw);
    if (id.ok && change !== undefined) return { id: id.value, change };
  }
  return undefined;
}
