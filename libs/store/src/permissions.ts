// What a process may do in Redis: the commands that the scripts and steps use, on our keys, and nothing else.
import { createHash } from "node:crypto";
import { keyPrefix } from "./keys.ts";

export type StoreRole = "edge" | "keeper";

const commands = [
  // Of connections.
  ["ping", "info", "select", "client|setname", "cluster|slots", "cluster|info"],
  // Of scripts; what a script does is checked as if its user did it.
  ["evalsha", "eval", "time"],
  ["get", "set", "incr", "exists", "unlink", "persist", "pexpire", "pexpireat", "pttl"],
  ["hget", "hmget", "hgetall", "hset", "hdel", "hincrby"],
  ["sadd", "srem", "smembers"],
  ["zadd", "zrem", "zrange", "zremrangebyscore"],
  ["rpush", "lrange", "lindex", "llen", "lpop"],
].flat();

/** What each process keeps or reads; a keeper has no business with sessions, pictures, codes and counters. */
const patterns: Readonly<Record<StoreRole, readonly string[]>> = {
  edge: [`${keyPrefix}*`],
  keeper: ["{r:*", "{n:*", "nodes", "{life:*"].map((rest) => keyPrefix + rest),
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
  const keys = patterns[role].map((pattern) => `~${pattern}`).join(" ");
  const may = commands.map((command) => `+${command}`).join(" ");
  return `user ${username} reset ${secret} ${keys} -@all ${may}`;
}
