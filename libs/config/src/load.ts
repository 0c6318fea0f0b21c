// One YAML file, the environment over it and options over both: one frozen value, or every mistake at once.
import { createHash } from "node:crypto";
import type { Config } from "./config.ts";
import { settle } from "./config.ts";
import type { Raw } from "./document.ts";
import { readDocument } from "./document.ts";
import type { Environment } from "./environment.ts";
import { fileVariable, readVariables } from "./environment.ts";
import type { Mistake, Place } from "./mistake.ts";
import { Reader } from "./read.ts";
import type { Breach, Program } from "./relations.ts";
import { breaches, shortages } from "./relations.ts";
import type { Settings } from "./settings.ts";
import { settings } from "./settings.ts";
import { shapeOf } from "./shape.ts";

/** Read without being named, where it exists. */
export const usualFile = "heliograph.yaml";

export interface ConfigSource {
  /** Must exist. Without it the variable HELIOGRAPH_CONFIG names the file, else `heliograph.yaml` is read if it is there. */
  readonly file?: string | undefined;
  readonly env: Environment;
  /** Which program shall run with it: some need what others do not. Without one nothing is needed. */
  readonly program?: Program | undefined;
  /** What was said on the command line: over everything else. */
  readonly options?: readonly ConfigOption[] | undefined;
  /** The file's text; throws when it cannot be read, with `code` ENOENT when there is none. */
  readonly readFile: (path: string) => string;
}

export interface ConfigOption {
  /** As people type it: `--port`. */
  readonly name: string;
  /** The setting that it gives: `listen.port`. */
  readonly path: string;
  readonly text: string;
}

export type Loaded = {
  readonly ok: true;
  readonly config: Config;
  /** The configuration file, if there was one. */
  readonly file: string | undefined;
  /** Every file that was read, the configuration file included, and a digest of its text. */
  readonly files: ReadonlyMap<string, string>;
};

export type LoadResult = Loaded | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const shape = shapeOf(settings);

export function loadConfig(source: ConfigSource): LoadResult {
  const { given, mistakes } = readVariables(source.env, shape);
  for (const { name, path, text } of source.options ?? []) {
    given.set(path, { text, place: { kind: "option", name }, inFile: false });
  }
  const file = readFile(source);
  const reader = new Reader(given, source.readFile);
  const read = reader.read(shape, file.raw);
  // The door: the reader goes by the very schema that `Settings` is made of, and leaves out whatever it had to refuse.
  const config = settle(read as Settings);
  const found = [...file.mistakes, ...reader.mistakes, ...mistakes];
  // What was refused was read as if it had been left out, so nothing follows from it.
  const refused = found.map(({ path }) => path);
  const inDoubt = (path: string) => refused.some((each) => each === path || each.startsWith(`${path}.`));
  const placeOf = ({ paths }: Breach) => {
    return paths.map((path) => reader.places.get(path)).find((each) => each !== undefined);
  };
  for (const breach of breaches(config)) {
    const { paths, problem, remedy } = breach;
    const place = placeOf(breach);
    if (!paths.some(inDoubt) && place !== undefined) found.push({ place, path: paths[0], problem, remedy });
  }
  const { program } = source;
  for (const breach of program === undefined ? [] : shortages(config, program)) {
    const { paths, problem, remedy } = breach;
    const place = placeOf(breach) ?? { kind: "program", name: `heliograph ${program}` };
    if (!paths.some(inDoubt)) found.push({ place, path: paths[0], problem, remedy });
  }
  if (found.length > 0) return { ok: false, mistakes: found.toSorted(byPlace) };
  const texts = [...(file.name === undefined ? [] : [[file.name, file.text] as const]), ...reader.files];
  return { ok: true, config, file: file.name, files: new Map(texts.map(([name, text]) => [name, digest(text)])) };
}

interface FileRead {
  readonly name: string | undefined;
  readonly text: string;
  readonly raw: Raw | undefined;
  readonly mistakes: readonly Mistake[];
}

function readFile(source: ConfigSource): FileRead {
  const variable = source.env[fileVariable];
  const named = source.file ?? (variable === "" ? undefined : variable);
  const name = named ?? usualFile;
  let text: string;
  try {
    text = source.readFile(name);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "an error";
    if (named === undefined && code === "ENOENT") return { name: undefined, text: "", raw: undefined, mistakes: [] };
    const place: Place =
      source.file === undefined && named !== undefined
        ? { kind: "variable", name: fileVariable }
        : { kind: "file", file: name, line: 0, column: 0 };
    const problem = `The configuration file ${name} cannot be read (${code})`;
    return {
      name,
      text: "",
      raw: undefined,
      mistakes: [{ place, path: "", problem, remedy: "Name a readable file, or leave it out." }],
    };
  }
  return { name, text, ...readDocument(text, (line, column) => ({ kind: "file", file: name, line, column })) };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** As they stand in the file, then what came from outside. */
function byPlace(a: Mistake, b: Mistake): number {
  if (a.place.kind === "file" && b.place.kind === "file") {
    return a.place.line - b.place.line || a.place.column - b.place.column;
  }
  return Number(a.place.kind !== "file") - Number(b.place.kind !== "file");
}
