import { describe, expect, test } from "vitest";
import type { LogOptions } from "./log.ts";
import { openLog } from "./log.ts";

const noon = Date.UTC(2026, 10, 21, 12, 0, 0, 5);

function logTo(options: Partial<LogOptions>, terminal = false) {
  const written: string[] = [];
  const stream = { isTTY: terminal, write: (text: string) => written.push(text) };
  return { written, log: openLog({ level: "info", format: "json", ...options }, stream, () => noon) };
}

const resumeToken = `h1.key.default.${"s".repeat(22)}.lq2x3y4z.${"0f".repeat(32)}`;

describe("lines for programs", () => {
  test("are JSON objects with time, level, words and fields", () => {
    const { log, written } = logTo({});
    log.write("warn", "a thing", { room: "default:a\n b", ms: 3, absent: undefined });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/\n$/);
    expect(JSON.parse(written[0] ?? "")).toEqual({
      level: "warn",
      time: "2026-11-21T12:00:00.005Z",
      room: "default:a\n b",
      ms: 3,
      msg: "a thing",
    });
  });
});

describe("lines for people", () => {
  test("are one line with quotes where a value has spaces", () => {
    const { log, written } = logTo({ format: "pretty" });
    log.write("info", "a thing", { room: "a b", ms: 3, empty: "", absent: undefined });
    expect(written).toEqual(['12:00:00.005 INFO  a thing room="a b" ms=3 empty=""\n']);
  });

  test("have texts of several lines below", () => {
    const { log, written } = logTo({ format: "pretty" });
    log.write("error", "a fault", { error: "Error: x\n    at y" });
    expect(written).toEqual(["12:00:00.005 ERROR a fault\n    Error: x\n        at y\n"]);
  });

  test("let nobody forge a line, move the cursor or turn the writing around", () => {
    const { log, written } = logTo({ format: "pretty" });
    log.write("info", "a thing", { room: "a\r12:00 INFO forged\x1b[2J\u202e" });
    expect(written).toEqual(['12:00:00.005 INFO  a thing room="a\\u{d}12:00 INFO forged\\u{1b}[2J\\u{202e}"\n']);
  });

  test("are coloured on a terminal only", () => {
    const [terminal, file] = [logTo({ format: "pretty" }, true), logTo({ format: "pretty" })];
    terminal.log.write("warn", "a thing");
    file.log.write("warn", "a thing");
    expect(terminal.written).toEqual(["12:00:00.005 \x1b[33mWARN \x1b[0m a thing\n"]);
    expect(file.written).toEqual(["12:00:00.005 WARN  a thing\n"]);
  });
});

test("auto is for people on a terminal and for programs elsewhere", () => {
  const [terminal, file] = [logTo({ format: "auto" }, true), logTo({ format: "auto" })];
  terminal.log.write("info", "a thing");
  file.log.write("info", "a thing");
  expect(terminal.written[0]).toMatch(/^12:00/);
  expect(file.written[0]).toMatch(/^\{/);
});

describe.for(["json", "pretty"] as const)("either log (%s)", (format) => {
  test("leaves out what is below its level, which may change", () => {
    const { log, written } = logTo({ format });
    log.write("debug", "one");
    log.level = "debug";
    log.write("debug", "two");
    log.level = "silent";
    log.write("fatal", "three");
    expect(log.level).toBe("silent");
    expect(written).toHaveLength(1);
    expect(written[0]).toContain("two");
  });

  test("carries no whole resume token, wherever it stands in a text", () => {
    const { log, written } = logTo({ format });
    log.write("error", "a fault", { error: `Error: cannot read {"token":"${resumeToken}"}\n    at x` });
    expect(written.join("")).toContain("h1.key.default.");
    expect(written.join("")).not.toContain("0f0f");
  });

  test("carries nothing that clients of Spreed WebRTC prove themselves with", () => {
    const { log, written } = logTo({ format });
    const rest = `k.default.${"s".repeat(22)}.${"0f".repeat(16)}.lq2x3y4z..lq2x3y4z.${"0f".repeat(32)}`;
    for (const word of ["ss1", "sa1", "sn1"])
      log.write("error", "a fault", { error: `GET /spreed/ws?t=${word}.${rest}` });
    log.write("error", "a fault", { error: `Error: {"Token":"sc1.${"0f".repeat(40)}"}` });
    expect(written.join("")).toContain("ss1.[redacted]");
    expect(written.join("")).not.toContain("0f0f");
  });
});
