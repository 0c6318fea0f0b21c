// Who answers: a server that is too old, of another mode than we were told, or not the primary, will not do.
import type { Client } from "./client.ts";
import { Refusal } from "./client.ts";
import type { StoreOptions } from "./options.ts";

/** Of Redis; Valkey says which Redis it can stand in for. */
export const oldest = "7.0.0";

/** Rejects with `Refusal` when it never will do, with another error when it may do later. */
export async function checkServer(client: Client, mode: StoreOptions["mode"]): Promise<void> {
  const answer = await client.call("INFO", []);
  const trouble = troubleWith(Buffer.isBuffer(answer) ? answer.toString() : "", mode);
  if (trouble === undefined) return;
  throw trouble.lasting ? new Refusal(trouble.what) : new Error(trouble.what);
}

/** What is wrong with a server that describes itself so. */
export function troubleWith(
  info: string,
  mode: StoreOptions["mode"],
): { readonly what: string; readonly lasting: boolean } | undefined {
  const facts = new Map(
    info.split(/\r?\n/).map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1)];
    }),
  );
  const version = facts.get("redis_version") ?? "";
  if (isOlder(version, oldest)) {
    const what = `the server is Redis ${version || "of an unknown version"}: Redis ${oldest} or newer, or Valkey, is needed`;
    return { what, lasting: true };
  }
  const theirs = facts.get("redis_mode") ?? facts.get("server_mode");
  if (theirs === "sentinel") {
    return { what: "redis.nodes names Sentinels: set redis.mode to sentinel", lasting: true };
  }
  if (theirs === "cluster" && mode !== "cluster") {
    return { what: "the server is a member of a Cluster: set redis.mode to cluster", lasting: true };
  }
  if (theirs !== "cluster" && mode === "cluster") {
    return { what: "the server is no member of a Cluster: set redis.mode to single or sentinel", lasting: true };
  }
  if (facts.get("loading") === "1") return { what: "the server is still reading its data", lasting: false };
  if (mode !== "cluster" && facts.get("role") === "slave") {
    return { what: "the server is a replica, which takes no writes", lasting: false };
  }
  return undefined;
}

function isOlder(version: string, than: string): boolean {
  const [mine, wanted] = [version, than].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i += 1) {
    const difference = (mine?.[i] ?? 0) - (wanted?.[i] ?? 0);
    if (difference !== 0 || Number.isNaN(difference)) return !(difference > 0);
  }
  return false;
}
