// Keeps pictures that any node serves.
import type { Realm, SessionId } from "@heliograph/protocol";

export interface Picture {
  readonly bytes: Uint8Array;
  readonly type: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  /** Of the bytes: the entity tag and part of the address, so that a changed picture has a new address. */
  readonly digest: string;
  readonly owner: SessionId;
}

/** Promise: one picture per owner and realm, gone `ttl` milliseconds after its last `put`. Rejects with `Unreachable`. */
export interface Pictures {
  put(realm: Realm, picture: Picture, ttl: number): Promise<void>;
  /** The owner's picture if it still has this digest. */
  get(realm: Realm, owner: SessionId, digest: string): Promise<Picture | undefined>;
  remove(realm: Realm, owner: SessionId): Promise<void>;
}
