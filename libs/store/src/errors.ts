// What an error of Redis or of the way to it means for whoever asked.
import { Unreadable } from "./values.ts";

/**
 * `away`: out of reach now. `lost`: this connection leads to a server that will not do, another must be found.
 * `full`: the server has no memory left for it. `refused`: permissions or passwords are wrong. `bug`: ours.
 */
export type Meaning = "away" | "lost" | "full" | "refused" | "bug";

/** What a server answered instead of doing it. */
export class ServerError extends Error {
  override readonly name = "ServerError";
}

/**
 * The error without what was asked: the library hangs the whole question on it, passwords and people's data included,
 * which no log may see.
 */
export function bare(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "ReplyError") return new ServerError(error.message);
  return "command" in error ? new Error(error.message) : error;
}

const meanings: Readonly<Record<string, Meaning>> = {
  LOADING: "lost",
  READONLY: "lost",
  MASTERDOWN: "lost",
  CLUSTERDOWN: "away",
  TRYAGAIN: "away",
  MOVED: "away",
  ASK: "away",
  BUSY: "away",
  NOREPLICAS: "away",
  MISCONF: "away",
  UNKILLABLE: "away",
  OOM: "full",
  NOAUTH: "refused",
  WRONGPASS: "refused",
  NOPERM: "refused",
};

export function meaningOf(error: unknown): Meaning {
  if (!(error instanceof Error)) return "bug";
  // What is neither a server's answer nor ours is the way to it, which may fail in any words.
  if (!(error instanceof ServerError)) return isOurs(error) ? "bug" : "away";
  // Errors of a command inside a script bear the word somewhere behind the script's own.
  if (/ACL failure|The user executing the script/.test(error.message)) return "refused";
  const [word = ""] = error.message.split(" ", 1);
  return meanings[word] ?? "bug";
}

function isOurs(error: Error): boolean {
  return [TypeError, RangeError, URIError, Unreadable].some((kind) => error instanceof kind);
}
