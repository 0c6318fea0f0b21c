// What the pages point at is there: files, headings, scripts of npm; and nothing names a machine or a registry.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Known to git, or about to be; what was deleted and not yet committed is left out. */
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root })
  .toString()
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(root, path)) && statSync(join(root, path)).isFile());
const read = (path: string) => readFileSync(join(root, path), "utf8");
const pages = files.filter((path) => path.endsWith(".md"));

/** What stands in fences and backticks links nowhere. */
function prose(page: string): string {
  return page.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "code");
}

/** As GitHub makes them of headings; of equal ones the later get a number. */
function anchors(page: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, heading = ""] of page.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, "")
      .replaceAll(" ", "-");
    let free = anchor;
    for (let again = 1; found.has(free); again += 1) free = `${anchor}-${again}`;
    found.add(free);
  }
  return found;
}

/** Why a link of a page leads nowhere; undefined: it leads somewhere, or out of the repository. */
function fault(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (file.startsWith("..")) return `${target} leads out of the repository`;
  if (!existsSync(join(root, file))) return `${target}: there is no ${file}`;
  if (anchor !== undefined && file.endsWith(".md") && !anchors(read(file)).has(anchor)) {
    return `${target}: ${file} has no such heading`;
  }
  return undefined;
}

function faultsOf(page: string, text: string): readonly string[] {
  const targets = [...prose(text).matchAll(/\]\(<?([^)\s>]+)>?(?:\s"[^"]*")?\)/g)].map(([, target = ""]) => target);
  return targets.flatMap((target) => fault(page, target) ?? []);
}

describe("the pages", () => {
  test("are found", () => {
    expect(pages).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/protocol/v1.md"]));
  });

  test.each(pages)("of %s: every link and image leads somewhere", (page) => {
    expect(faultsOf(page, read(page))).toEqual([]);
  });

  test("are told from pages whose links lead nowhere", () => {
    const wrong =
      "[a](docs/nothing.md) ![b](docs/images/nothing.png) [c](#nothing) [d](../x) [e](docs/protocol/v1.md#nothing)";
    expect(faultsOf("README.md", wrong)).toHaveLength(5);
    expect(
      faultsOf("README.md", "[a](LICENSE) [b](docs/protocol/v1.md#resume) [c](https://example.org/) `[d](no)`"),
    ).toEqual([]);
  });

  const scripts = new Set(Object.keys(JSON.parse(read("package.json")).scripts));
  const named = (text: string) =>
    [...text.matchAll(/\bnpm (?:run (?:--silent |-s )?([a-z][\w:-]*)|(start|test)\b)/g)].map(
      ([, run, short]) => run ?? short ?? "",
    );

  test.each([...pages, ".ci/run", "env-sample"])("of %s: every script of npm that is named exists", (page) => {
    expect(named(read(page)).filter((script) => !scripts.has(script))).toEqual([]);
  });

  test("name scripts that are looked for", () => {
    expect(named("`npm ci && npm start`, npm run docs:nothing -- x, npm test.")).toEqual([
      "start",
      "docs:nothing",
      "test",
    ]);
  });

  test("every record of a decision is numbered on and begins alike", () => {
    const records = pages.filter((page) => /^docs\/adr\/\d{4}-/.test(page)).sort();
    for (const [index, record] of records.entries()) {
      const number = String(index).padStart(4, "0");
      expect(record).toContain(`docs/adr/${number}-`);
      expect(read(record)).toMatch(new RegExp(`^# ${number}\\. .+\n\nStatus: (accepted|superseded by)`));
      for (const part of ["Context", "Decision", "Consequences", "Rejected"])
        expect(read(record), record).toContain(`\n## ${part}\n`);
    }
  });

  test("every workspace has a page of its own that the first page links to", () => {
    const workspaces: readonly string[] = JSON.parse(read("package.json")).workspaces;
    for (const workspace of workspaces) expect(read("README.md")).toContain(`(${workspace}/README.md)`);
  });
});

describe("the repository", () => {
  // Put together here, so that this file does not find itself.
  const forbidden = [
    [
      "a folder of somebody's machine",
      new RegExp(["(^|[\\s\"'`(=:])/", "(work|home|Users|tmp/[a-z])", "[/\\w]"].join("")),
    ],
    [
      "a registry",
      new RegExp(["registry", "\\.npmjs|", "npm", "mirror|", "artifact", "ory|/-/[\\w.-]+\\.tgz"].join("")),
    ],
  ] as const;
  const texts = files.filter((path) => !/\.(png|jpe?g|ico|woff2?|gif|webp)$/.test(path));

  test.each(forbidden)("names no %s", (_what, shape) => {
    const found = texts.flatMap((path) =>
      read(path)
        .split("\n")
        .flatMap((line, index) => (shape.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test.each([
    ["a folder of somebody's machine", ["/work", "/main/README.md"].join("")],
    ["a folder of somebody's machine", `cd "/${"home"}/ann"`],
    ["a registry", ["https://registry", ".npmjs.org/ws"].join("")],
  ])("would be caught naming %s", (what, line) => {
    expect(forbidden.some(([kind, shape]) => kind === what && shape.test(line))).toBe(true);
  });
});
