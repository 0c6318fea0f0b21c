// An open store that counts what it tells, and rooms for it: what the tests of lost servers share.
import type { RedisServer } from "@heliograph/cluster";
import type { RoomCopy } from "@heliograph/core";
import { Room, Unreachable } from "@heliograph/core";
import type { RoomKey } from "@heliograph/protocol";
import {
  parseMemberId,
  parseNodeId,
  parseRealm,
  parseRoomName,
  parseSessionId,
  roomKey,
  roomOf,
} from "@heliograph/protocol";
import type { StoreOptions } from "@heliograph/store";
import { expect, onTestFinished } from "vitest";
import type { Opened } from "./store-stage.ts";
import { open } from "./store-stage.ts";

/** Longer than any answer may take, far shorter than what a test waits for. */
export const bounded = 3_000;

export function value<T>(outcome: { ok: true; value: T } | { ok: false }): T {
  if (!outcome.ok) throw new Error("a name was refused");
  return outcome.value;
}

export const realm = value(parseRealm("faults"));
let rooms = 0;

export function freshRoom(): RoomKey {
  rooms += 1;
  return roomKey(realm, value(parseRoomName(`{a}:b ${rooms}`)));
}

/** Under which a room's copy stands in Redis. */
export function keyOf(room: RoomKey): string {
  const { realm, name } = roomOf(room);
  return `hg:{r:${realm}:${encodeURIComponent(name)}}`;
}

export const template = Room.fresh(freshRoom(), { version: 1, logLife: 300_000 }).toCopy();

export function copyAt(seq: number): RoomCopy {
  return { ...template, at: { seq, index: 0, time: seq * 10 } };
}

/** An open store that counts what it tells. */
export interface Watched extends Opened {
  losses: number;
  readonly links: string[];
}

export async function watch(options: StoreOptions): Promise<Watched> {
  const watched: Watched = { ...(await open(options)), losses: 0, links: [] };
  watched.store.copies.onLoss(() => {
    watched.losses += 1;
  });
  watched.store.copies.onLink((link) => watched.links.push(link));
  return watched;
}

/** Rejects as unreachable, and within the bound. */
export async function expectBounded(asked: Promise<unknown>): Promise<void> {
  const before = Date.now();
  await expect(asked).rejects.toBeInstanceOf(Unreachable);
  expect(Date.now() - before).toBeLessThan(bounded);
}

/** Servers of one test alone: they end with it, however it ends. */
export function passing<T extends { stop(): Promise<void> }>(servers: T): T {
  onTestFinished(() => servers.stop());
  return servers;
}

/** How many connections a server has that bear our name. */
export async function connectionsOf(server: RedisServer): Promise<number> {
  return (await server.command("CLIENT", "LIST")).split("\n").filter((line) => line.includes("heliograph")).length;
}

export const node = value(parseNodeId("node-1----------------"));

/** A room of so many members, each with all that a member has. */
export function crowd(size: number): RoomCopy {
  const room = Room.fresh(freshRoom(), { version: 1, logLife: 300_000 });
  for (let i = 1; i <= size; i += 1) {
    const join = {
      kind: "join",
      from: value(parseMemberId(`member ${i}`)),
      session: value(parseSessionId(`session-${i}`.padEnd(22, "-"))),
      epoch: { attempt: 1, bump: 0, node },
      profile: { name: `Member number ${i}`, status: "here", picture: "x".repeat(200) },
      grace: 30_000,
      marks: ["203.0.113.7"],
    } as const;
    room.apply(join, { seq: i, index: 0, time: i });
  }
  return room.toCopy();
}
