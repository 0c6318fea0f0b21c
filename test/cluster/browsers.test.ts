// Two people in real browsers, on different nodes behind HAProxy: the node under either may die, and they go on talking.
import type { EdgeProcess } from "@heliograph/cluster";
import { LocalCluster } from "@heliograph/cluster";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "../kit/chromium.ts";
import { scene } from "../kit/scene.ts";
import { until } from "../kit/until.ts";
import type { Visitor } from "../kit/visitor.ts";

let browser: Browser;
let cluster: LocalCluster;

beforeAll(async () => {
  [browser, cluster] = await Promise.all([
    launchChromium(),
    LocalCluster.start({ edges: 3, keepers: 2, nats: 1, redis: "single" }),
  ]);
});

afterAll(async () => {
  await browser.close();
  await cluster.stop();
});

/** Where a page's socket ends now, by what its last welcome said: the balancer tells nobody. */
async function homeOf(visitor: Visitor): Promise<EdgeProcess> {
  const node = await visitor.page.evaluate(() => globalThis.heliographNode);
  const home = cluster.edges.find((edge) => edge.node === node);
  if (home === undefined) throw new Error(`no edge is ${node}`);
  return home;
}

declare global {
  /** Written by `witnessNode`. */
  var heliographNode: string;
}

/** Runs in the page, before its own scripts: reads the node out of each welcome. */
function witnessNode(): void {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        if (typeof data !== "string") return;
        const node = /"type":"welcome".*?"node":"([^"]+)"/.exec(data)?.[1];
        if (node !== undefined) globalThis.heliographNode = node;
      });
    }
  };
}

scene(
  "a call and its chat outlive the death of the node under either of two people",
  () => browser,
  async (scene) => {
    const url = `${cluster.address}r/through-deaths`;
    const coming = { codec: "json", before: witnessNode } as const;
    const ann = await scene.visitor(url, { name: "Ann", ...coming });
    const bob = await scene.visitor(url, { name: "Bob", ...coming });
    await Promise.all([ann.join(), bob.join()]);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    const before = await ann.connections();
    const talk: string[] = [];

    for (const [one, other] of [
      [ann, bob],
      [bob, ann],
    ] as const) {
      const home = await homeOf(one);
      const line = (when: string, by: Visitor): string => {
        talk.push(`${when}, by ${by.name} as ${one.name}'s node dies`);
        return talk.at(-1) ?? "";
      };
      await one.say(line("before", one));
      await home.kill();
      await Promise.all([one.say(line("during", one)), other.say(line("during", other))]);
      await until("it speaks to another node", async () => (await homeOf(one)) !== home);
      await one.page.locator("[data-banner=reconnecting]").waitFor({ state: "detached" });
      await other.say(line("after", other));
      for (const reader of [ann, bob]) {
        await expect.poll(async () => (await reader.texts()).toSorted()).toStrictEqual(talk.toSorted());
      }
      await Promise.all([ann.sees(bob, 20), bob.sees(ann, 20)]);
      await home.start();
    }

    // The call is the one that was begun: nothing was torn down, negotiated anew or reported as lost.
    expect(await ann.connections()).toStrictEqual(before);
    for (const reader of [ann, bob]) {
      await until("everything is told as sent", async () =>
        (await reader.lines()).every(({ delivery }) => delivery === "sent" || delivery === ""),
      );
      expect(await reader.page.getByText("could not be delivered").count()).toBe(0);
    }
  },
);
