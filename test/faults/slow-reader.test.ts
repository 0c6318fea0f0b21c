// A client that reads too slowly is closed before it fills the node's memory; it resumes, and the others notice nothing.
import { expect } from "vitest";
import { Wire } from "../kit/wire.ts";
import { fault } from "./fault.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

const mebibyte = 1 << 20;
/** What the system's own buffers of one connection may take up besides; nobody can know it exactly. */
const systemBuffers = 12 * mebibyte;

fault("slow reader", { timeout: 90_000 }, async (house, measured) => {
  const [east, west] = await edgesOf(house, 2);
  const wire = await Wire.to(east.edge.port);
  house.after(() => wire.end());
  const slow = await house.member([{ url: `ws://127.0.0.1:${wire.port}/v1/socket` }], "tea");
  const ann = await house.member([west], "tea");
  const bob = await house.member([east], "tea");
  // What the slow one has to read, and the others do not speak through.
  const loud = await house.member([west], "tea");
  const talk = new Talk([ann, bob]);
  await talk.goesOn(10_000, 100);
  const before = talk.slowest();

  for (const strand of wire.sockets) strand.stallDownwards();
  const body = "x".repeat(50_000);
  const closed = () => house.seen("session_closed").filter(({ close }) => close === "slow_consumer").length;
  let bytes = 0;
  while (closed() === 0 && bytes < 64 * mebibyte) {
    await Promise.all(Array.from({ length: 4 }, () => loud.say(body)));
    bytes += 4 * body.length;
  }
  expect(closed()).toBe(1);
  process.stdout.write(`    slow reader: closed after ${(bytes / mebibyte).toFixed(1)} MiB were on their way to it\n`);
  expect(bytes).toBeLessThan(mebibyte + systemBuffers);
  await talk.goesOn(10_000, 100);
  measured("longest without an answer", talk.longestSilence);
  measured("an answer at p99, before", before);
  const during = talk.slowest();
  measured("during", during);
  expect(during).toBeLessThan(5 * Math.max(before, 50));

  wire.cutAll();
  await within(10_000, "it has resumed", () => house.nodesOf(slow).length === 2);
  const heard = (lines: readonly unknown[]) => lines.filter((line) => line === body).length;
  await within(20_000, "it has heard everything", () => heard(slow.lines) === bytes / body.length);
  expect(slow.gaps).toStrictEqual([]);
  for (const { lines } of [ann, bob]) {
    expect(heard(lines)).toBe(bytes / body.length);
    lines.splice(0, lines.length, ...lines.filter((line) => line !== body));
  }
  await talk.judge();
});
