// From an address to a room's name and back: a room lives at <base>r/<name>.
import { parseRoomName } from "@heliograph/protocol";

const prefix = "r/";
// Longer names are legal in the cluster, but nobody reads such a link to someone over the telephone.
const longest = 64;

/** A name as a person typed it, or undefined where the cluster would refuse it. */
export function roomFromTyped(typed: string, base = "/"): string | undefined {
  const trimmed = typed.trim();
  const name = fromLink(trimmed, base) ?? trimmed.replace(/\s+/gu, "-");
  return isRoomName(name) ? name : undefined;
}

/** The room a page at this path is for; undefined on the front page. */
export function roomFromPath(path: string, base = "/"): string | undefined {
  const rooms = base + prefix;
  if (!path.startsWith(rooms)) return undefined;
  const name = decoded(path.slice(rooms.length).replace(/\/$/u, ""));
  return name !== undefined && isRoomName(name) ? name : undefined;
}

export function roomPath(room: string, base = "/"): string {
  return `${base}${prefix}${encodeURIComponent(room)}`;
}

export function roomLink(origin: string, room: string, base = "/"): string {
  return origin + roomPath(room, base);
}

/** The native socket of the server that served the page. */
export function socketUrl(page: { readonly protocol: string; readonly host: string }, base = "/"): string {
  return `${page.protocol === "https:" ? "wss:" : "ws:"}//${page.host}${base}v1/socket`;
}

/**
 * What the server's paths begin with, by the address of the page's own script, which lies one folder below it: a page
 * is built before anybody knows where it will be served, and its policy allows no script that could be written into it.
 */
export function baseOf(script: string): string {
  return new URL("..", script).pathname;
}

function fromLink(typed: string, base: string): string | undefined {
  if (!/^https?:\/\//iu.test(typed)) return undefined;
  return URL.canParse(typed) ? roomFromPath(new URL(typed).pathname, base) : undefined;
}

function isRoomName(name: string): boolean {
  // A slash could be encoded, but many servers and chat programs decode or cut such links.
  return name.length <= longest && !name.includes("/") && name !== "." && name !== ".." && parseRoomName(name).ok;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
