// Where a value leaves its schema: the slow path, taken once a compiled check has said no.

import { Value } from "typebox/value";
import type { Reason } from "../refusal.ts";
import type { Shape } from "../schema/shape.ts";

export interface Fault {
  readonly reason: Extract<Reason, "malformed" | "too_large">;
  /** Names of members, joined by dots. Made of the schema's own names and of indices, so nothing a client wrote is echoed. */
  readonly path: string;
}

/** Members that tell the alternatives of a union apart. */
const tags = ["kind", "durable", "action", "verdict", "change"] as const;

/**
 * The first fault, or undefined when there is none. Libraries list the faults of every alternative of a union; a person
 * who wrote an answer wants to hear of the answer only, so this follows the alternative that the value claims to be.
 */
export function firstFault(shape: Shape, value: unknown, path = ""): Fault | undefined {
  if (shape.anyOf !== undefined) return faultOfUnion(shape.anyOf, value, path);
  if (shape.type === "object") return faultOfObject(shape, value, path);
  if (shape.type === "array") return faultOfArray(shape, value, path);
  if (Value.Check(shape, value)) return undefined;
  const long = typeof value === "string" && shape.maxLength !== undefined && [...value].length > shape.maxLength;
  return { reason: long ? "too_large" : "malformed", path };
}

function faultOfObject(shape: Shape, value: unknown, path: string): Fault | undefined {
  if (!isObject(value)) return { reason: "malformed", path };
  for (const [key, member] of Object.entries(shape.properties ?? {})) {
    const found = value[key];
    if (found === undefined && !shape.required?.includes(key)) continue;
    if (found === undefined && !Object.hasOwn(value, key)) return { reason: "malformed", path: below(path, key) };
    const fault = firstFault(member, found, below(path, key));
    if (fault !== undefined) return fault;
  }
  // Their names are the client's own: not repeated.
  const others = shape.additionalProperties;
  if (others !== undefined && !Object.values(value).every((member) => Value.Check(others, member)))
    return { reason: "malformed", path };
  return undefined;
}

function faultOfArray(shape: Shape, value: unknown, path: string): Fault | undefined {
  if (!Array.isArray(value)) return { reason: "malformed", path };
  if (shape.maxItems !== undefined && value.length > shape.maxItems) return { reason: "too_large", path };
  if (shape.items !== undefined) {
    for (const [index, item] of value.entries()) {
      const fault = firstFault(shape.items, item, below(path, String(index)));
      if (fault !== undefined) return fault;
    }
  }
  return Value.Check(shape, value) ? undefined : { reason: "malformed", path };
}

function faultOfUnion(alternatives: readonly Shape[], value: unknown, path: string): Fault | undefined {
  if (alternatives.some((alternative) => Value.Check(alternative, value))) return undefined;
  if (isObject(value) && alternatives.every((alternative) => alternative.type === "object")) {
    const wrong = (alternative: Shape) => tags.find((tag) => !tagFits(alternative, value, tag));
    const claimed = alternatives.find((alternative) => wrong(alternative) === undefined);
    if (claimed !== undefined) return firstFault(claimed, value, path);
    return { reason: "malformed", path: below(path, alternatives.map(wrong).find((tag) => tag !== undefined) ?? "") };
  }
  const faults = alternatives.map((alternative) => firstFault(alternative, value, path));
  return faults.find((fault) => fault?.reason === "too_large") ?? { reason: "malformed", path };
}

function tagFits(alternative: Shape, value: Readonly<Record<string, unknown>>, tag: string): boolean {
  const member = alternative.properties?.[tag];
  if (member === undefined) return true;
  if (value[tag] === undefined) return !alternative.required?.includes(tag);
  return Value.Check(member, value[tag]);
}

function below(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
