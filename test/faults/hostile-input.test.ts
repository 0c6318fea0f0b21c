// Malformed, oversize and hostile input from clients: the hostile cases of the conformance kit, on nodes of a cluster.
import { cases, runConformance } from "@heliograph/conformance";
import { expect } from "vitest";
import { fault } from "./fault.ts";
import { edgesOf } from "./room.ts";
import { Talk } from "./talk.ts";

const hostile = new RegExp(
  `^(${cases
    .filter((each) => each.hostile === true)
    .map(({ name }) => literal(name))
    .join("|")})$`,
);

fault(
  "malformed, oversize and hostile input",
  { timeout: 120_000, settings: { LIMITS_COMMANDS_PER_SECOND: "500", LIMITS_COMMAND_BURST: "1000" } },
  async (house, measured) => {
    const [east, west] = await edgesOf(house, 2);
    const ann = await house.member([east], "tea");
    const bob = await house.member([west], "tea");
    const talk = new Talk([ann, bob]);
    await talk.goesOn(10_000);
    const lines: string[] = [];
    const tally = await runConformance(east.url, (line) => lines.push(line), { only: hostile, concurrency: 4 });
    expect(tally.failed, lines.join("\n")).toBe(0);
    expect(tally.passed).toBeGreaterThan(20);
    await talk.goesOn(10_000);
    measured("longest without an answer", talk.longestSilence);
    await talk.judge();
    expect([ann, bob].flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
  },
);

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
