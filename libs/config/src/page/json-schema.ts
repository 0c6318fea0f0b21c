// The configuration file's JSON Schema (draft 7, which editors know best), made from the settings.
import { quantityPattern, writeQuantity } from "../quantity.ts";
import { settings } from "../settings.ts";
import type { Group, Leaf, Shape } from "../shape.ts";
import { shapeOf } from "../shape.ts";

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };
type PlainMap = { readonly [key: string]: Plain };

export function jsonSchema(): Plain {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    $id: "urn:heliograph:configuration",
    title: "Heliograph configuration",
    ...schemaOf(shapeOf(settings)),
  };
}

function schemaOf(shape: Shape): PlainMap {
  const examples: PlainMap = shape.examples.length === 0 ? {} : { examples: shape.examples as readonly Plain[] };
  const common: PlainMap = { description: shape.description, ...examples };
  switch (shape.kind) {
    case "group":
      return { ...common, ...groupOf(shape) };
    case "union":
      return { ...common, anyOf: [...shape.variants.values()].map(schemaOf) };
    case "dictionary": {
      const item = schemaOf(shape.item);
      return { ...common, type: "object", additionalProperties: false, patternProperties: { [shape.names]: item } };
    }
    case "list": {
      const bounds: PlainMap = {
        minItems: shape.least,
        ...(Number.isFinite(shape.most) ? { maxItems: shape.most } : {}),
      };
      const initial: PlainMap = shape.initial === undefined ? {} : { default: shape.initial as readonly Plain[] };
      return { ...common, type: "array", ...initial, ...bounds, items: schemaOf(shape.item) };
    }
    case "leaf": {
      const initial: PlainMap = shape.initial === undefined ? {} : { default: defaultOf(shape) as Plain };
      return { ...common, ...initial, ...leafOf(shape) };
    }
    default:
      return shape satisfies never;
  }
}

function groupOf(shape: Group): PlainMap {
  const needed = (field: Shape) => {
    return field.kind !== "group" && field.kind !== "union" && !field.optional && field.initial === undefined;
  };
  const required = [...shape.fields].filter(([, field]) => needed(field)).map(([name]) => name);
  return {
    type: "object",
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries([...shape.fields].map(([name, field]) => [name, schemaOf(field)])),
  };
}

function leafOf(shape: Leaf): PlainMap {
  const bounds: PlainMap = { type: "integer", minimum: shape.minimum, maximum: shape.maximum };
  switch (shape.form) {
    case "number":
      return bounds;
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { enum: shape.choices };
    case "duration":
    case "size": {
      const written: PlainMap = { type: "string", pattern: quantityPattern(shape.form) };
      return { anyOf: shape.auto ? [{ const: "auto" }, bounds, written] : [bounds, written] };
    }
    case "text":
    case "file": {
      const { pattern, minLength } = shape;
      return {
        type: "string",
        ...(pattern === undefined ? {} : { pattern }),
        ...(minLength === undefined ? {} : { minLength }),
      };
    }
    case "secret":
    case "key": {
      const file: PlainMap = { type: "string", description: "The path of a file that holds the text." };
      const inFile = { type: "object", additionalProperties: false, required: ["file"], properties: { file } };
      const text: PlainMap = { type: "string", ...(shape.pattern === undefined ? {} : { pattern: shape.pattern }) };
      return { anyOf: [text, inFile] };
    }
    default:
      return shape.form satisfies never;
  }
}

/** As people write it. */
export function defaultOf(shape: Leaf): unknown {
  const { form, initial } = shape;
  if ((form === "duration" || form === "size") && typeof initial === "number") return writeQuantity(form, initial);
  return initial;
}
