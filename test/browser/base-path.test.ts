// The page where a balancer forwards only a part of its paths: files, room links and the socket are all below it.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "../kit/chromium.ts";
import { scene } from "../kit/scene.ts";
import type { Server } from "../kit/server.ts";
import { startServer } from "../kit/server.ts";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), startServer({ LISTEN_BASE_PATH: "/calls/" })]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  expect(server.faults).toStrictEqual([]);
});

scene(
  "below a base path two people meet by a room's link, and the page stays below it",
  () => browser,
  async (scene) => {
    const root = `http://127.0.0.1:${server.port}`;
    const ann = await scene.visitor(`${root}/calls`, { name: "Ann" });
    expect(new URL(ann.page.url()).pathname).toBe("/calls/");
    await ann.join();
    const link = new URL(ann.page.url());
    expect(link.pathname).toMatch(/^\/calls\/r\/[\w-]+$/);
    // The other codec is a file of its own, loaded when it is wanted.
    const bob = await scene.visitor(root + link.pathname, { name: "Bob", codec: "msgpack" });
    const home = bob.page.getByRole("link", { name: "Heliograph" });
    expect(await home.evaluate((each) => (each instanceof HTMLAnchorElement ? each.pathname : ""))).toBe("/calls/");
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    for (const { wrongs } of [ann, bob]) expect(wrongs).toStrictEqual([]);
  },
);
