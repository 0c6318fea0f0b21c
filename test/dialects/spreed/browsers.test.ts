// A page of Spreed WebRTC and the native demo page in one room, through HAProxy and three edges: they see, hear and keep
// each other while every node is killed once.

import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { LocalCluster } from "@heliograph/cluster";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "../../kit/chromium.ts";
import type { Scene } from "../../kit/scene.ts";
import { scene } from "../../kit/scene.ts";
import { until } from "../../kit/until.ts";
import type { Visitor } from "../../kit/visitor.ts";
import { processSettings } from "./settings.ts";

let browser: Browser;
let cluster: LocalCluster;
let pages: Server;

const files: Readonly<Record<string, string>> = {
  "/": "text/html; charset=utf-8",
  "/page.js": "text/javascript; charset=utf-8",
};

beforeAll(async () => {
  pages = createServer(({ url = "" }, answer) => {
    const { pathname } = new URL(url, "http://page.invalid");
    const type = files[pathname];
    if (type === undefined) return void answer.writeHead(404).end();
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    answer.writeHead(200, { "content-type": type });
    answer.end(readFileSync(fileURLToPath(new URL(`page/${name}`, import.meta.url))));
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  [browser, cluster] = await Promise.all([
    launchChromium(),
    LocalCluster.start({
      edges: 3,
      keepers: 2,
      nats: 1,
      redis: "single",
      settings: { ...processSettings, origins: [pageOrigin()] },
    }),
  ]);
});

afterAll(async () => {
  await browser.close();
  await cluster.stop();
  pages.close();
});

function pageOrigin(): string {
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
}

declare global {
  /** Written by the page. */
  var spreedPage: {
    readonly id: string;
    readonly welcome: boolean;
    readonly sockets: number;
    readonly ids: readonly string[];
    readonly lines: readonly string[];
    readonly people: Readonly<Record<string, unknown>>;
    readonly left: readonly unknown[];
    readonly wrongs: readonly string[];
    say(text: string): void;
    frames(id: string): number;
    idOf(name: string): string | undefined;
  };
}

/** Somebody at the page of the dialect. */
class Caller {
  readonly visitor: Visitor;

  private constructor(visitor: Visitor) {
    this.visitor = visitor;
  }

  static async come(scene: Scene, room: string, name: string): Promise<Caller> {
    const ws = `ws://127.0.0.1:${cluster.proxy.port}/spreed/ws`;
    const query = new URLSearchParams({ room, name, ws });
    const caller = new Caller(await scene.visitor(`${pageOrigin()}/?${query}`, { name }));
    await until(`${name} is welcome`, () => caller.look(() => globalThis.spreedPage?.welcome === true));
    return caller;
  }

  look<T>(what: () => T): Promise<T> {
    return this.visitor.page.evaluate(what);
  }

  say(text: string): Promise<void> {
    return this.visitor.page.evaluate((text) => globalThis.spreedPage.say(text), text);
  }

  frames(of: string): Promise<number> {
    return this.visitor.page.evaluate((of) => {
      const { idOf, frames } = globalThis.spreedPage;
      return frames(idOf(of) ?? "");
    }, of);
  }

  /** Somebody's picture moves. */
  async sees(of: string, more = 5): Promise<void> {
    const before = await this.frames(of);
    await until(`${this.visitor.name} decodes frames of ${of}`, async () => (await this.frames(of)) >= before + more);
  }
}

scene(
  "[spreed 70] a native page and one of this dialect call each other, and each node may be killed",
  () => browser,
  async (scene) => {
    const room = "both-dialects";
    const ann = await scene.visitor(`${cluster.address}r/${room}`, { name: "Ann", codec: "json" });
    await ann.join();
    const bob = await Caller.come(scene, room, "Bob");
    const asBob = bob.visitor;
    await ann.connectedTo(asBob);
    await Promise.all([ann.sees(asBob), bob.sees("Ann")]);
    const before = await ann.connections();
    const talk: string[] = [];
    const line = (text: string): string => {
      talk.push(text);
      return text;
    };
    const all = async () => {
      await expect.poll(async () => (await ann.texts()).toSorted(), { timeout: 20_000 }).toStrictEqual(talk.toSorted());
      await expect
        .poll(async () => (await bob.look(() => globalThis.spreedPage.lines)).toSorted(), { timeout: 20_000 })
        .toStrictEqual(talk.toSorted());
    };

    for (const edge of cluster.edges) {
      await ann.say(line(`Ann before ${edge.name} dies`));
      await bob.say(line(`Bob before ${edge.name} dies`));
      await all();
      await edge.kill();
      // Whoever was there has noticed; a line that is said to a dead socket is lost in this dialect.
      await until("Bob is welcome", () => bob.look(() => globalThis.spreedPage.welcome));
      await ann.page.locator("[data-banner=reconnecting]").waitFor({ state: "detached" });
      await ann.say(line(`Ann after ${edge.name} has died`));
      await bob.say(line(`Bob after ${edge.name} has died`));
      await all();
      await Promise.all([ann.sees(asBob), bob.sees("Ann")]);
      await edge.start();
    }

    // Each of them was on some node, and each node was killed.
    expect(await bob.look(() => globalThis.spreedPage.sockets)).toBeGreaterThan(1);
    expect(new Set(await bob.look(() => globalThis.spreedPage.ids)).size).toBe(1);
    expect(await bob.look(() => globalThis.spreedPage.left)).toStrictEqual([]);
    expect(await bob.look(() => globalThis.spreedPage.wrongs)).toStrictEqual([]);
    expect(await ann.connections()).toStrictEqual(before);
  },
);
