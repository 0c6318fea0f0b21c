import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Chaos } from "./chaos.ts";
import { ControlDoor, RemoteCluster } from "./control.ts";
import type { Part, PartKind } from "./part.ts";
import { randomOf } from "./random-of.ts";

/** A part that only remembers what was done to it. */
class Pretended implements Part {
  readonly name: string;
  readonly kind: PartKind;
  readonly #told: string[];
  running = true;

  constructor(name: string, kind: PartKind, told: string[]) {
    this.name = name;
    this.kind = kind;
    this.#told = told;
  }

  async kill(): Promise<void> {
    this.running = false;
    this.#told.push(`kill ${this.name}`);
  }
  async terminate(): Promise<void> {
    throw new Error(`${this.name} hears no SIGTERM`);
  }
  pause(): void {
    this.#told.push(`pause ${this.name}`);
  }
  wake(): void {}
  async start(): Promise<void> {
    this.running = true;
    this.#told.push(`start ${this.name}`);
  }
}

let folder: string;
let told: string[];
let parts: Pretended[];
let door: ControlDoor;
let remote: RemoteCluster;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "heliograph-control-"));
  told = [];
  parts = [
    new Pretended("edge-1", "edge", told),
    new Pretended("edge-2", "edge", told),
    new Pretended("nats-1", "nats", told),
  ];
  door = await ControlDoor.open(join(folder, "door"), parts);
  remote = new RemoteCluster(join(folder, "door"));
});

afterEach(() => {
  door.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Chaos until it has said so many lines. */
async function linesOf(count: number, kinds: readonly PartKind[], seed: number): Promise<string[]> {
  const lines: string[] = [];
  let enough: () => void = () => undefined;
  const come = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const say = (line: string): void => {
    lines.push(line);
    if (lines.length === count) enough();
  };
  const chaos = new Chaos(remote, { every: 1, away: 1, kinds, random: randomOf(seed), say });
  await come;
  await chaos.end();
  return lines;
}

test("chaos in another process kills what may die, one at a time, and brings each back", async () => {
  const lines = await linesOf(12, ["edge"], 3);
  expect(told.length).toBeGreaterThanOrEqual(12);
  for (const [index, did] of told.entries()) {
    const victim = told[index - (index % 2)]?.split(" ")[1];
    expect(did).toBe(`${index % 2 === 0 ? "kill" : "start"} ${victim}`);
  }
  expect(new Set(told.map((did) => did.split(" ")[1]))).toStrictEqual(new Set(["edge-1", "edge-2"]));
  expect(lines[0]).toMatch(/^SIGKILL edge-[12]$/);
  expect(parts.every(({ running }) => running)).toBe(true);
});

test("the same seed kills in the same order", async () => {
  const once = (await linesOf(12, ["edge", "nats"], 11)).filter((line) => line.startsWith("SIGKILL"));
  const again = (await linesOf(12, ["edge", "nats"], 11)).filter((line) => line.startsWith("SIGKILL"));
  expect(again.slice(0, 6)).toStrictEqual(once.slice(0, 6));
});

test("chaos with nothing to kill says so and goes on", async () => {
  expect(await linesOf(2, ["redis"], 1)).toStrictEqual(Array(2).fill("nothing to kill: no redis runs"));
});

test("the door does one thing to one part, and says what went wrong", async () => {
  expect(await remote.ask("pause nats-1")).toBe("done");
  expect(told).toStrictEqual(["pause nats-1"]);
  await expect(remote.ask("terminate edge-1")).rejects.toThrow("edge-1 hears no SIGTERM");
  await expect(remote.ask("kill edge-9")).rejects.toThrow("there is no edge-9; there are edge-1, edge-2, nats-1");
  await expect(remote.ask("praise edge-1")).rejects.toThrow(/praise is none of/);
});

test("without a cluster it says how to start one", async () => {
  door.close();
  await expect(remote.list()).rejects.toThrow(/npm run cluster/);
});
