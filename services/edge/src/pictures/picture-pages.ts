// Serves pictures over HTTP from any node, so that browsers and proxies keep them and ask again cheaply.
import type { Observer, Picture } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import type { PictureId } from "@heliograph/protocol";
import { isNamedIn } from "../entity-tag.ts";
import type { HttpHandler, HttpRequest, HttpResponse } from "../socket/http.ts";
import { text } from "../socket/http.ts";
import { changeOf, isBelowPictures, readAddress } from "./addresses.ts";
import type { PictureShelf } from "./picture-shelf.ts";
import type { RecentPictures } from "./recent-pictures.ts";

export interface PicturePagesParts {
  readonly shelf: Pick<PictureShelf, "find" | "isOnItsWay">;
  readonly recent: Pick<RecentPictures, "get">;
  readonly observer: Observer;
}

/** What nobody has now may be there in a moment. */
const kept = "no-store";

/** Undefined for whatever is not below the addresses of pictures. */
export function picturePages(parts: PicturePagesParts): HttpHandler {
  return (request) => {
    if (!isBelowPictures(request.path)) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return text(405, "This is a picture: it can only be read, with GET or HEAD.\n", { allow: "GET, HEAD" });
    }
    return answer(parts, request);
  };
}

function answer(parts: PicturePagesParts, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
  const { observer } = parts;
  const address = readAddress(request.path);
  if (address === undefined) {
    observer.observe({ type: "picture_asked", answer: "absent" });
    return absent();
  }
  // Headers can be read in this turn only.
  const has = request.header("if-none-match");
  return find(parts, address).then((found) => {
    if (found === "unreachable") {
      observer.observe({ type: "picture_asked", answer: "unreachable" });
      return text(503, "Pictures cannot be looked up now. Ask again.\n", { "cache-control": kept, "retry-after": "2" });
    }
    // Other bytes never stand under an address, or a cache would show them for a day: not the original's way.
    if (found === undefined || changeOf(found) !== address.change) {
      observer.observe({ type: "picture_asked", answer: "absent" });
      return absent();
    }
    const same = isNamedIn(has, `"${found.digest}"`);
    observer.observe({ type: "picture_asked", answer: same ? "same" : "whole" });
    const headers = headersOf(found);
    return same ? { status: 304, headers, body: "" } : { status: 200, headers, body: found.bytes };
  });
}

/** Whoever is away from the memory still has the pictures of its own sessions. */
async function find(
  { shelf, recent }: PicturePagesParts,
  { id, change }: { readonly id: PictureId; readonly change: string },
): Promise<Picture | "unreachable" | undefined> {
  if (shelf.isOnItsWay(id)) return shelf.find(id);
  try {
    return (
      (await recent.get(id, (picture) => changeOf(picture) === change)) ??
      (shelf.isOnItsWay(id) ? shelf.find(id) : undefined)
    );
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    return shelf.find(id) ?? "unreachable";
  }
}

function headersOf({ type, digest }: Picture): Readonly<Record<string, string>> {
  return {
    "content-type": type,
    etag: `"${digest}"`,
    "cache-control": "public, no-transform, max-age=86400",
    // It is shown as what it claims to be or not at all, and opened by itself it is still nothing but a picture.
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
  };
}

function absent(): HttpResponse {
  return text(404, "There is no such picture, or not any more.\n", {
    "cache-control": kept,
    "x-content-type-options": "nosniff",
  });
}
