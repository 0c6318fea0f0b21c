// Serves a built web page from memory: only files that were there when it was loaded, compressed once.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { isNamedIn } from "./entity-tag.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "./socket/http.ts";
import { text } from "./socket/http.ts";

export interface StaticSiteOptions {
  /** What vite built: an index.html, files named by their content under assets/, others as they are. */
  readonly directory: string;
  /** Origins beyond the page's own that it may open connections to, such as `wss://other.example`. */
  readonly connectTo: readonly string[];
  /** What the paths of its visitors begin with, ending with a slash; the handler itself sees them without. */
  readonly basePath?: string;
}

/**
 * A handler for the site's files, for `/`, and for `/r/<room>`, where the page itself finds out which room is meant.
 * Rejects if the directory holds no index.html.
 */
export async function loadStaticSite(options: StaticSiteOptions): Promise<HttpHandler> {
  const { directory, connectTo, basePath = "/" } = options;
  const pages = await loadPages(directory, policies(connectTo), basePath);
  const index = pages.get("/index.html");
  if (index === undefined) throw new Error(`${directory} holds no index.html: build the pages first (npm run build)`);
  return (request) => {
    const page = roomLink.test(request.path) ? index : pages.get(named(request.path));
    if (page === undefined) return undefined;
    if (request.method === "GET" || request.method === "HEAD") return page.answer(request);
    return text(405, "This is a file: it can only be read, with GET or HEAD.\n", { allow: "GET, HEAD" });
  };
}

const roomLink = /^\/r\/[^/]+\/?$/;

/** The file a path means. Whatever it decodes to can only be one of those that were loaded. */
function named(path: string): string {
  const file = path.endsWith("/") ? `${path}index.html` : path;
  if (!file.includes("%")) return file;
  try {
    return decodeURIComponent(file);
  } catch {
    // Broken escapes name no file, and this text names none either.
    return "";
  }
}

type Headers = Readonly<Record<string, string>>;

function policies(connectTo: readonly string[]): Headers {
  const content = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Pictures of people come with their profiles.
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    `connect-src ${["'self'", ...connectTo].join(" ")}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": content.join("; "),
    "x-content-type-options": "nosniff",
    // A room's link is its key: it must not leave with a click on a link in the chat.
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self)",
  };
}

interface Encoding {
  /** As in Content-Encoding; empty for the file as it is. */
  readonly name: string;
  readonly body: Uint8Array;
  readonly etag: string;
}

class Page {
  readonly #headers: Headers;
  /** The smallest first, the file as it is last. */
  readonly #encodings: readonly Encoding[];

  constructor(headers: Headers, encodings: readonly Encoding[]) {
    this.#headers = headers;
    this.#encodings = encodings;
  }

  answer(request: HttpRequest): HttpResponse | undefined {
    const accepted = acceptedEncodings(request.header("accept-encoding"));
    const encoding = this.#encodings.find(({ name }) => name === "" || accepted.has(name));
    if (encoding === undefined) return undefined;
    const headers: Record<string, string> = { ...this.#headers, etag: encoding.etag };
    if (this.#encodings.length > 1) headers["vary"] = "accept-encoding";
    if (isNamedIn(request.header("if-none-match"), encoding.etag)) return { status: 304, headers, body: "" };
    if (encoding.name !== "") headers["content-encoding"] = encoding.name;
    return { status: 200, headers, body: encoding.body };
  }
}

async function loadPages(directory: string, common: Headers, basePath: string): Promise<ReadonlyMap<string, Page>> {
  const pages = new Map<string, Page>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    // Links could lead out of the directory.
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(directory, file).split(sep).join("/")}`;
    if (path.includes("/.")) continue;
    const bytes = await readFile(file);
    pages.set(path, await loadPage(path.endsWith(".html") ? belowBase(bytes, basePath) : bytes, path, common));
  }
  return pages;
}

/**
 * Pages name their files from the root, since rooms live at several depths, and are built before anybody knows where
 * they will be served. Only whole attributes are touched: `src="/assets/…"`, not text, and not `//other.example`.
 */
function belowBase(html: Buffer, basePath: string): Buffer {
  if (basePath === "/") return html;
  return Buffer.from(html.toString().replace(/(\s(?:src|href)=["'])\/(?!\/)/g, `$1${basePath}`));
}

async function loadPage(bytes: Buffer, path: string, common: Headers): Promise<Page> {
  const type = contentTypes[extname(path).toLowerCase()] ?? { name: "application/octet-stream", packed: true };
  // vite names assets by their content; every other name shows something else after the next build.
  const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  const encoded = (name: string, body: Uint8Array): Encoding => ({
    name,
    body,
    // Strong validators differ where bytes do (RFC 9110, 8.8.1).
    etag: `"${digest}${name === "" ? "" : `-${name}`}"`,
  });
  const encodings = [encoded("", bytes)];
  if (!type.packed) {
    // 9 of 11: the last two steps cost a start seconds for a hundredth of the size.
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    encodings.push(encoded("br", await promisify(brotliCompress)(bytes, { params })));
    encodings.push(encoded("gzip", await promisify(gzip)(bytes, { level: 9 })));
    encodings.sort((a, b) => a.body.length - b.body.length);
    // What did not shrink is never chosen.
    encodings.length = encodings.findIndex(({ name }) => name === "") + 1;
  }
  return new Page({ ...common, "content-type": type.name, "cache-control": caching }, encodings);
}

interface ContentType {
  readonly name: string;
  /** Compressed by its own format. */
  readonly packed: boolean;
}

const packed = (name: string): ContentType => ({ name, packed: true });
const loose = (name: string): ContentType => ({ name, packed: false });

const contentTypes: Readonly<Record<string, ContentType>> = {
  ".html": loose("text/html; charset=utf-8"),
  ".js": loose("text/javascript; charset=utf-8"),
  ".mjs": loose("text/javascript; charset=utf-8"),
  ".css": loose("text/css; charset=utf-8"),
  ".json": loose("application/json"),
  ".map": loose("application/json"),
  ".txt": loose("text/plain; charset=utf-8"),
  ".svg": loose("image/svg+xml"),
  ".webmanifest": loose("application/manifest+json"),
  ".wasm": loose("application/wasm"),
  ".ico": loose("image/x-icon"),
  ".png": packed("image/png"),
  ".jpg": packed("image/jpeg"),
  ".jpeg": packed("image/jpeg"),
  ".gif": packed("image/gif"),
  ".webp": packed("image/webp"),
  ".avif": packed("image/avif"),
  ".woff2": packed("font/woff2"),
  ".mp3": packed("audio/mpeg"),
  ".ogg": packed("audio/ogg"),
  ".mp4": packed("video/mp4"),
  ".webm": packed("video/webm"),
};

/** RFC 9110, 12.5.3. A weight of 0 forbids, other weights are all the same to us. */
function acceptedEncodings(header: string | undefined): ReadonlySet<string> {
  const accepted = new Set<string>();
  for (const item of (header ?? "").split(",")) {
    const [name = "", weight = ""] = item.split(";").map((part) => part.trim().toLowerCase());
    if (!/^q=0(\.0*)?$/.test(weight)) accepted.add(name);
  }
  return accepted;
}
