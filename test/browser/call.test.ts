// Real pages in real Chromium against a real server: people meet, see, hear and read each other, whatever is cut.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "../kit/chromium.ts";
import { freePort } from "../kit/free-port.ts";
import { scene } from "../kit/scene.ts";
import type { Server } from "../kit/server.ts";
import { startServer } from "../kit/server.ts";
import { StandaloneProcess } from "../kit/standalone-process.ts";
import { until } from "../kit/until.ts";
import { Wire } from "../kit/wire.ts";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchChromium(), startServer()]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  expect(server.faults).toStrictEqual([]);
  expect(server.edge.held()).toStrictEqual({ connections: 0, addresses: 0, unopened: 0 });
});

const at = (port: number, room: string) => `http://127.0.0.1:${port}/r/${room}`;

scene(
  "a page on JSON and one on MessagePack call each other",
  () => browser,
  async (scene) => {
    const url = at(server.port, "two-codecs");
    const ann = await scene.visitor(url, { name: "Ann", codec: "json" });
    const bob = await scene.visitor(url, { name: "Bob", codec: "msgpack" });
    await Promise.all([ann.join(), bob.join()]);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);

    // A wave is a text over the data channel, and nothing else.
    await ann.button("Wave to everyone").click();
    await bob.heard("Ann waves").waitFor({ state: "attached" });
    await bob.button("Wave to everyone").click();
    await ann.heard("Bob waves").waitFor({ state: "attached" });

    await ann.say("Good morning");
    await bob.say("Morning!");
    await ann.say('How do you like it? <b>&"\u2028🌞');
    const talk = ["Good morning", "Morning!", 'How do you like it? <b>&"\u2028🌞'];
    await expect.poll(() => ann.texts()).toHaveLength(3);
    await expect.poll(() => bob.texts()).toHaveLength(3);
    expect((await ann.texts()).toSorted()).toStrictEqual(talk.toSorted());
    expect((await bob.texts()).toSorted()).toStrictEqual(talk.toSorted());
  },
);

scene(
  "three pages form a mesh, and stay one when somebody leaves",
  () => browser,
  async (scene) => {
    const url = at(server.port, "mesh");
    const [ann, bob, cat] = await Promise.all([
      scene.visitor(url, { name: "Ann", codec: "json" }),
      scene.visitor(url, { name: "Bob", codec: "msgpack" }),
      scene.visitor(url, { name: "Cat", codec: "json" }),
    ]);
    await Promise.all([ann.join(), bob.join(), cat.join()]);
    await Promise.all([ann.connectedTo(bob, cat), bob.connectedTo(ann, cat), cat.connectedTo(ann, bob)]);
    await Promise.all([ann.sees(bob), ann.sees(cat), bob.sees(ann), bob.sees(cat), cat.sees(ann), cat.sees(bob)]);
    await cat.button("Leave the call").click();
    await cat.page.getByRole("dialog").getByRole("button", { name: "Leave", exact: true }).click();
    await cat.page.getByRole("heading", { name: "You left the call" }).waitFor();
    expect(await cat.liveTracks()).toBe(0);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
  },
);

scene(
  "a socket cut during the call resumes: media go on and no line is lost or doubled",
  () => browser,
  async (scene) => {
    const wire = await Wire.to(server.port);
    scene.after(() => wire.end());
    const ann = await scene.visitor(at(wire.port, "cut"), { name: "Ann", codec: "msgpack" });
    const bob = await scene.visitor(at(server.port, "cut"), { name: "Bob", codec: "json" });
    await Promise.all([ann.join(), bob.join()]);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await ann.say("before");
    await expect.poll(() => bob.texts()).toStrictEqual(["before"]);
    const before = await ann.connections();

    wire.open = false;
    for (const strand of wire.sockets) strand.cut();
    await ann.page.locator("[data-banner=reconnecting]").waitFor();
    await bob.button(/^People/).click();
    await bob.page.locator("[data-member][data-away=true]").waitFor();
    // Both sides go on seeing each other while nothing can be signalled, and write.
    await ann.say("while cut, by Ann");
    await bob.say("while cut, by Bob");
    await Promise.all([ann.sees(bob, 20), bob.sees(ann, 20)]);
    expect((await ann.lines()).at(-1)).toMatchObject({ text: "while cut, by Ann", delivery: "sending" });

    wire.open = true;
    await ann.page.locator("[data-banner=reconnecting]").waitFor({ state: "detached" });
    await ann.say("after");
    const talk = ["before", "while cut, by Ann", "while cut, by Bob", "after"].toSorted();
    await expect.poll(async () => (await ann.texts()).toSorted()).toStrictEqual(talk);
    await expect.poll(async () => (await bob.texts()).toSorted()).toStrictEqual(talk);
    await until("everything is told as sent", async () =>
      (await ann.lines()).every(({ delivery }) => delivery === "sent"),
    );
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    expect(await ann.connections()).toStrictEqual(before);
    expect(await ann.page.getByText("could not be delivered").count()).toBe(0);
    expect(await bob.page.getByText("could not be delivered").count()).toBe(0);
  },
);

scene(
  "a server that is killed and started again is met again, and the media never stop",
  () => browser,
  async (scene) => {
    const port = await freePort();
    const settings = { LISTEN_PORT: String(port), TOKENS_KEYS: `[{"id":"k","secret":"${"5a".repeat(32)}"}]` };
    let running = await StandaloneProcess.ready(settings);
    scene.after(() => running.end());
    const ann = await scene.visitor(at(port, "killed"), { name: "Ann", codec: "json" });
    const bob = await scene.visitor(at(port, "killed"), { name: "Bob", codec: "msgpack" });
    await Promise.all([ann.join(), bob.join()]);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await ann.say("before");
    await expect.poll(() => bob.texts()).toStrictEqual(["before"]);

    running.signal("SIGKILL");
    await running.ended;
    await ann.page.locator("[data-banner=reconnecting]").waitFor();
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    running = await StandaloneProcess.ready(settings);

    // A memory server forgets its rooms when it dies: the page joins anew, and says so.
    await Promise.all(
      [ann, bob].map((each) => each.page.locator("[data-banner=reconnecting]").waitFor({ state: "detached" })),
    );
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    await bob.say("after");
    await expect.poll(async () => (await ann.texts()).at(-1)).toBe("after");
  },
);
