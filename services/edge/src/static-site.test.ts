// A built page, served by both listeners.

import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { OpenListener } from "../contract/bench.ts";
import { bench, directory, fetched } from "../contract/bench.ts";
import { openUwsListener } from "./socket/uws-listener.ts";
import { openWsListener } from "./socket/ws-listener.ts";
import { loadStaticSite } from "./static-site.ts";

const html = `<!doctype html><title>Meet</title>${"<p>Somebody</p>".repeat(100)}`;
const script = "console.log('hello');".repeat(500);
const picture = Buffer.from("89504e470d0a1a0a", "hex");

/** A site beside a file that is none of its own. */
async function built(): Promise<string> {
  const around = await directory();
  const site = join(around, "dist");
  await mkdir(join(site, "assets"), { recursive: true });
  await mkdir(join(site, "chat"));
  await mkdir(join(site, ".vite"));
  await writeFile(join(around, "secret.txt"), "secret");
  await writeFile(join(site, "index.html"), html);
  await writeFile(join(site, "chat", "index.html"), "<p>chat");
  await writeFile(join(site, ".vite", "manifest.json"), "{}");
  await writeFile(join(site, "assets", "main-1a2b.js"), script);
  await writeFile(join(site, "assets", "tiny-3c4d.css"), "a{}");
  await writeFile(join(site, "assets", "face-5e6f.png"), picture);
  await writeFile(join(site, "é.txt"), "accent");
  await symlink(join(around, "secret.txt"), join(site, "link.txt"));
  return site;
}

async function served(open: OpenListener): Promise<number> {
  const http = await loadStaticSite({ directory: await built(), connectTo: ["wss://other.example"] });
  const { listener, errors } = await bench(open, { http });
  expect(errors).toEqual([]);
  return listener.port;
}

describe.each([
  ["uWebSockets.js", openUwsListener],
  ["ws", openWsListener],
])("on the %s listener", (_name, open: OpenListener) => {
  test("the page is asked for again each time, and is not sent again while it is the same", async () => {
    const port = await served(open);
    const first = await fetched(port, "/");
    expect(first.status).toBe(200);
    expect(first.body.toString()).toBe(html);
    expect(first.headers).toMatchObject({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
    const etag = String(first.headers["etag"]);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const again = await fetched(port, "/", { headers: { "If-None-Match": tag } });
      expect([again.status, again.body.length, again.headers["etag"]]).toEqual([304, 0, etag]);
      expect(again.headers["cache-control"]).toBe("no-cache");
    }
    expect((await fetched(port, "/", { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
  });

  test("assets are kept for ever", async () => {
    const port = await served(open);
    const { headers, body } = await fetched(port, "/assets/main-1a2b.js");
    expect(body.toString()).toBe(script);
    expect(headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  test("every encoding that is asked for unpacks to the file, and has its own validator", async () => {
    const port = await served(open);
    const get = (encodings: string) =>
      fetched(port, "/assets/main-1a2b.js", { headers: { "Accept-Encoding": encodings } });
    const [br, gzip, plain] = [
      await get("gzip, deflate, br, zstd"),
      await get("gzip"),
      await get("br;q=0, gzip;q=0.0"),
    ];
    expect(br.headers["content-encoding"]).toBe("br");
    expect(brotliDecompressSync(br.body).toString()).toBe(script);
    expect(gzip.headers["content-encoding"]).toBe("gzip");
    expect(gunzipSync(gzip.body).toString()).toBe(script);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(plain.body.toString()).toBe(script);
    expect(new Set([br, gzip, plain].map(({ headers }) => headers["etag"])).size).toBe(3);
    for (const { headers } of [br, gzip, plain]) expect(headers["vary"]).toBe("accept-encoding");
  });

  test("what would not shrink is sent as it is", async () => {
    const port = await served(open);
    for (const path of ["/assets/tiny-3c4d.css", "/assets/face-5e6f.png"]) {
      const { headers } = await fetched(port, path, { headers: { "Accept-Encoding": "br, gzip" } });
      expect(headers["content-encoding"]).toBeUndefined();
    }
    expect((await fetched(port, "/assets/face-5e6f.png")).body.equals(picture)).toBe(true);
  });

  test("a room's link shows the page, other unknown paths do not", async () => {
    const port = await served(open);
    for (const path of ["/r/tea", "/r/a%20room", "/r/tea/", "/r/tea?x=1", "/index.html"]) {
      expect((await fetched(port, path)).body.toString()).toBe(html);
    }
    expect((await fetched(port, "/chat/")).body.toString()).toBe("<p>chat");
    expect((await fetched(port, "/%C3%A9.txt")).body.toString()).toBe("accent");
    for (const path of ["/r/", "/r/a/b", "/nothing", "/assets/main-0000.js", "/assets/", "/%"]) {
      expect((await fetched(port, path)).status).toBe(404);
    }
  });

  test("nothing but the files of the site can be named", async () => {
    const port = await served(open);
    const outside = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt"];
    const inside = ["/link.txt", "/.vite/manifest.json", "//index.html", "/assets\\main-1a2b.js", "/index.html%00.txt"];
    for (const path of [...outside, ...inside]) expect([path, (await fetched(port, path)).status]).toEqual([path, 404]);
  });

  test("every file carries the policies of the site", async () => {
    const port = await served(open);
    for (const path of ["/", "/r/tea", "/assets/main-1a2b.js"]) {
      const { headers } = await fetched(port, path);
      const policy = String(headers["content-security-policy"]);
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).toContain("connect-src 'self' wss://other.example;");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("unsafe");
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(self), microphone=(self), display-capture=(self)",
      });
    }
  });

  test("HEAD tells what GET would, and other methods are refused with those two", async () => {
    const port = await served(open);
    const head = await fetched(port, "/", { method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, String(html.length), 0]);
    const post = await fetched(port, "/", { method: "POST", body: "x" });
    expect([post.status, post.headers["allow"]]).toEqual([405, "GET, HEAD"]);
    expect((await fetched(port, "/nothing", { method: "POST" })).status).toBe(404);
  });
});

test("a directory without a page is refused with what to do", async () => {
  await expect(loadStaticSite({ directory: await directory(), connectTo: [] })).rejects.toThrow(/npm run build/);
});

test("below a base path a page finds its files there, at whatever depth it is shown", async () => {
  const site = await built();
  const own = `<link rel="icon" href="/favicon.svg"><script type="module" crossorigin src='/assets/main-1a2b.js'></script>`;
  const foreign = `<a href="//other.example">"/not" src=/nothing href="https://other.example/"</a>`;
  await writeFile(join(site, "index.html"), own + foreign);
  const page = async (basePath: string) => {
    const handler = await loadStaticSite({ directory: site, connectTo: [], basePath });
    const { listener } = await bench(openWsListener, { http: handler });
    return (await fetched(listener.port, "/r/tea")).body.toString();
  };
  expect(await page("/")).toBe(own + foreign);
  expect(await page("/calls/eu/")).toBe(own.replaceAll(/=(["'])\//g, "=$1/calls/eu/") + foreign);
});
