// What a userid may be: the name of an account, as the login mode says it.
import { utf8Length } from "@heliograph/protocol";

/** Longer ones would make session tokens longer than URLs may be. */
const mostBytes = 256;

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point.
const controls = /[\u0000-\u001f\u007f]/;

/** Well-formed text of 1 to 256 bytes without control characters; undefined for anything else. */
export function parseUserid(raw: unknown): string | undefined {
  if (typeof raw !== "string" || raw === "" || raw.length > mostBytes) return undefined;
  return !raw.isWellFormed() || controls.test(raw) || utf8Length(raw) > mostBytes ? undefined : raw;
}
