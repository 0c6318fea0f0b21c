import { loadConfig } from "@heliograph/config";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import type { TurnPrograms } from "./turn-command.ts";
import { addTurnCommands } from "./turn-command.ts";
import { coturnFileOf } from "./turn-coturn.ts";

const secret = "s".repeat(32);
const files: Readonly<Record<string, string>> = {
  "one.secret": `${secret}\n`,
  "own.yaml": `turn:
  tagKey: ${"5a".repeat(32)}
  stun: []
  zones: [{ id: eu, urls: ["turn:127.0.0.1:3478?transport=udp"] }]
  providers:
    - { type: secret, id: own, secrets: [${secret}] }
    - { type: static, id: lab, username: u, password: p }
    - { type: secret, id: unsigned }
`,
  "none.yaml": "turn: { stun: [] }\n",
  "wrong.yaml": "turn: { zones: 5 }\n",
};

async function typed(line: string, probe?: TurnPrograms["turnProbe"]) {
  const said: string[] = [];
  let code: number | undefined;
  const readFile = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error("none"), { code: "ENOENT" });
    return text;
  };
  const root = new Command("heliograph").exitOverride().configureOutput({ writeErr: (text) => said.push(text) });
  const programs: TurnPrograms = {
    turnProbe: probe ?? (() => Promise.reject(new Error("not asked for"))),
    turnCoturn: async (...asked) => coturnFileOf(...asked),
  };
  addTurnCommands(root, programs, {
    readFile,
    now: Date.now,
    out: (text) => said.push(text),
    err: (text) => said.push(text),
    load: (file) => loadConfig({ file, env: {}, readFile }),
    tellMistakes: (mistakes) => {
      said.push(JSON.stringify(mistakes));
      return 1;
    },
    end: (ended) => {
      code = ended;
    },
  });
  await root.parseAsync(["turn", ...line.split(" ")], { from: "user" });
  return { code, said: said.join("") };
}

describe("heliograph turn probe", () => {
  test("probes the zones of every provider that is our own, and ends as the probe did", async () => {
    const asked: unknown[] = [];
    const probe: TurnPrograms["turnProbe"] = async (zones) => {
      for (const { name, urls, credentials } of zones) asked.push([name, urls.length, credentials.is]);
      return false;
    };
    expect(await typed("probe --config own.yaml", probe)).toEqual({ code: 1, said: "" });
    expect(asked).toEqual([
      ["zone eu, provider own", 1, "secrets"],
      ["zone eu, provider lab", 1, "login"],
    ]);
    expect((await typed("probe --config own.yaml", async () => true)).code).toBe(0);
  });

  test("probes the servers that are named, with a login or a secret", async () => {
    const asked: unknown[] = [];
    const probe: TurnPrograms["turnProbe"] = async (zones, { ca }) => {
      const [zone] = zones;
      const credentials = zone?.credentials;
      asked.push(zone?.urls, credentials?.is === "secrets" ? credentials.secrets[0]?.reveal() : credentials?.login, ca);
      return true;
    };
    await typed("probe --url turn:a --url turns:b --username u --password p", probe);
    expect(asked).toEqual([["turn:a", "turns:b"], { username: "u", password: "p" }, undefined]);
    asked.length = 0;
    await typed("probe --url turn:a --secret-file one.secret --ca one.secret", probe);
    expect(asked).toEqual([["turn:a"], secret, `${secret}\n`]);
  });

  test.for([
    ["probe --config none.yaml", "Nothing to probe"],
    ["probe --config wrong.yaml", "turn.zones"],
    ["probe --username u", "goes with --url"],
    ["probe --url turn:a", "needs --username"],
    ["probe --url stun:a --username u --password p", "begin with turn:"],
    ["probe --url turn:a --username u --password p --secret-file one.secret", "not both"],
    ["probe --url turn:a --secret-file no.secret", "no.secret cannot be read (ENOENT)"],
  ])("refuses `%s` before anything is tried", async ([line, says]) => {
    const { code, said } = await typed(line ?? "");
    expect(code).toBe(2);
    expect(said).toContain(says);
    expect(said).not.toContain(secret);
  });
});

describe("heliograph turn coturn", () => {
  const plain = "coturn --address 192.0.2.10 --realm turn.example.org";

  test("prints UDP and TCP where nothing is said, and TLS with a certificate", async () => {
    const { code, said } = await typed(`${plain} --secret-file one.secret`);
    expect(code).toBe(0);
    for (const line of ["listening-port=3478", "no-tls", `static-auth-secret=${secret}`, "relay-ip=192.0.2.10"])
      expect(said.split("\n")).toContain(line);
    const secure = await typed(`${plain} --cert /c --key /k`);
    expect(secure.said.split("\n")).toEqual(expect.arrayContaining(["tls-listening-port=443", "cert=/c", "pkey=/k"]));
    expect(secure.said).toContain("static-auth-secret is for you to write");
  });

  test("takes every option to where it belongs", async () => {
    const options =
      "--for 4.6.1 --tls 5349 --cert /c --key /k --no-stun --external 8.8.4.4/10.0.0.5 --zone eu --host eu.example.org " +
      "--relay-ports 10000-11000 --user-quota 5 --total-quota 6 --allocation-rate 7 --rate 8 --database /d --pid-file /p --run-as a:b";
    const { said } = await typed(`${plain} ${options}`);
    expect(said.split("\n")).toEqual(
      expect.arrayContaining([
        "no-cli",
        "tls-listening-port=5349",
        "no-udp",
        "no-tcp",
        "no-stun",
        "external-ip=8.8.4.4/10.0.0.5",
        "#       - id: eu",
        "min-port=10000",
        "max-port=11000",
        "user-quota=5",
        "total-quota=6",
        "max-bps=7",
        "bps-capacity=8",
        "userdb=/d",
        "pidfile=/p",
        "proc-user=a",
        "proc-group=b",
      ]),
    );
  });

  test("tells every mistake and prints nothing else", async () => {
    const { code, said } = await typed(`${plain} --udp x --relay-ports 5 --user-quota many`);
    expect(code).toBe(2);
    expect(said).toMatch(/A port is.*\n.*Relay ports.*\n.*Quotas/);
    expect(said).not.toContain("listening-ip");
  });
});
