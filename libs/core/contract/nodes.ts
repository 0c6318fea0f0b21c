// What every Nodes promises: at most once, and an end to every question.
import { describe, expect } from "vitest";
import type { DigestReport, IceHint, NodeNumbers, Nodes } from "../src/ports/nodes.ts";
import { Unreachable } from "../src/ports/unreachable.ts";
import type { RoomCopy } from "../src/room/copy.ts";
import { Room } from "../src/room/room.ts";
import { at, copyAt, freshRoom, nodeId } from "./fixtures.ts";
import type { Ability, Stage } from "./stage.ts";
import { casesOn, need, sayUntil, settled } from "./stage.ts";

export interface NodesUnderTest extends Stage {
  /** Of three processes. */
  readonly nodes: readonly [Nodes, Nodes, Nodes];
  /** Only keepers may say that there is another set. */
  readonly hints: Ability<{ readonly may: true }>;
  /** Whether its nodes may say what they count. */
  readonly numbers: Ability<{ readonly may: true }>;
  readonly links: Ability<{ cut(node: number): Promise<void>; mend(node: number): Promise<void> }>;
}

export function nodesContract(name: string, make: () => Promise<NodesUnderTest>): void {
  const on = casesOn(make);
  const template = (): RoomCopy => Room.fresh(freshRoom(), { version: 1, logLife: 300_000 }).toCopy();

  describe(`Nodes: ${name}`, () => {
    on("beats reach the other processes, each at most once", async (stage) => {
      const heard: number[][] = [[], [], []];
      for (const [i, node] of stage.nodes.entries()) node.onBeat(({ rules }) => heard[i]?.push(rules));
      await sayUntil(
        stage,
        (n) => stage.nodes[0].beat({ node: nodeId(0), rules: n }),
        () => heard.slice(1).every((beats) => beats.length > 0),
      );
      for (const beats of heard) expect(new Set(beats).size).toBe(beats.length);
    });

    on("digests come as they were said, until one stops listening", async (stage) => {
      const room = freshRoom();
      const heard: DigestReport[] = [];
      const others: DigestReport[] = [];
      const stop = stage.nodes[1].onDigests((report) => heard.push(report));
      stage.nodes[2].onDigests((report) => others.push(report));
      const report = (n: number): DigestReport => ({
        node: nodeId(0),
        digests: [{ room, seq: n, time: n, digest: `digest ${n}` }],
      });
      await sayUntil(
        stage,
        (n) => stage.nodes[0].sayDigests(report(n)),
        () => heard.length > 0 && others.length > 0,
      );
      expect(heard[0]).toEqual(report(heard[0]?.digests[0]?.seq ?? 0));
      stop();
      const [before, others0] = [heard.length, others.length];
      await sayUntil(
        stage,
        (n) => stage.nodes[0].sayDigests(report(n)),
        () => others.length > others0 + 3,
      );
      expect(heard.length).toBe(before);
    });

    on(
      "that there is another set is heard by the others as it was said, until one stops listening",
      async (stage, context) => {
        need(stage.hints, context);
        const heard: IceHint[] = [];
        const others: IceHint[] = [];
        const stop = stage.nodes[1].onIceSet((hint) => heard.push(hint));
        stage.nodes[2].onIceSet((hint) => others.push(hint));
        const say = (n: number): void => stage.nodes[0].sayIceSet({ provider: "own > *", generation: n });
        const next = await sayUntil(stage, say, () => heard.length > 0 && others.length > 0, 1_700_000_000_001);
        expect(heard[0]?.provider).toBe("own > *");
        expect(heard[0]?.generation).toBeGreaterThan(1_700_000_000_000);
        expect(new Set(heard.map(({ generation }) => generation)).size).toBe(heard.length);
        stop();
        const [before, others0] = [heard.length, others.length];
        await sayUntil(stage, say, () => others.length > others0 + 3, next);
        expect(heard.length).toBe(before);
      },
    );

    on(
      "what a node counts is heard by the others as it was said, until one stops listening",
      async (stage, context) => {
        need(stage.numbers, context);
        const heard: NodeNumbers[] = [];
        const others: NodeNumbers[] = [];
        const stop = stage.nodes[1].onNumbers((numbers) => heard.push(numbers));
        stage.nodes[2].onNumbers((numbers) => others.push(numbers));
        const said = { node: nodeId(0), rooms: 1, sessions: 2, users: 3, roomChats: 5, privateChats: 6 };
        const say = (n: number): void => stage.nodes[0].sayNumbers({ ...said, accepted: n });
        const next = await sayUntil(stage, say, () => heard.length > 0 && others.length > 0);
        expect(heard[0]).toEqual({ ...said, accepted: heard[0]?.accepted });
        stop();
        const [before, others0] = [heard.length, others.length];
        await sayUntil(stage, say, () => others.length > others0 + 3, next);
        expect(heard.length).toBe(before);
      },
    );

    on("a room that no other process hosts is answered with nothing, its own hosting not counted", async (stage) => {
      const room = freshRoom();
      stage.nodes[0].host(room, template);
      expect(await settled(stage, stage.nodes[0].ask(room))).toBeUndefined();
      expect(await settled(stage, stage.nodes[0].ask(freshRoom()))).toBeUndefined();
    });

    on("any host that has the room answers with its state", async (stage) => {
      const room = freshRoom();
      const copy = copyAt(at(7, 70), template(), true);
      stage.nodes[0].host(room, () => undefined);
      stage.nodes[1].host(room, () => copy);
      let answer: RoomCopy | undefined;
      for (let tries = 0; answer === undefined && tries < 100; tries += 1) {
        answer = await settled(stage, stage.nodes[2].ask(room));
      }
      expect(answer).toEqual(copy);
    });

    on("hosts that have not loaded the room, or host it no more, give no answer, in bounded time", async (stage) => {
      const room = freshRoom();
      stage.nodes[0].host(room, () => undefined);
      const stop = stage.nodes[1].host(room, template);
      stop();
      // Often enough to meet a question or an answer that is lost.
      for (let i = 0; i < 20; i += 1) expect(await settled(stage, stage.nodes[2].ask(room))).toBeUndefined();
    });

    on("whoever can ask nobody is told so, and a host that is cut off holds nobody up", async (stage, context) => {
      const links = need(stage.links, context);
      const room = freshRoom();
      stage.nodes[0].host(room, template);
      await links.cut(1);
      await expect(settled(stage, stage.nodes[1].ask(room))).rejects.toBeInstanceOf(Unreachable);
      await links.mend(1);
      await links.cut(0);
      expect(await settled(stage, stage.nodes[1].ask(room))).toBeUndefined();
      await links.mend(0);
    });
  });
}
