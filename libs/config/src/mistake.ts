// What is wrong with a configuration, where it stands, and what would be right. Never quotes a secret.

export type Place =
  | { readonly kind: "file"; readonly file: string; readonly line: number; readonly column: number }
  /** A variable of the environment. `line`: within its text, where that has several. */
  | { readonly kind: "variable"; readonly name: string }
  /** An option of the command line. */
  | { readonly kind: "option"; readonly name: string }
  /** Nowhere: a program misses it. */
  | { readonly kind: "program"; readonly name: string };

export interface Mistake {
  readonly place: Place;
  /** Names joined by dots, list places from 0; empty: the file as a whole. */
  readonly path: string;
  /** What is there: "is text", "is 70000". */
  readonly problem: string;
  /** What would be right. */
  readonly remedy: string;
}

/** One line: place, setting, problem; remedy. */
export function writeMistake({ place, path, problem, remedy }: Mistake): string {
  return `${writePlace(place)}: ${path === "" ? "" : `${path} `}${problem}. ${remedy}`;
}

export function writePlace(place: Place): string {
  switch (place.kind) {
    case "file":
      return place.line === 0 ? place.file : `${place.file}:${place.line}:${place.column}`;
    case "variable":
    case "option":
    case "program":
      return place.name;
    default:
      return place satisfies never;
  }
}
