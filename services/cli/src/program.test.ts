import { describe, expect, test } from "vitest";
import type { Programs } from "./program.ts";
import { runCommand } from "./program.ts";

function typed(args: readonly string[], programs: Partial<Programs> = {}) {
  const said: string[] = [];
  const none = async () => {
    throw new Error("not asked for");
  };
  const code = runCommand(
    args,
    {
      standalone: none,
      edge: none,
      keeper: none,
      conformance: none,
      natsPermissions: none,
      redisPermissions: none,
      turnProbe: none,
      turnCoturn: none,
      ...programs,
    },
    {
      version: "1.2.3",
      env: { HELIOGRAPH_LISTEN_PORT: "1" },
      readFile: () => {
        throw Object.assign(new Error("none"), { code: "ENOENT" });
      },
      now: () => Date.UTC(2026, 10, 21, 23),
      random: (length) => new Uint8Array(length).fill(0x5a),
      out: (text) => said.push(text),
      err: (text) => said.push(text),
    },
  );
  return { said, code };
}

describe("what is typed", () => {
  test("reaches the node as its file and what goes over it, and its exit code is ours", async () => {
    let given: unknown;
    const { code } = typed(["standalone", "-c", "h.yaml", "-p", "9", "--host", "::"], {
      standalone: async (source) => {
        given = source;
        return 130;
      },
    });
    expect(await code).toBe(130);
    expect(given).toEqual({
      file: "h.yaml",
      env: { HELIOGRAPH_LISTEN_PORT: "1" },
      options: [
        { name: "--port", path: "listen.port", text: "9" },
        { name: "--host", path: "listen.host", text: "::" },
      ],
    });
  });

  test("reaches an edge and a keeper as well, each with where it listens", async () => {
    const given: unknown[] = [];
    const keep = async (source: { readonly options?: unknown }) => {
      given.push(source.options);
      return 0;
    };
    await typed(["edge", "-p", "9", "--workers", "4"], { edge: keep }).code;
    await typed(["keeper", "-p", "9", "--host", "::"], { keeper: keep }).code;
    expect(given).toEqual([
      [
        { name: "--port", path: "listen.port", text: "9" },
        { name: "--workers", path: "workers", text: "4" },
      ],
      [
        { name: "--port", path: "keeper.listen.port", text: "9" },
        { name: "--host", path: "keeper.listen.host", text: "::" },
      ],
    ]);
  });

  test("asks for the permissions of a role, and of no other", async () => {
    const { said, code } = typed(["nats", "permissions", "edge"], { natsPermissions: async (role) => `for ${role}` });
    expect([await code, said]).toEqual([0, ["for edge\n"]]);
    const redis = typed(["redis", "permissions", "keeper"], { redisPermissions: async (role) => `for ${role}\n` });
    expect([await redis.code, redis.said]).toEqual([0, ["for keeper\n"]]);
    const other = typed(["nats", "permissions", "admin"]);
    expect(await other.code).toBe(2);
    expect(other.said.join("")).toContain("Allowed choices are edge, keeper.");
  });

  test("of the kit goes to the kit, and its exit code is ours", async () => {
    const { said, code } = typed(["conformance", "wss://a.example/v1/socket"], {
      conformance: async (args, print, complain) => {
        print(`trying ${args.join(" ")}`);
        complain("nobody there");
        return 2;
      },
    });
    expect(await code).toBe(2);
    expect(said).toEqual(["trying wss://a.example/v1/socket\n", "nobody there\n"]);
  });

  test("loads no program to answer a question about itself", async () => {
    for (const args of [["--help"], ["--version"], ["config", "check"], ["help", "standalone"]]) {
      expect(await typed(args).code, args.join(" ")).toBe(0);
    }
  });
});
