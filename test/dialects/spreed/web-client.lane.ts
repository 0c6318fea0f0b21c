// The unmodified web client of Spreed WebRTC against a standalone: its folder is named by HELIOGRAPH_SPREED_CLIENT, and
// nothing of it is ours. Run by `npm run test:spreed-client`.
import { existsSync, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../../kit/chromium.ts";
import { type Server as Standalone, startServer } from "../../kit/server.ts";

const folder = process.env["HELIOGRAPH_SPREED_CLIENT"] ?? "";
/** Of the door, and of the page: what the client asks for relative to it is passed on. */
const base = "/spreed/";
const assets = "static/ver=test";

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".svg": "image/svg+xml",
  ".mp3": "audio/mpeg",
  ".ogg": "audio/ogg",
};

let browser: Browser;
let standalone: Standalone;
let pages: Server;

beforeAll(async () => {
  pages = createServer((request, answer) => {
    serve(request, answer).catch(() => answer.writeHead(500).end());
  });
  await new Promise<void>((resolve) => pages.listen(0, "127.0.0.1", resolve));
  standalone = await startServer({ WEB_ENABLED: "false", ORIGINS: address() });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await standalone.stop();
  pages.close();
});

function address(): string {
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
}

function door(path: string): string {
  return `http://127.0.0.1:${standalone.port}${path}`;
}

async function serve({ url = "/", method = "GET" }: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { pathname } = new URL(url, "http://page.invalid");
  if (pathname.startsWith(`${base}static/img/buddy/`) || pathname.startsWith(`${base}api/`)) {
    const passed = await fetch(door(url), { method });
    answer.writeHead(passed.status, { "content-type": passed.headers.get("content-type") ?? "text/plain" });
    answer.end(Buffer.from(await passed.arrayBuffer()));
    return;
  }
  if (pathname.startsWith(`${base}static/`)) {
    const name = normalize(decodeURIComponent(pathname.slice(`${base}static/`.length)).replace(/^ver=[^/]*\//, ""));
    const file = join(folder, "static", name);
    if (name.startsWith("..") || !existsSync(file) || !statSync(file).isFile()) return void answer.writeHead(404).end();
    answer.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    answer.end(readFileSync(file));
    return;
  }
  answer.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" });
  answer.end(await page());
}

/** What the client has to find around itself. */
async function page(): Promise<string> {
  const Cfg = { ...((await (await fetch(door(`${base}api/v1/config`))).json()) as object), B: base, S: assets };
  const Host = new URL(door("/")).host;
  const context = { App: "main", Cfg, Host, Ssl: false, Csp: false, Languages: ["en"], S: assets };
  const style = (name: string) => `<link rel="stylesheet" href="${assets}/css/${name}.min.css">`;
  return `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<base href="${base}">
${["bootstrap", "font-awesome", "main"].map(style).join("\n")}
<script id="globalcontext" type="application/json">${JSON.stringify(context).replaceAll("<", "\\u003c")}</script>
</head>
<body spreed-webrtc>
<div id="background"></div>
<div id="loader"><div class="loader-message"></div></div>
<ui></ui>
<script data-main="${assets}/js/main" data-plugin="" src="${assets}/js/libs/require/require.js"></script>
</body>
</html>
`;
}

async function come(name: string, room: string): Promise<Page> {
  const context = await browser.newContext();
  await context.addInitScript((displayName) => {
    localStorage.setItem("mediastream-mediacheck", "1");
    localStorage.setItem("mediastream-user", JSON.stringify({ displayName, settings: {} }));
  }, name);
  const page = await context.newPage();
  await page.goto(`${address()}${base}${room}`);
  await expect.poll(() => scope(page, "status"), { timeout: 30_000 }).toBe("waiting");
  return page;
}

/** A member of what the client's own page has at hand. */
function scope(page: Page, member: string): Promise<unknown> {
  return page
    .evaluate<unknown>(`angular.element(document.body).scope()[${JSON.stringify(member)}]`)
    .catch(() => undefined);
}

test("two people meet in a room, read each other, and stay who they are when a socket drops", async () => {
  const [ann, bob] = [await come("ann", "lobby"), await come("bob", "lobby")];
  for (const [page, other] of [
    [ann, "bob"],
    [bob, "ann"],
  ] as const) {
    await expect
      .poll(() => page.locator(".buddy .buddy1").allTextContents(), { timeout: 30_000 })
      .toStrictEqual([other]);
  }
  const input = ann.locator(".chat textarea.input").first();
  await input.fill("hello from ann");
  await input.press("Enter");
  await bob.locator(".chat .output li", { hasText: "hello from ann" }).first().waitFor();
  const id = await scope(ann, "id");
  await ann.context().setOffline(true);
  await expect.poll(() => scope(ann, "status"), { timeout: 60_000 }).not.toBe("waiting");
  await ann.context().setOffline(false);
  await expect.poll(() => scope(ann, "status"), { timeout: 60_000 }).toBe("waiting");
  expect(await scope(ann, "id")).toBe(id);
});
