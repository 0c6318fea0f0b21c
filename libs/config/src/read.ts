// From raw values to settings: every value is read by its shape, and every mistake is kept with its place.
import { dirname, join } from "node:path";
import { Value } from "typebox/value";
import type { Raw } from "./document.ts";
import { readDocument } from "./document.ts";
import type { Given } from "./environment.ts";
import type { Mistake, Place } from "./mistake.ts";
import { nearest } from "./nearest.ts";
import { readQuantity, writeQuantity } from "./quantity.ts";
import { readKey, Secret } from "./secret.ts";
import type { Dictionary, Group, Leaf, List, Shape, Union } from "./shape.ts";
import { below } from "./shape.ts";

export class Reader {
  readonly mistakes: Mistake[] = [];
  /** Where each setting that was given stands; those left out are not here. */
  readonly places = new Map<string, Place>();
  /** The files that settings named, and what stood in them. */
  readonly files = new Map<string, string>();
  readonly #given: ReadonlyMap<string, Given>;
  readonly #readFile: (path: string) => string;

  /** `given` goes over the file. `readFile` throws when there is nothing to read. */
  constructor(given: ReadonlyMap<string, Given>, readFile: (path: string) => string) {
    this.#given = given;
    this.#readFile = readFile;
  }

  /**
   * Undefined: absent and optional. Whatever holds a mistake is as if it had been left out, so that the result is
   * whole either way, and what must hold between settings can be asked of the others.
   */
  read(shape: Shape, raw: Raw | undefined, path = ""): unknown {
    const before = this.mistakes.length;
    const value = this.#read(shape, raw, path);
    if (this.mistakes.length === before) return value;
    if (shape.kind === "union") return undefined;
    if (shape.kind !== "group") return shape.initial;
    return shape.optional ? undefined : value;
  }

  #read(shape: Shape, raw: Raw | undefined, path: string): unknown {
    const found = this.#found(shape, raw, path);
    if (found !== undefined) this.places.set(path, found.place);
    switch (shape.kind) {
      case "group":
        return this.#group(shape, found, path);
      case "union":
        return this.#union(shape, found, path);
      case "list":
        return this.#list(shape, found, path);
      case "dictionary":
        return this.#dictionary(shape, found, path);
      case "leaf":
        return this.#leaf(shape, found, path);
      default:
        return shape satisfies never;
    }
  }

  /** What was given over the file, else what the file has; a key with nothing behind it is as good as absent. */
  #found(shape: Shape, raw: Raw | undefined, path: string): Raw | undefined {
    const given = this.#given.get(path);
    if (given === undefined) return raw?.kind === "nothing" ? undefined : raw;
    const { place } = given;
    const text = given.inFile ? this.#fileAt(given.text, place, path) : given.text;
    if (text === undefined) return undefined;
    if (shape.kind !== "list") return { kind: "text", text, place };
    // A list of plain texts is divided by commas, as people expect of a variable; anything richer is written in YAML.
    if (shape.item.kind === "leaf") {
      // An empty variable counts as not set, so no text at all cannot say it.
      if (text.trim() === "[]") return { kind: "list", place, items: [] };
      const parts = text.split(",").map((part) => part.trim());
      return { kind: "list", place, items: parts.map((part) => ({ kind: "text", text: part, place })) };
    }
    const { raw: read, mistakes } = readDocument(text, () => place);
    this.mistakes.push(...mistakes.map((mistake) => ({ ...mistake, path })));
    return read.kind === "nothing" ? undefined : read;
  }

  #group(shape: Group, raw: Raw | undefined, path: string): unknown {
    const origin = raw?.place ?? this.#placeBelow(path);
    if (origin === undefined && shape.optional) return undefined;
    if (raw !== undefined && raw.kind !== "map") {
      this.#wrong(
        raw.place,
        path,
        `${path === "" ? "This " : ""}is ${kindOf(raw)}`,
        `Write a mapping of ${wordList(shape.fields.keys())}.`,
      );
    }
    const entries = raw?.kind === "map" ? raw.entries : undefined;
    for (const [name, { key }] of entries ?? []) {
      if (!shape.fields.has(name)) this.#unknown(shape, key, path, name);
    }
    const value: Record<string, unknown> = {};
    for (const [name, field] of shape.fields) {
      const inner = below(path, name);
      const read = this.read(field, entries?.get(name)?.value, inner);
      if (read !== undefined) value[name] = read;
      else if (origin !== undefined && !field.optional && !this.places.has(inner)) {
        this.#wrong(origin, inner, "is missing", `Add ${expected(field)}.`);
      }
    }
    return value;
  }

  #union(shape: Union, raw: Raw | undefined, path: string): unknown {
    if (raw === undefined) return undefined;
    if (raw.kind !== "map") return this.#wrong(raw.place, path, `is ${kindOf(raw)}`, `Write ${expected(shape)}.`);
    const type = raw.entries.get("type");
    const known = `one of ${wordList(shape.variants.keys())}`;
    if (type === undefined) return this.#wrong(raw.place, below(path, "type"), "is missing", `Add ${known}.`);
    const wrote = type.value.kind === "scalar" ? String(type.value.value) : "";
    const variant = shape.variants.get(wrote);
    if (variant !== undefined) return this.#group(variant, raw, path);
    const near = wrote === "" ? undefined : nearest(wrote, shape.variants.keys());
    const remedy = near === undefined ? `Write ${known}.` : `Did you mean ${near}? Write ${known}.`;
    return this.#wrong(type.value.place, below(path, "type"), `is ${shown(type.value)}`, remedy);
  }

  #dictionary(shape: Dictionary, raw: Raw | undefined, path: string): unknown {
    if (raw === undefined) return undefined;
    if (raw.kind !== "map") return this.#wrong(raw.place, path, `is ${kindOf(raw)}`, `Write ${expected(shape)}.`);
    const value: Record<string, unknown> = {};
    const name = new RegExp(shape.names);
    for (const [each, entry] of raw.entries) {
      if (name.test(each)) value[each] = this.read(shape.item, entry.value, below(path, each));
      else this.#wrong(entry.key, path, "has a name that cannot be one", `Write ${expected(shape)}.`);
    }
    return value;
  }

  /** Where the first thing was given, outside the file, that is in this group. */
  #placeBelow(path: string): Place | undefined {
    for (const [each, given] of this.#given) if (each.startsWith(`${path}.`)) return given.place;
    return undefined;
  }

  #unknown(shape: Group, place: Place, path: string, name: string): void {
    const near = nearest(name, shape.fields.keys());
    const shown = /^[\w.-]{1,40}$/.test(name) ? below(path, name) : path;
    const remedy = near === undefined ? `Known here: ${wordList(shape.fields.keys())}.` : `Did you mean ${near}?`;
    this.#wrong(place, shown, "is no setting", remedy);
  }

  #list(shape: List, raw: Raw | undefined, path: string): unknown {
    if (raw === undefined) return shape.initial;
    if (raw.kind !== "list") return this.#wrong(raw.place, path, `is ${kindOf(raw)}`, `Write ${expected(shape)}.`);
    if (raw.items.length < shape.least || raw.items.length > shape.most) {
      return this.#wrong(raw.place, path, `has ${raw.items.length} items`, `Write ${expected(shape)}.`);
    }
    return raw.items.map((item, index) => {
      if (item.kind !== "nothing") return this.read(shape.item, item, below(path, index));
      return this.#wrong(item.place, below(path, index), "is empty", `Write ${expected(shape.item)}.`);
    });
  }

  #leaf(shape: Leaf, raw: Raw | undefined, path: string): unknown {
    if (raw === undefined) return shape.initial;
    if (shape.form === "secret" || shape.form === "key") return this.#secret(shape, raw, path);
    if (raw.kind !== "scalar" && raw.kind !== "text") return this.#unfit(shape, raw, path);
    const value = understood(shape, raw);
    if (value === undefined || !Value.Check(shape.schema, value)) return this.#unfit(shape, raw, path);
    if (shape.form !== "file" || typeof value !== "string") return value;
    const read = this.#fileAt(value, raw.place, path);
    return read === undefined ? undefined : resolved(value, raw.place);
  }

  #secret(shape: Leaf, raw: Raw, path: string): unknown {
    const text = this.#secretText(raw, path);
    if (text === undefined) return undefined;
    const value = shape.form === "key" ? readKey(text) : text;
    const fits = shape.pattern === undefined || new RegExp(shape.pattern).test(text);
    if (value === undefined || value.length === 0 || !fits) {
      return this.#wrong(raw.place, path, "cannot be used", `Write ${expected(shape)}.`);
    }
    return new Secret(value);
  }

  #secretText(raw: Raw, path: string): string | undefined {
    if (raw.kind === "text") return raw.text;
    if (raw.kind === "scalar" && typeof raw.value === "string") return raw.value;
    const file = raw.kind === "map" && raw.entries.size === 1 ? raw.entries.get("file")?.value : undefined;
    if (file?.kind === "scalar" && typeof file.value === "string") return this.#fileAt(file.value, file.place, path);
    this.#wrong(raw.place, path, `is ${kindOf(raw)}`, "Write text in quotes, or {file: <path>}.");
    return undefined;
  }

  /** What stands in the file, without the line end that editors put behind it. */
  #fileAt(path: string, place: Place, setting: string): string | undefined {
    const file = resolved(path, place);
    try {
      const text = this.#readFile(file);
      this.files.set(file, text);
      return text.replace(/\r?\n$/, "");
    } catch (error) {
      this.#wrong(place, setting, `names ${file}, which cannot be read (${errorCode(error)})`, "Name a readable file.");
      return undefined;
    }
  }

  #unfit(shape: Leaf, raw: Raw, path: string): undefined {
    return this.#wrong(raw.place, path, `is ${shape.quiet ? kindOf(raw) : shown(raw)}`, remedyFor(shape, raw));
  }

  #wrong(place: Place, path: string, problem: string, remedy: string): undefined {
    this.mistakes.push({ place, path, problem, remedy });
    return undefined;
  }
}

/** Paths in a file are meant from that file; those of variables and options from the working directory. */
function resolved(path: string, place: Place): string {
  return place.kind === "file" && !path.startsWith("/") ? join(dirname(place.file), path) : path;
}

/** What the text or scalar says in the leaf's form; undefined: nothing. Bounds are the schema's to check. */
function understood(
  shape: Leaf,
  raw: Extract<Raw, { kind: "scalar" | "text" }>,
): string | number | boolean | undefined {
  const value = raw.kind === "scalar" ? raw.value : raw.text;
  switch (shape.form) {
    case "number":
      if (raw.kind === "scalar") return value;
      return /^-?\d{1,15}$/.test(raw.text) ? Number(raw.text) : undefined;
    case "boolean":
    case "choice":
      return raw.kind === "scalar"
        ? value
        : (shape.choices.find((choice) => String(choice) === raw.text) ?? flag(raw.text));
    case "duration":
    case "size": {
      if (typeof value !== "string" || (shape.auto && value === "auto")) return value;
      return readQuantity(shape.form, value);
    }
    case "text":
    case "file":
      return value;
    case "secret":
    case "key":
      return undefined;
    default:
      return shape.form satisfies never;
  }
}

function flag(text: string): boolean | undefined {
  return text === "true" ? true : text === "false" ? false : undefined;
}

function remedyFor(shape: Leaf, raw: Raw): string {
  const wrote = raw.kind === "scalar" ? String(raw.value) : raw.kind === "text" ? raw.text : "";
  const near = shape.form === "choice" && wrote !== "" ? nearest(wrote, shape.choices.map(String)) : undefined;
  return near === undefined ? `Write ${expected(shape)}.` : `Did you mean ${near}? Write ${expected(shape)}.`;
}

/** What would be right, as the end of "Write …". */
export function expected(shape: Shape): string {
  switch (shape.kind) {
    case "group":
      return `a mapping of ${wordList(shape.fields.keys())}`;
    case "union":
      return `a mapping with a type, one of ${wordList(shape.variants.keys())}`;
    case "dictionary":
      return shape.expects ?? "a mapping";
    case "list": {
      const bounds = Number.isFinite(shape.most) ? ` of ${shape.least} to ${shape.most} items` : "";
      return `a list${bounds}, each ${expected(shape.item)}`;
    }
    case "leaf":
      return expectedLeaf(shape);
    default:
      return shape satisfies never;
  }
}

function expectedLeaf(shape: Leaf): string {
  if (shape.expects !== undefined) return shape.expects;
  const bounds = (write: (value: number) => string) => `from ${write(shape.minimum)} to ${write(shape.maximum)}`;
  switch (shape.form) {
    case "number":
      return `a whole number ${bounds(String)}`;
    case "boolean":
      return "true or false";
    case "choice":
      return `${shape.choices.length === 1 ? "the word" : "one of"} ${wordList(shape.choices.map(String))}`;
    case "duration":
      return `${shape.auto ? "auto, or " : ""}a duration ${bounds((value) => writeQuantity("duration", value))}, as in 30s, or in milliseconds`;
    case "size":
      return `a size ${bounds((value) => writeQuantity("size", value))}, as in 64KiB, or in bytes`;
    case "file":
      return "the path of a file";
    case "text":
    case "secret":
    case "key":
      return "text";
    default:
      return shape.form satisfies never;
  }
}

function wordList(words: Iterable<string>): string {
  return [...words].join(", ");
}

function kindOf(raw: Raw): string {
  switch (raw.kind) {
    case "scalar":
      return typeof raw.value === "string" ? "text" : typeof raw.value === "number" ? "a number" : String(raw.value);
    case "text":
      return "text";
    case "list":
      return "a list";
    case "map":
      return "a mapping";
    case "nothing":
      return "empty";
    default:
      return raw satisfies never;
  }
}

/** The value itself where it is short; never called for secrets. */
function shown(raw: Raw): string {
  if (raw.kind !== "scalar" && raw.kind !== "text") return kindOf(raw);
  const value = raw.kind === "scalar" ? raw.value : raw.text;
  if (typeof value !== "string") return String(value);
  return value.length <= 60 && /^[\x20-\x7e]*$/.test(value) ? `"${value}"` : "text";
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "an error";
}
