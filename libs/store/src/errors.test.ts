// What servers say is sorted by what it means for whoever asked.
import { expect, test } from "vitest";
import type { Meaning } from "./errors.ts";
import { bare, meaningOf, ServerError } from "./errors.ts";
import { Unreadable } from "./values.ts";

test("each answer of a server has its meaning", () => {
  const said: readonly [string, Meaning][] = [
    ["LOADING Redis is loading the dataset in memory", "lost"],
    ["READONLY You can't write against a read only replica. script: 7f, on @user_script:1.", "lost"],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "lost"],
    ["CLUSTERDOWN The cluster is down", "away"],
    ["MOVED 866 127.0.0.1:7001", "away"],
    ["TRYAGAIN Multiple keys request during rehashing of slot", "away"],
    ["BUSY Redis is busy running a script.", "away"],
    ["NOREPLICAS Not enough good replicas to write.", "away"],
    ["MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", "away"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "full"],
    ["NOAUTH Authentication required.", "refused"],
    ["WRONGPASS invalid username-password pair or user is disabled.", "refused"],
    ["NOPERM this user has no permissions to run the 'get' command", "refused"],
    ["ERR ACL failure in script: User x has no permissions to run the 'pexpire' command", "refused"],
    ["The user executing the script can't run this command or subcommand script: 7f, on @user_script:1.", "refused"],
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "bug"],
    ["ERR wrong number of arguments for 'hset' command", "bug"],
    ["", "bug"],
  ];
  for (const [words, meaning] of said) expect(meaningOf(new ServerError(words)), words).toBe(meaning);
});

test("what fails on the way is away, and what we do wrong is a bug", () => {
  for (const error of [new Error("Connection is closed."), new Error("no answer in time")]) {
    expect(meaningOf(error)).toBe("away");
  }
  for (const error of [
    new TypeError("x"),
    new RangeError("x"),
    new URIError("x"),
    new Unreadable("x"),
    "x",
    undefined,
  ]) {
    expect(meaningOf(error)).toBe("bug");
  }
});

test("no error keeps what was asked: passwords and what people say stay out of every log", () => {
  const command = { name: "auth", args: ["ann", "a secret"] };
  const reply = Object.assign(new Error("WRONGPASS no"), { command });
  Object.defineProperty(reply, "name", { value: "ReplyError" });
  const abort = Object.assign(new Error("Command aborted due to connection close"), { command });
  for (const error of [reply, abort]) {
    const left = bare(error);
    expect(left).toBeInstanceOf(Error);
    expect(Object.getOwnPropertyNames(left)).not.toContain("command");
  }
  expect(bare(reply)).toBeInstanceOf(ServerError);
  const other = new Error("ECONNREFUSED");
  expect(bare(other)).toBe(other);
});
