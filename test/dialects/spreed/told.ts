// A conversation, held twice: with everybody on one node, and with A, B and C on three.
import { afterAll, expect, test } from "vitest";
import type { Kind, Settings } from "./stage.ts";
import { Stage } from "./stage.ts";

export type Play = (stage: Stage) => Promise<void>;

/** The newest of each kind: conversations under the same settings stand together, and share it. */
const open = new Map<Kind, { readonly settings: string; readonly stage: Promise<Stage> }>();

afterAll(async () => {
  for (const { stage } of open.values()) await (await stage).close();
  open.clear();
});

async function stageFor(kind: Kind, settings: Settings): Promise<Stage> {
  const text = JSON.stringify(settings);
  const there = open.get(kind);
  if (there?.settings === text) return there.stage;
  open.delete(kind);
  if (there !== undefined) await (await there.stage).close();
  const stage = Stage.open(kind, settings);
  open.set(kind, { settings: text, stage });
  // One that could not be opened is no stage for the next conversation.
  stage.catch(() => open.delete(kind));
  return stage;
}

async function hold(kind: Kind, settings: Settings, play: Play): Promise<void> {
  const stage = await stageFor(kind, settings);
  try {
    await play(stage);
    expect(stage.faults).toStrictEqual([]);
  } finally {
    stage.faults.length = 0;
    await stage.clear();
  }
}

/** @param settings as environment variables, without `HELIOGRAPH_` */
export function told(title: string, play: Play, settings: Settings = {}): void {
  onOne(title, play, settings);
  onThree(title, play, settings);
}

/** For what needs a clock that NATS would have to share. */
export function onOne(title: string, play: Play, settings: Settings = {}): void {
  test(`${title}, on one node`, () => hold("one", settings, play));
}

/** For what only several nodes can show. */
export function onThree(title: string, play: Play, settings: Settings = {}): void {
  test(`${title}, on three nodes`, () => hold("three", settings, play));
}

let rooms = 0;

/** A name that no conversation of this file has used. */
export function freshRoom(): string {
  rooms += 1;
  return `room-${rooms}`;
}
