// Every node is stopped in order and started again, one after the other, while people talk: nobody sees anybody away.
import { expect } from "vitest";
import { clusterFault, grace } from "./cluster-fault.ts";
import { Talk } from "./talk.ts";
import { within } from "./within.ts";

const lag = 500;
const deadline = 8_000;

clusterFault(
  "rolling restart of every node",
  { settings: { limits: { grace }, drain: { lag, deadline } } },
  async (village, measured) => {
    const edges = [village.edge(0), village.edge(1), village.edge(2)];
    const inTurn = (first: number) => [0, 1, 2].map((step) => village.edge((first + step) % 3));
    const members = [
      await village.member(inTurn(0), "tea"),
      await village.member(inTurn(0), "tea", { speaks: "msgpack" }),
      await village.member(inTurn(1), "tea"),
      await village.member(inTurn(2), "tea"),
    ];
    const talk = new Talk(members);
    await talk.goesOn(10_000, 20);
    for (const edge of edges) {
      const began = performance.now();
      await edge.terminate();
      const took = performance.now() - began;
      measured(`${edge.name} has gone after`, took);
      expect(took).toBeLessThan(deadline + 2_000);
      await edge.start();
      await talk.goesOn(10_000);
    }
    await within(10_000, "everybody has moved", () => members.every((member) => village.nodesOf(member).length > 1));
    await talk.judge();
    measured("longest without an answer", talk.longestSilence);
    const changes = members.flatMap(({ members: heard }) => heard.map(({ change }) => change));
    expect(changes).not.toContain("away");
    expect(changes).not.toContain("left");
    expect(members.flatMap(({ gaps, states }) => [...gaps, ...states])).toStrictEqual([]);
  },
);
