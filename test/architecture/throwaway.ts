// A copy of the house without its furniture: settings and manifests as they are, one empty module for each package.
// A forbidden import is tried here, so that neither the work tree nor another check ever sees it.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Manifest, root } from "./manifest.ts";

const settings = [
  ".gitignore",
  "biome.jsonc",
  "libs/universal.d.ts",
  "package.json",
  "tsconfig.base.json",
  "tsconfig.json",
];

export interface Verdict {
  readonly exitCode: number;
  readonly output: string;
}

export class ThrowawayHouse {
  readonly #folder = mkdtempSync(join(tmpdir(), "heliograph-walls-"));

  constructor(manifests: readonly Manifest[]) {
    for (const name of settings) cpSync(join(root, name), join(this.#folder, name));
    this.#linkPackages(manifests);
    for (const { folder } of manifests) {
      for (const file of ["package.json", "tsconfig.json"]) cpSync(join(root, folder, file), this.#path(folder, file));
      this.write(`${folder}/src/mod.ts`, "export const nothing = undefined;\n");
    }
  }

  /** Lays a file down, and returns what makes it as it was before. */
  write(path: string, text: string): () => void {
    const whole = this.#path(path);
    const before = existsSync(whole) ? readFileSync(whole) : undefined;
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return () => (before === undefined ? rmSync(whole) : writeFileSync(whole, before));
  }

  lint(): Promise<Verdict> {
    return this.#run("@biomejs/biome/bin/biome", ["lint", "--colors=off", "."]);
  }

  compile(): Promise<Verdict> {
    return this.#run("typescript/bin/tsc", ["-b", "--pretty", "false"]);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(...parts: readonly string[]): string {
    return join(this.#folder, ...parts);
  }

  /** Packages of others are shared with the real house; ours must be the copies, or the copy would see real sources. */
  #linkPackages(manifests: readonly Manifest[]): void {
    const ours = "@heliograph";
    mkdirSync(this.#path("node_modules", ours), { recursive: true });
    for (const name of readdirSync(join(root, "node_modules"))) {
      if (name !== ours) symlinkSync(join(root, "node_modules", name), this.#path("node_modules", name));
    }
    for (const { name, folder } of manifests) {
      mkdirSync(this.#path(folder), { recursive: true });
      symlinkSync(this.#path(folder), this.#path("node_modules", name));
    }
  }

  #run(entry: string, args: readonly string[]): Promise<Verdict> {
    return new Promise((resolve, reject) => {
      const program = join(root, "node_modules", entry);
      execFile(process.execPath, [program, ...args], { cwd: this.#folder }, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== "number") return reject(error);
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
      });
    });
  }
}
