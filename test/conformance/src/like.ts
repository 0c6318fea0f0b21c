// Patterns of frames: what a case expects, without the members it does not care about.
import { isDeepStrictEqual } from "node:util";

/** A value that must be just this, with no member more. */
export class Exactly {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** Any value that is there. */
export const anything = Symbol("anything");

/**
 * Whether the value has everything the pattern names. In objects, members beside those of the pattern are ignored, as
 * the protocol asks of its readers, and a member named with `undefined` must be absent; lists have the same length.
 */
export function like(value: unknown, pattern: unknown): boolean {
  if (pattern === anything) return value !== undefined;
  if (pattern instanceof Exactly) return isDeepStrictEqual(value, pattern.value);
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) && value.length === pattern.length && pattern.every((each, at) => like(value[at], each))
    );
  }
  if (typeof pattern !== "object" || pattern === null) return Object.is(value, pattern);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return Object.entries(pattern).every(([key, each]) => like(members.get(key), each));
}

const longest = 300;

/** For a person to read, in one line. Tokens and credentials are secrets even here. */
export function told(value: unknown): string {
  const text = JSON.stringify(value, (key, member: unknown) => {
    if (key === "token" || key === "credential") return "(secret)";
    if (member === anything) return "…";
    return member instanceof Exactly ? member.value : member;
  });
  const line = text ?? String(value);
  return line.length <= longest ? line : `${line.slice(0, longest)}…`;
}
