// The picture in a status: what of it is uploaded, kept or dropped (section 4), and its addresses in both dialects.
import type { PlainObject } from "./fields.ts";
import { isObject } from "./fields.ts";

/** What `buddyPicture` of a status is. */
export type PictureWish =
  /** No such key, or null. */
  | { readonly kind: "none" }
  /** A reference from before, or any other text: stays as it is. */
  | { readonly kind: "kept" }
  /** A data URL: whoever stores pictures judges the base64 and the bytes behind it. */
  | { readonly kind: "upload"; readonly mime: string; readonly base64: string }
  /** It must not stay in the status. */
  | { readonly kind: "dropped"; readonly why: "not a text" | "not base64" };

const key = "buddyPicture";
/** Browsers skip leading spaces and controls, and heed no case, so what they would show as a data URL is one here. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: browsers skip them.
const scheme = /^[\u0000-\u0020]*data:/i;
/** Type, parameters up to the encoding, data. */
const shape = /^([^;,]*);base64,(.*)$/s;

export function pictureOf(status: unknown): PictureWish {
  const value = isObject(status) && Object.hasOwn(status, key) ? (status[key] ?? null) : null;
  if (value === null) return { kind: "none" };
  if (typeof value !== "string") return { kind: "dropped", why: "not a text" };
  const opening = scheme.exec(value);
  if (opening === null) return { kind: "kept" };
  const parts = shape.exec(value.slice(opening[0].length));
  if (parts === null) return { kind: "dropped", why: "not base64" };
  return { kind: "upload", mime: parts[1] ?? "", base64: parts[2] ?? "" };
}

/** The status with a reference instead of its picture, or without a picture; all else stays as it was. */
export function withPicture(status: unknown, reference: string | undefined): unknown {
  if (!isObject(status)) return status;
  if (reference !== undefined) return { ...status, [key]: reference };
  const { [key]: _dropped, ...rest }: PlainObject = status;
  return rest;
}

/** A stored picture. Ids are base64url. */
export interface PictureReference {
  readonly id: string;
  readonly change: string;
}

export type PictureType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

const fileNames = {
  "image/png": "picture.png",
  "image/jpeg": "picture.jpg",
  "image/gif": "picture.gif",
  "image/webp": "picture.webp",
} as const satisfies Record<PictureType, string>;

export function writeReference({ id, change }: PictureReference, type: PictureType): string {
  return `img:${id}/${change}/${fileNames[type]}`;
}

const reference = /^img:([\w-]{20})\/([\w-]{1,64})(?:\/[^/]*)?$/;

/** Undefined: no reference of ours. */
export function readReference(text: string): PictureReference | undefined {
  const parts = reference.exec(text);
  return parts === null ? undefined : { id: parts[1] ?? "", change: parts[2] ?? "" };
}

const path = /^v1\/picture\/([\w-]{20})\/([\w-]{1,64})$/;

/**
 * Where native clients find it. @param base absolute address of the cluster, without a slash at its end; undefined: they
 * are told it relative to the base path of whatever server they are connected to
 */
export function nativeAddress({ id, change }: PictureReference, base: string | undefined): string {
  return `${base === undefined ? "" : `${base}/`}v1/picture/${id}/${change}`;
}

/** Undefined: the address of something else. */
export function readNativeAddress(address: string, base: string | undefined): PictureReference | undefined {
  const absolute = base !== undefined && address.startsWith(`${base}/`);
  const parts = path.exec(absolute ? address.slice(base.length + 1) : address);
  return parts === null ? undefined : { id: parts[1] ?? "", change: parts[2] ?? "" };
}
