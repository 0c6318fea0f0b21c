// What a process may do in Redis: the commands that the scripts and steps use, on our keys, and nothing else.
import { createHash } from "node:crypto";
import { keyPrefix } from "./keys.ts";

export type StoreRole = "edge" | "keeper";

const commands = [
  // Of connections.
  ["ping", "info", "select", "client|setname", "cluster|slots", "cluster|info"],
  // Of scripts; what a script does is checked as if its user did it.
  ["evalsha", "eval", "evalsha_ro", "eval_ro", "time"],
  ["get", "set", "incr", "exists", "unlink", "persist", "pexpire", "pexpireat", "pttl"],
  ["hget", "hmget", "hgetall", "hset", "hdel", "hincrby"],
  ["sadd", "srem", "smembers"],
  ["zadd", "zrem", "zrange", "zremrangebyscore"],
  ["rpush", "lrange", "lindex", "llen", "lpop"],
].flat();

const both = ["{r:*", "{n:*", "nodes", "{life:*"];

/**
 * What each process keeps or reads; a keeper has no business with sessions, pictures, codes and counters, and TURN
 * credentials that the whole cluster hands out are written by keepers alone. `%R`: may be read, by scripts too.
 */
const patterns: Readonly<Record<StoreRole, readonly string[]>> = {
  edge: [...written([...both, "{s:*", "{u:*", "{p:*", "{k:*", "{c:*"]), `%R~${keyPrefix}{turn:*`],
  keeper: written([...both, "{turn:*"]),
};

/**
 * A line for an ACL file or a configuration file of Redis 7 or Valkey, for the user of one kind of process. The
 * password stands in it as its digest; without one the user is `off` until it is given one.
 */
export function redisPermissions(
  role: StoreRole,
  { username = `heliograph-${role}`, password }: { readonly username?: string; readonly password?: string } = {},
): string {
  const secret = password === undefined ? "off" : `on #${createHash("sha256").update(password).digest("hex")}`;
  const keys = patterns[role].join(" ");
  const may = commands.map((command) => `+${command}`).join(" ");
  return `user ${username} reset ${secret} ${keys} -@all ${may}`;
}

function written(rest: readonly string[]): readonly string[] {
  return rest.map((pattern) => `~${keyPrefix}${pattern}`);
}
