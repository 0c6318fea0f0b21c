// The schema as a tree of groups, lists and leaves: what readers and pages walk. The door from schema to tree.
import type { TSchema } from "typebox";

export type Shape = Group | Union | List | Dictionary | Leaf;

interface Common {
  readonly description: string;
  /** May be absent without a default. */
  readonly optional: boolean;
  readonly reload: boolean;
  readonly schema: TSchema;
  readonly examples: readonly unknown[];
}

export interface Group extends Common {
  readonly kind: "group";
  readonly fields: ReadonlyMap<string, Shape>;
}

/** One of several groups, told apart by what stands behind `type`. */
export interface Union extends Common {
  readonly kind: "union";
  readonly variants: ReadonlyMap<string, Group>;
}

/** Names that are not ours to know, each with a value of the same kind. Holds no secret. */
export interface Dictionary extends Common {
  readonly kind: "dictionary";
  readonly item: Shape;
  readonly initial: undefined;
  /** A regular expression that each name fits. */
  readonly names: string;
  readonly expects: string | undefined;
}

export interface List extends Common {
  readonly kind: "list";
  readonly item: Shape;
  readonly initial: readonly unknown[] | undefined;
  readonly least: number;
  readonly most: number;
  /** Something in it is a secret, so nothing of it may be quoted, and the whole may come from a file. */
  readonly secret: boolean;
}

/**
 * `duration`, `size`: whole numbers that may be written with a unit. `file`: the path of a readable file. `secret`,
 * `key`: text, or `{file: path}`; never quoted.
 */
export type Form = "text" | "number" | "boolean" | "choice" | "duration" | "size" | "file" | "secret" | "key";

export interface Leaf extends Common {
  readonly kind: "leaf";
  readonly form: Form;
  readonly initial: unknown;
  readonly minimum: number;
  readonly maximum: number;
  readonly choices: readonly (string | boolean)[];
  /** The word `auto` may stand in place of a quantity. */
  readonly auto: boolean;
  readonly expects: string | undefined;
  readonly pattern: string | undefined;
  readonly minLength: number | undefined;
  /** Not a secret, but people put secrets there by mistake: not quoted. */
  readonly quiet: boolean;
}

/** What our schema uses of JSON Schema, and the words we added to it. */
interface Words extends TSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, TSchema>>;
  readonly anyOf?: readonly TSchema[];
  readonly items?: TSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly (string | boolean)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly form?: Form;
  readonly auto?: boolean;
  readonly expects?: string;
  readonly quiet?: boolean;
  readonly reload?: boolean;
}

export function shapeOf(from: TSchema, optional = false): Shape {
  const schema: Words = from;
  const common = {
    schema,
    optional,
    description: schema.description ?? "",
    reload: schema.reload ?? false,
    examples: schema.examples ?? [],
  };
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]): [string, Shape] => {
      return [name, shapeOf(field, !schema.required?.includes(name))];
    });
    return { ...common, kind: "group", fields: new Map(fields) };
  }
  if (schema.anyOf !== undefined) {
    const variants = schema.anyOf.map((each) => shapeOf(each)).flatMap((each) => variantOf(each));
    return { ...common, kind: "union", variants: new Map(variants) };
  }
  const [named] = Object.entries(schema.patternProperties ?? {});
  if (named !== undefined) {
    const [names, item] = named;
    return { ...common, kind: "dictionary", item: shapeOf(item), initial: undefined, names, expects: schema.expects };
  }
  if (schema.items !== undefined) {
    const item = shapeOf(schema.items);
    return {
      ...common,
      kind: "list",
      item,
      initial: Array.isArray(schema.default) ? schema.default : undefined,
      least: schema.minItems ?? 0,
      most: schema.maxItems ?? Number.POSITIVE_INFINITY,
      secret: holdsSecret(item),
    };
  }
  return {
    ...common,
    kind: "leaf",
    form: schema.form ?? formOf(schema),
    initial: schema.default,
    minimum: schema.minimum ?? Number.NEGATIVE_INFINITY,
    maximum: schema.maximum ?? Number.POSITIVE_INFINITY,
    choices: schema.enum ?? [],
    auto: schema.auto ?? false,
    expects: schema.expects,
    pattern: schema.pattern,
    minLength: schema.minLength,
    quiet: schema.quiet ?? false,
  };
}

/** A group whose `type` is one word. */
function variantOf(shape: Shape): readonly (readonly [string, Group])[] {
  const type = shape.kind === "group" ? shape.fields.get("type") : undefined;
  if (shape.kind !== "group" || type?.kind !== "leaf") throw new Error("a union of settings is of groups with a type");
  return type.choices.map((choice) => [String(choice), shape]);
}

function formOf(schema: Words): Form {
  if (schema.type === "integer") return "number";
  return schema.type === "boolean" ? "boolean" : "text";
}

function holdsSecret(shape: Shape): boolean {
  switch (shape.kind) {
    case "group":
      return [...shape.fields.values()].some(holdsSecret);
    case "union":
      return [...shape.variants.values()].some(holdsSecret);
    case "list":
    case "dictionary":
      return holdsSecret(shape.item);
    case "leaf":
      return shape.form === "secret" || shape.form === "key";
    default:
      return shape satisfies never;
  }
}

/** `limits.frameBytes` is `HELIOGRAPH_LIMITS_FRAME_BYTES` in the environment. */
export function variableOf(path: string): string {
  return `HELIOGRAPH_${path
    .replaceAll(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll(".", "_")
    .toUpperCase()}`;
}

export function below(path: string, name: string | number): string {
  return path === "" ? String(name) : `${path}.${name}`;
}

/** Whether a variable with `_FILE` behind its name may hold the path of a file with the text: secrets, as images keep them. */
export function mayStandInFile(setting: Named): boolean {
  if (setting.kind === "list") return setting.secret;
  if (setting.kind === "dictionary") return false;
  return setting.form === "secret" || setting.form === "key";
}

/** What has a name of its own. Unions stand in lists only. */
export type Named = List | Dictionary | Leaf;

/** Every leaf and list that has a name of its own, with its path, in the order of the schema. */
export function* namedSettings(shape: Shape, path = ""): Generator<readonly [path: string, setting: Named]> {
  if (shape.kind === "union") throw new Error(`${path} is a union outside a list`);
  if (shape.kind !== "group") yield [path, shape];
  else for (const [name, field] of shape.fields) yield* namedSettings(field, below(path, name));
}
