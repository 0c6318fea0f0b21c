// The generated parts of the protocol page: tables of frames, shapes, refusals and closes.
import type { TSchema } from "typebox";
import { closes } from "../close-code.ts";
import { reasons } from "../refusal.ts";
import { clientFrames } from "../schema/client.ts";
import { serverFrames } from "../schema/server.ts";
import type { Shape } from "../schema/shape.ts";

/** By the name of the marker they stand under. */
export function tables(): Readonly<Record<string, string>> {
  return {
    "client-frames": sections("Client", Object.entries(clientFrames)),
    "server-frames": sections("Server", Object.entries(serverFrames)),
    shapes: sections("Shape", [...titled([...Object.values(clientFrames), ...Object.values(serverFrames)])]),
    refusals: table(
      ["code", "reason", "retry", "meaning"],
      Object.entries(reasons).map(([reason, { code, retry, says }]) => [
        `${code}`,
        `\`${reason}\``,
        retry ? "yes" : "no",
        says,
      ]),
    ),
    closes: table(
      ["code", "name", "then", "meaning"],
      Object.entries(closes).map(([close, { code, after, says }]) => [`${code}`, `\`${close}\``, after, says]),
    ),
  };
}

/** The page with each generated part renewed, and the names of the parts for which it has no place. */
export function fill(
  page: string,
  parts: Readonly<Record<string, string>>,
): { page: string; homeless: readonly string[] } {
  let filled = page;
  const homeless: string[] = [];
  for (const [name, text] of Object.entries(parts)) {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) homeless.push(name);
    else filled = `${filled.slice(0, from + begin.length)}\n\n${text}\n\n${filled.slice(to)}`;
  }
  return { page: filled, homeless };
}

/** What a section is about goes into its heading: several frames and shapes share a name, and each needs an anchor. */
function sections(kind: string, entries: readonly (readonly [string, TSchema])[]): string {
  return entries.map(([name, shape]) => section(`${kind}: ${name}`, shape)).join("\n\n");
}

function section(heading: string, shape: Shape): string {
  const parts = [`### ${heading}`, shape.description ?? ""];
  const alternatives = shape.anyOf ?? [shape];
  if (alternatives.every((one) => one.properties !== undefined)) {
    for (const alternative of alternatives) {
      if (alternative !== shape && alternative.description !== undefined) parts.push(alternative.description);
      parts.push(table(["member", "value", "meaning"], rows(alternative)));
    }
  } else parts.push(`${wordsFor(shape, true)}.`);
  return parts.filter((part) => part !== "").join("\n\n");
}

function rows(shape: Shape, prefix = ""): readonly (readonly string[])[] {
  return Object.entries(shape.properties ?? {}).flatMap(([key, member]) => {
    const needed = shape.required?.includes(key) ?? false;
    const name = `${prefix}${key}`;
    const row = [
      `\`${name}\`${needed ? "" : "?"}`,
      wordsFor(member),
      member.title === undefined ? (member.description ?? "") : "",
    ];
    if (member.title !== undefined) return [row];
    if (member.items !== undefined && member.items.title === undefined)
      return [row, ...rows(member.items, `${name}[].`)];
    return [row, ...rows(member, `${name}.`)];
  });
}

/** A value in a few words. */
function wordsFor(shape: Shape, itself = false): string {
  if (shape.title !== undefined && !itself) return `[${shape.title}](#shape-${shape.title.toLowerCase()})`;
  if (shape.not !== undefined) return "absent";
  if (shape.const !== undefined) return typeof shape.const === "string" ? `\`"${shape.const}"\`` : `\`${shape.const}\``;
  if (shape.enum !== undefined) return shape.enum.map((word) => `\`"${word}"\``).join(", ");
  if (shape.anyOf !== undefined) return shape.anyOf.map((one) => wordsFor(one)).join(" or ");
  switch (shape.type) {
    case "array":
      return `list of ${wordsFor(shape.items ?? {})}${bounds(shape.minItems, shape.maxItems, "")}`;
    case "string":
      return `string${bounds(shape.minLength, shape.maxLength, " characters")}`;
    case "integer":
    case "number":
      return `${shape.type}${bounds(shape.minimum, shape.maximum, "")}`;
    case "object":
      return shape.additionalProperties === undefined
        ? "object"
        : `object of ${wordsFor(shape.additionalProperties)} by name`;
    case undefined:
      return "any JSON value";
    default:
      return shape.type;
  }
}

function bounds(least: number | undefined, most: number | undefined, unit: string): string {
  const top = most === Number.MAX_SAFE_INTEGER ? "2^53-1" : most;
  if (least === undefined && top === undefined) return "";
  if (least === undefined) return `, at most ${top}${unit}`;
  return top === undefined ? `, at least ${least}${unit}` : `, ${least} to ${top}${unit}`;
}

/** Every titled shape that occurs in the schemas, by title, in alphabetical order. */
function titled(schemas: readonly TSchema[]): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>();
  const look = (shape: Shape): void => {
    if (shape.title !== undefined) found.set(shape.title, shape);
    for (const part of [...Object.values(shape.properties ?? {}), ...(shape.anyOf ?? [])]) look(part);
    if (shape.items !== undefined) look(shape.items);
  };
  for (const schema of schemas) look(schema);
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}
