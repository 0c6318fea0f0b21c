// The subjects of a deployment: where a room's entries go in and come out, and what nodes say to each other.
import type { RoomKey } from "@heliograph/protocol";
import { roomOf } from "@heliograph/protocol";
import { tokenOf } from "./room-token.ts";

/** What is said of a room, and where. */
export interface RoomSubjects {
  readonly shard: number;
  /** Appended to. */
  readonly in: string;
  /** Heard live. */
  readonly out: string;
  /** Volatile messages. */
  readonly whisper: string;
  /** Questions to whoever hosts it. */
  readonly host: string;
}

/** A realm has no underscore, so nothing here is a room's. */
const proofs = "_proof";

export const beatSubject = "hg.n.beat";
export const digestSubject = "hg.n.digest";
/** That a provider of TURN has another set: said by keepers alone. */
export const iceSubject = "hg.n.ice";
/** What doors of edges count, every few seconds where somebody may read it. */
export const numbersSubject = "hg.n.numbers";

export function streamName(shard: number): string {
  return `HG_${shard}`;
}

export function streamSource(shard: number): string {
  return `hg.in.${shard}.>`;
}

export function streamTarget(shard: number): string {
  return `hg.out.${shard}.>`;
}

/** Where one process puts its markers, and where they come back. */
export function markerSubjects(shard: number, process: string): { readonly in: string; readonly out: string } {
  return { in: `hg.in.${shard}.${proofs}.${process}`, out: `hg.out.${shard}.${proofs}.${process}` };
}

/** Under it come all answers to one process. */
export function replyPrefix(process: string): string {
  return `hg.r.${process}.`;
}

/** Undefined for a room whose name is too long for a subject. */
export function subjectsOf(room: RoomKey, shards: number): RoomSubjects | undefined {
  const { realm, name } = roomOf(room);
  const token = tokenOf(name);
  if (token === undefined) return undefined;
  const shard = shardOf(room, shards);
  const rest = `${shard}.${realm}.${token}`;
  return { shard, in: `hg.in.${rest}`, out: `hg.out.${rest}`, whisper: `hg.v.${rest}`, host: `hg.h.${rest}` };
}

/** FNV-1a over the key's UTF-16 units: the same in every version, since it says in which stream a room's log stands. */
export function shardOf(room: RoomKey, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < room.length; i += 1) {
    const unit = room.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >> 8), 0x01000193);
  }
  return (hash >>> 0) % shards;
}
