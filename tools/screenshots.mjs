// @ts-check
// npm run docs:screenshots: pictures of the demo page for the README, of a real call between three browsers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { writePortrait } from "./portrait.mjs";
import { root, tool } from "./steps.mjs";

// Of the workspace that tests with it, so that there is one version of it.
/** @type {typeof import("playwright-core")} */
const { chromium } = createRequire(`${root}test/package.json`)("playwright-core");

const folder = `${root}docs/images`;

const people = [
  { name: "Ann", look: "dusk" },
  { name: "Ben", look: "forest" },
  { name: "Cleo", look: "sea" },
];

/** @param {string} video */
function launch(video) {
  const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"];
  const media = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
  const file = `--use-file-for-fake-video-capture=${video}`;
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: [...args, ...media, file] });
}

/**
 * @param {string} cwd an empty folder: no settings of whoever runs this
 * @returns the address of a standalone, and what ends it
 */
async function serve(cwd) {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HELIOGRAPH_LISTEN_PORT: "0",
    HELIOGRAPH_INTERNAL_LISTEN_PORT: "0",
    HELIOGRAPH_TURN_STUN: "[]",
    HELIOGRAPH_LOG_FORMAT: "json",
  };
  const child = spawn(process.execPath, [`${root}services/standalone/dist/main.js`], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const end = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  /** @type {Promise<string>} */
  const ready = new Promise((resolve) => {
    let said = "";
    // Listened to until its end: a pipe that nobody reads would break.
    child.stdout.on("data", (bytes) => {
      said += bytes;
      const address = /ready at (http:[^"]+?)\/?"/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
  const address = await Promise.race([ready, ended.then(() => undefined)]);
  if (address === undefined) throw new Error("The server ended before it was ready.");
  return { address, end };
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
async function shoot(page, name) {
  const path = join(folder, `${name}.png`);
  // Nothing that comes and goes: notices, and the ring around whoever speaks just now.
  const style = ".notices { visibility: hidden } * { caret-color: transparent !important }";
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const { length } = await page.screenshot({ path, style });
  process.stdout.write(`${path.replace(root, "")}: ${Math.round(length / 1_000)} kB\n`);
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} text
 */
async function say(page, text) {
  const field = page.getByLabel("Message to everyone");
  if (!(await field.isVisible())) await page.getByRole("button", { name: /^Chat/ }).click();
  await field.fill(text);
  await field.press("Enter");
  await page.getByRole("log", { name: "Messages" }).getByText(text).waitFor();
}

await tool(async () => {
  build();
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), "heliograph-screenshots-"));
  const server = await serve(scratch);
  /** @type {import("playwright-core").Browser[]} */
  const browsers = [];
  try {
    const url = `${server.address}/r/tea-at-four`;
    const pages = [];
    for (const { name, look } of people) {
      const video = join(scratch, `${name}.y4m`);
      writePortrait(video, look);
      const browser = await launch(video);
      browsers.push(browser);
      const phone = name === "Cleo";
      const context = await browser.newContext(
        phone ? { viewport: { width: 390, height: 844 }, hasTouch: true } : { viewport: { width: 1280, height: 800 } },
      );
      const page = await context.newPage();
      await page.goto(url);
      await page.getByLabel("Your name").fill(name);
      pages.push(page);
    }
    const [ann, ben, cleo] = pages;
    if (ann === undefined || ben === undefined || cleo === undefined) throw new Error("somebody is missing");
    await ann.locator("video").evaluate(playing);
    await shoot(ann, "demo-lobby");
    for (const page of pages) {
      await page.getByRole("button", { name: "Join the room" }).click();
      await page.getByRole("region", { name: "Call controls" }).waitFor();
    }
    for (const page of pages) {
      const others = page.locator("li[data-self=false][data-state=connected] video");
      await others.nth(1).waitFor();
      for (const video of await others.all()) await video.evaluate(playing);
      // Which way the packets go is measured every two seconds.
      await page.locator(".tile-route").nth(1).waitFor();
    }
    // Tests of muting are elsewhere; here only Ben's picture shows it.
    await ben.getByRole("button", { name: "Mute microphone" }).click();
    await say(ben, "The kettle is on. Can everybody hear the rain?");
    await say(cleo, "Loud and clear, from the train!");
    await cleo.getByRole("button", { name: "Close chat" }).click();
    await say(ann, "Hello both, good to see you.");
    await ann.locator('li[data-peer][aria-label^="Ben, microphone off"]').waitFor();
    await ann.getByRole("log", { name: "Messages" }).getByText("from the train").waitFor();
    // The tiles glide to their new places.
    await settled(ann);
    await shoot(ann, "demo-call");
    await settled(cleo);
    await shoot(cleo, "demo-phone");
  } finally {
    for (const browser of browsers) await browser.close();
    await server.end();
    rmSync(scratch, { recursive: true, force: true });
  }
});

/** Runs in the page: resolves when frames of the video have been drawn. @param {Element} video */
function playing(video) {
  if (!(video instanceof HTMLVideoElement)) throw new Error("not a video");
  return new Promise((resolve) => {
    let frames = 0;
    const drawn = () => {
      frames += 1;
      // The first ones of a call are coarse.
      if (frames > 60) resolve(undefined);
      else video.requestVideoFrameCallback(drawn);
    };
    video.requestVideoFrameCallback(drawn);
  });
}

/** @param {import("playwright-core").Page} page */
async function settled(page) {
  await page.evaluate(() =>
    // One that is called off is over, too.
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => animation.effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map((animation) => animation.finished),
    ).then(() => undefined),
  );
}
