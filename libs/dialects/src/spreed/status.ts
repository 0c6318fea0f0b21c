// Name, message and picture: a Spreed status as a profile that everybody reads, and any profile as a Spreed status.
import type { Profile } from "@heliograph/protocol";
import { utf8Length } from "@heliograph/protocol";
import { isObject } from "./fields.ts";
import type { Own } from "./own.ts";
import { nothingOwn } from "./own.ts";
import { nativeAddress, readNativeAddress, readReference } from "./picture.ts";

/** UTF-8, as the native protocol bounds them. */
const profileBytes = { name: 256, status: 1024 } as const;
/** What native clients may be given as a picture. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point.
const showable = /^https?:\/\/[^\s\u0000-\u001f\u007f]+$/;
const longestPicture = 8192;

/**
 * What others than Spreed readers see of a status whose picture has been settled. `own` is put beside it, encoded, by
 * the caller. @param base absolute address under which the cluster serves pictures; undefined: its own are told relative to the
 * base path
 */
export function profileOf(status: unknown, base: string | undefined): Pick<Profile, "name" | "status" | "picture"> {
  if (!isObject(status)) return {};
  const name = textOf(status["displayName"], profileBytes.name);
  const message = textOf(status["message"], profileBytes.status);
  const picture = pictureAddress(status["buddyPicture"], base);
  return {
    ...(name === "" ? {} : { name }),
    ...(message === "" ? {} : { status: message }),
    ...(picture === undefined ? {} : { picture }),
  };
}

/** What Spreed readers see of a member: its own words if it has some, else those of its profile. */
export function ownOf(
  profile: Pick<Profile, "name" | "status" | "picture">,
  own: Own | undefined,
  base: string | undefined,
): Own {
  return own ?? { ...nothingOwn, Status: statusOf(profile, base) };
}

/** Null: the profile says nothing. */
export function statusOf(
  { name, status, picture }: Pick<Profile, "name" | "status" | "picture">,
  base: string | undefined,
): unknown {
  if (name === undefined && status === undefined && picture === undefined) return null;
  return {
    displayName: name ?? "",
    message: status ?? null,
    ...(picture === undefined ? {} : { buddyPicture: buddyPicture(picture, base) }),
  };
}

function pictureAddress(picture: unknown, base: string | undefined): string | undefined {
  if (typeof picture !== "string") return undefined;
  const reference = readReference(picture);
  if (reference !== undefined) return nativeAddress(reference, base);
  const fits = picture.length <= longestPicture && picture.isWellFormed() && showable.test(picture);
  return fits ? picture : undefined;
}

function buddyPicture(picture: string, base: string | undefined): string {
  const reference = readNativeAddress(picture, base);
  return reference === undefined ? picture : `img:${reference.id}/${reference.change}`;
}

/** Whole characters from its beginning, as many as fit; empty where it is no text. */
function textOf(value: unknown, bytes: number): string {
  if (typeof value !== "string") return "";
  // Half of a surrogate pair would not be the same text at every node.
  const text = value.slice(0, bytes).toWellFormed();
  if (utf8Length(text) <= bytes) return text;
  let fitting = "";
  let used = 0;
  for (const character of text) {
    used += utf8Length(character);
    if (used > bytes) break;
    fitting += character;
  }
  return fitting;
}
