// YAML text as plain values that remember where they stand.
import type { Document, Node } from "yaml";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Mistake, Place } from "./mistake.ts";

export type Raw =
  | { readonly kind: "scalar"; readonly value: string | number | boolean; readonly place: Place }
  /** As a variable or an option gives it: what it means is the setting's to say. */
  | { readonly kind: "text"; readonly text: string; readonly place: Place }
  | { readonly kind: "list"; readonly items: readonly Raw[]; readonly place: Place }
  | { readonly kind: "map"; readonly entries: ReadonlyMap<string, Entry>; readonly place: Place }
  /** `key:` with nothing behind it, which is how people leave a setting out. */
  | { readonly kind: "nothing"; readonly place: Place };

export interface Entry {
  readonly key: Place;
  readonly value: Raw;
}

export interface Reading {
  readonly raw: Raw;
  readonly mistakes: readonly Mistake[];
}

/** Deeper than any setting; aliases that contain themselves end here. */
const deepest = 16;

/** `placeAt` turns a line and a column, from 1, into where a mistake is said to stand. */
export function readDocument(text: string, placeAt: (line: number, column: number) => Place): Reading {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return placeAt(line, col);
  };
  // Messages of the library quote the source, where secrets stand: the code alone is told.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "silent" });
  const mistakes = [...document.errors, ...document.warnings].map(
    (error): Mistake => ({ place: at(error.pos[0]), path: "", ...explained(error.code) }),
  );
  if (mistakes.length > 0) return { raw: { kind: "nothing", place: at(0) }, mistakes };
  const found: Mistake[] = [];
  const raw = rawOf(document.contents, document, at, found, 0);
  return { raw, mistakes: found };
}

function rawOf(node: unknown, document: Document, at: (offset: number) => Place, found: Mistake[], depth: number): Raw {
  const place = at(offsetOf(node));
  const wrong = (problem: string, remedy: string): Raw => {
    found.push({ place, path: "", problem, remedy });
    return { kind: "nothing", place };
  };
  if (depth > deepest)
    return wrong("This nests too deep", "No setting is so deep; look for an alias that contains itself.");
  const inner = (each: unknown) => rawOf(each, document, at, found, depth + 1);
  if (isAlias(node)) return inner(node.resolve(document));
  if (isSeq(node)) return { kind: "list", place, items: node.items.map(inner) };
  if (isMap(node)) {
    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? key.value : undefined;
      if (typeof name !== "string") return wrong("A key here is not a name", "Write names of settings as keys.");
      const keyPlace = at(offsetOf(key));
      entries.set(name, { key: keyPlace, value: value === null ? { kind: "nothing", place: keyPlace } : inner(value) });
    }
    return { kind: "map", place, entries };
  }
  const value = isScalar(node) ? node.value : null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return { kind: "scalar", value, place };
  }
  if (value === null) return { kind: "nothing", place };
  return wrong(
    "This is of a type that no setting has",
    "Write text, a number, true or false; put anything else in quotes.",
  );
}

function offsetOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}

function explained(code: string): Pick<Mistake, "problem" | "remedy"> {
  switch (code) {
    case "DUPLICATE_KEY":
      return { problem: "The same setting stands here for the second time", remedy: "Keep one of the two." };
    case "TAB_AS_INDENT":
      return { problem: "A tab is used to indent", remedy: "Indent with spaces: YAML allows no tabs there." };
    case "BAD_INDENT":
      return { problem: "The indentation fits nothing above", remedy: "Align the line with its neighbours." };
    case "MULTIPLE_DOCS":
      return { problem: "A second document begins here", remedy: "Remove the line of three hyphens." };
    case "MISSING_CHAR":
      return { problem: "A character is missing", remedy: "Look for a quote, bracket or colon that is not there." };
    case "BAD_ALIAS":
      return { problem: "The alias names no anchor", remedy: "Put text that begins with * or & in quotes." };
    default:
      return {
        problem: `This is not YAML (${code.toLowerCase().replaceAll("_", " ")})`,
        remedy: "Compare the line with the example in docs/operations/configuration.md.",
      };
  }
}
