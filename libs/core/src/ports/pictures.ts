// Keeps pictures that any node serves.
import type { NodeId, PictureId } from "@heliograph/protocol";

/** All that are ever kept or served: what a browser shows as a picture, and never runs. */
export const pictureTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;

export interface Picture {
  readonly bytes: Uint8Array;
  readonly type: (typeof pictureTypes)[number];
  /** Of the bytes: the entity tag, and its beginning part of the address, so that a changed picture has a new address. */
  readonly digest: string;
}

/** Milliseconds. */
export const pictureTimes = {
  /** That a picture outlives its node. */
  ttl: 90_000,
  /** Between two touches by the node that holds it. */
  touch: 30_000,
} as const;

/** A picture as the node that holds it knows it. */
export interface HeldPicture {
  readonly holder: NodeId;
  readonly digest: string;
}

/** `absent`: it is not there, or another one is there of the same holder. `theirs`: another node holds it now. */
export type PictureTouch = "kept" | "absent" | "theirs";

/**
 * Promise: each id has one picture and one holder, each call is one atomic step, and a picture is gone `ttl` milliseconds
 * after its last `put`, `take` or `touch`. All reject with `Unreachable`. The node that speaks for a session is the holder
 * of its picture: a node that is late to hear that it speaks no more removes nothing of its successor's.
 */
export interface Pictures {
  /** In place of what is there, whoever held it. */
  put(id: PictureId, picture: Picture, holder: NodeId, ttl: number): Promise<void>;
  get(id: PictureId): Promise<Picture | undefined>;
  /** Another node's is the caller's from now on. Answers its digest; undefined: there is none. */
  take(id: PictureId, holder: NodeId, ttl: number): Promise<string | undefined>;
  touch(id: PictureId, held: HeldPicture, ttl: number): Promise<PictureTouch>;
  /** Nothing happens where another node holds it. */
  remove(id: PictureId, holder: NodeId): Promise<void>;
}
