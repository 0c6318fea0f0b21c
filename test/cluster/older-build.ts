// Another build of this very repository, made from its history, so that two versions can run side by side.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface OlderBuild {
  /** Its `heliograph` command. */
  readonly entry: string;
  remove(): void;
}

/** Whether this clone reaches back to it: a shallow one does not. */
export function isInHistory(commit: string): boolean {
  return spawnSync("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: root, stdio: "ignore" }).status === 0;
}

/**
 * Builds the commit in a throwaway folder by its own tools. What others wrote comes from our node_modules, what we wrote
 * from the commit: it must not have needed other dependencies than today's.
 */
export function buildOf(commit: string): OlderBuild {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-older-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const archive = join(folder, "archive.tar");
    run("git", ["archive", "--output", archive, commit], root);
    run("tar", ["-xf", archive], folder);
    linkPackages(folder);
    run(process.execPath, ["tools/build.mjs"], folder);
    return { entry: join(folder, "services/cli/dist/main.js"), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** As `npm ci` would lay it out: ours are links into the workspaces, theirs are links to what is installed here. */
function linkPackages(folder: string): void {
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@heliograph"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@heliograph") symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  const { workspaces }: { readonly workspaces: readonly string[] } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  for (const workspace of workspaces) {
    const { name }: { readonly name: string } = JSON.parse(
      readFileSync(join(folder, workspace, "package.json"), "utf8"),
    );
    if (name.startsWith("@heliograph/")) symlinkSync(join(folder, workspace), join(modules, name));
    // What npm put beside one workspace, since others want another version.
    const own = join(root, workspace, "node_modules");
    if (existsSync(own)) symlinkSync(own, join(folder, workspace, "node_modules"));
  }
}

function run(program: string, args: readonly string[], folder: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  if (status === 0) return;
  const line = [program === process.execPath ? "node" : program, ...args].join(" ");
  throw new Error(`${line} failed in ${dirname(folder)}: ${error?.message ?? ""}\n${stdout}\n${stderr}`);
}
