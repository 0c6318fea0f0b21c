import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../bin/heliograph.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "heliograph-cli-"));
const running = new Set<ChildProcess>();

beforeAll(() => {
  const built = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  if (!existsSync(built)) throw new Error("The command is not built. Run `npm run build` first.");
});

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

class Run {
  readonly child: ChildProcess;
  out = "";
  err = "";
  readonly #ended: Promise<unknown>;

  /** In a folder without a configuration, and with nothing of ours in the environment. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { PATH: process.env["PATH"], ...env } });
    running.add(this.child);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
    this.#ended = once(this.child, "close");
  }

  /** Resolves once the standard output has matched; rejects when it ends without. */
  async said(what: RegExp): Promise<RegExpExecArray> {
    let match = what.exec(this.out);
    while (match === null) {
      const over = this.#ended.then(() => true);
      const data = this.child.stdout === null ? over : once(this.child.stdout, "data").then(() => false);
      if (await Promise.race([over, data])) throw new Error(`ended without ${what}: ${this.out}${this.err}`);
      match = what.exec(this.out);
    }
    return match;
  }

  async code(): Promise<number | null> {
    await this.#ended;
    running.delete(this.child);
    return this.child.exitCode;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("heliograph", () => {
  test("says its version", async () => {
    const run = new Run(["--version"]);
    expect(await run.code()).toBe(0);
    expect(run.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("helps with examples and exit codes", async () => {
    const run = new Run(["--help"]);
    expect(await run.code()).toBe(0);
    for (const word of ["standalone", "config", "conformance", "Examples:", "Exit codes:"])
      expect(run.out).toContain(word);
  });

  test.for([
    [["standlone"], "Did you mean standalone?"],
    [["standalone", "--prot", "1"], "Did you mean --port?"],
  ] as const)("%j is answered with what was meant, and code 2", async ([args, says]) => {
    const run = new Run(args);
    expect(await run.code()).toBe(2);
    expect(run.err).toContain(says);
  });
});

describe("heliograph config check", () => {
  test("prints every mistake with its line, and fails", async () => {
    const path = file("wrong.yaml", "listen:\n  port: 99999\nlog: {level: loud}\n");
    const run = new Run(["config", "check", path], { HELIOGRAPH_LISTEN_PROT: "1" });
    expect(await run.code()).toBe(1);
    expect(run.out).toBe("");
    expect(run.err.split("\n")).toEqual([
      `${path}:2:9: listen.port is 99999. Write a whole number from 0 to 65535.`,
      `${path}:3:14: log.level is "loud". Write one of trace, debug, info, warn, error, fatal, silent.`,
      "HELIOGRAPH_LISTEN_PROT: names no setting. Did you mean HELIOGRAPH_LISTEN_PORT?",
      "3 mistakes. docs/operations/configuration.md has every setting.",
      "",
    ]);
  });

  test("prints what is in force, the environment and .env included, without its secrets", async () => {
    const secret = "5a".repeat(32);
    const path = file("right.yaml", `tokens: {keys: [{id: a, secret: ${secret}}]}\nlisten: {port: 1}\n`);
    file(".env", "HELIOGRAPH_LISTEN_PORT=2\nHELIOGRAPH_LISTEN_HOST=localhost\n");
    const run = new Run(["config", "check", path], { HELIOGRAPH_LISTEN_PORT: "3" });
    expect(await run.code()).toBe(0);
    rmSync(join(folder, ".env"));
    expect(run.out).toContain("port: 3");
    expect(run.out).toContain("host: localhost");
    expect(run.out).toContain("[redacted]");
    expect(run.out + run.err).not.toContain("5a5a");
  });

  test("says when there is no such file", async () => {
    const run = new Run(["config", "check", "none.yaml"]);
    expect(await run.code()).toBe(1);
    expect(run.err).toContain("The configuration file none.yaml cannot be read (ENOENT)");
  });
});

describe("heliograph standalone", () => {
  test("runs until it is told to end, and is healthy meanwhile", async () => {
    const run = new Run(["standalone", "--port", "0"], {
      HELIOGRAPH_LOG_FORMAT: "json",
      HELIOGRAPH_WEB_ENABLED: "false",
    });
    const [, address] = await run.said(/ready at (http:[^"]+)/);
    const answer = await fetch(new URL("healthz", address));
    expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
    run.child.kill("SIGTERM");
    expect(await run.code()).toBe(0);
  });

  test("does not begin with a configuration that holds mistakes", async () => {
    const run = new Run(["standalone", "--port", "http"]);
    expect(await run.code()).toBe(2);
    expect(run.err).toContain('--port: listen.port is "http". Write a whole number from 0 to 65535.');
  });
});

describe("heliograph edge", () => {
  test("does not begin without a token key, and takes the one that token-key prints", async () => {
    const refused = new Run(["edge"]);
    expect(await refused.code()).toBe(2);
    expect(refused.err).toContain("heliograph edge: tokens.keys is empty");
    expect(refused.err).toContain("`heliograph token-key`");
    const key = new Run(["token-key"]);
    expect(await key.code()).toBe(0);
    const path = file("edge.yaml", key.out);
    const check = new Run(["config", "check", path, "--for", "edge"]);
    expect([await check.code(), check.err]).toEqual([0, ""]);
    expect((await new Run(["config", "check", "--for", "edge"]).code()) ?? 0).toBe(1);
  });

  test("does not begin with a wrong number of workers", async () => {
    const run = new Run(["edge", "--workers", "none"]);
    expect(await run.code()).toBe(2);
    expect(run.err).toContain('--workers: workers is "none". Write a whole number from 1 to 256.');
  });
});

describe("heliograph nats permissions, heliograph redis permissions", () => {
  test("print what is to be put into the servers' configuration, for the one that is configured", async () => {
    const path = file("permissions.yaml", "nats: {shards: 2}\nredis: {username: calls, password: hush}\n");
    const nats = new Run(["nats", "permissions", "edge", "--config", path]);
    expect(await nats.code()).toBe(0);
    for (const word of ["permissions", "publish", "subscribe", "2 shards"]) expect(nats.out).toContain(word);
    const redis = new Run(["redis", "permissions", "keeper", "--config", path]);
    expect(await redis.code()).toBe(0);
    expect(redis.out).toMatch(/^user calls /);
    expect(redis.out).not.toContain("hush");
  });
});

describe("heliograph conformance", () => {
  test("wants the address of a socket", async () => {
    const run = new Run(["conformance", "http://127.0.0.1:8080/"]);
    expect(await run.code()).toBe(2);
    expect(run.err).toContain("ws://127.0.0.1:8080/v1/socket");
  });

  test("says what to do when nobody answers there", async () => {
    const run = new Run(["conformance", "ws://127.0.0.1:1/v1/socket"]);
    expect(await run.code()).toBe(2);
    expect(run.err).toContain("Start a server that lets anonymous clients in (npm start)");
  });
});
