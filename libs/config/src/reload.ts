// Which settings differ between two configurations, and what of it a running process can take over.
import type { Config } from "./config.ts";
import { breaches } from "./relations.ts";
import { Secret } from "./secret.ts";
import { settings } from "./settings.ts";
import type { Named, Shape } from "./shape.ts";
import { below, namedSettings, shapeOf } from "./shape.ts";

export interface Changes {
  /** Paths that a running process takes over: `limits.grace`, `turn.zones`. */
  readonly changed: readonly string[];
  /** Paths that differ but serve from the next start on. */
  readonly needRestart: readonly string[];
}

const shape = shapeOf(settings);

export function reloadable(before: Config, after: Config): Changes {
  const different = [...namedSettings(shape)].filter(([path]) => !same(valueAt(before, path), valueAt(after, path)));
  let changed = different.filter(([, setting]) => setting.reload).map(([path]) => path);
  // A setting that would be wrong beside one that waits for the next start waits with it.
  for (let broken = brokenBy(before, after, changed); broken.length > 0; broken = brokenBy(before, after, changed)) {
    const wait = broken;
    changed = changed.filter((path) => !wait.includes(path));
  }
  return { changed, needRestart: different.map(([path]) => path).filter((path) => !changed.includes(path)) };
}

/** Which of the changed settings take part in a breach if they alone are taken over. */
function brokenBy(before: Config, after: Config, changed: readonly string[]): readonly string[] {
  const parts = breaches(takeOver(before, after, changed)).flatMap((breach) => breach.paths);
  return changed.filter((path) => parts.includes(path));
}

/** What is in force once a running process has taken over these settings: everything else is as it was. */
export function takeOver(before: Config, after: Config, changed: readonly string[]): Config {
  // The door: each setting is one of two whole configurations', and both are frozen through.
  return merged(shape, "", before, after, new Set(changed)) as Config;
}

function merged(part: Shape, path: string, before: unknown, after: unknown, changed: ReadonlySet<string>): unknown {
  if (part.kind !== "group") return changed.has(path) ? after : before;
  if (before === undefined) return undefined;
  const fields = [...part.fields].map(([name, field]) => {
    return [name, merged(field, below(path, name), valueAt(before, name), valueAt(after, name), changed)] as const;
  });
  return Object.freeze(Object.fromEntries(fields.filter(([, value]) => value !== undefined)));
}

/** Files that keep their path and have new content, by the settings that name them: certificates that were renewed. */
export function renewed(
  config: Config,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  const isFile = ([, setting]: readonly [string, Named]) => setting.kind === "leaf" && setting.form === "file";
  return [...namedSettings(shape)].filter(isFile).flatMap(([path]) => {
    const file = valueAt(config, path);
    if (typeof file !== "string" || !before.has(file) || !after.has(file)) return [];
    return before.get(file) === after.get(file) ? [] : [path];
  });
}

function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null) return undefined;
    found = Object.entries(found).find(([key]) => key === name)?.[1];
  }
  return found;
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Secret && b instanceof Secret) return a.sameAs(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => same(valueAt(a, name), valueAt(b, name)));
}
