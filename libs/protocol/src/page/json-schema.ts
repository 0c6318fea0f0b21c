// The wire as one JSON Schema document (2020-12): a definition for each frame and each titled shape.
import type { TSchema } from "typebox";
import { clientFrames } from "../schema/client.ts";
import { serverFrames } from "../schema/server.ts";
import type { Shape } from "../schema/shape.ts";

type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

const definition = (name: string): Plain => ({ $ref: `#/$defs/${name}` });

export function jsonSchema(): Plain {
  const definitions = new Map<string, Plain>();
  const framesOf = (side: string, frames: Readonly<Record<string, TSchema>>): Plain => {
    const names = Object.entries(frames).map(([type, frame]) => {
      definitions.set(`${side}.${type}`, plain(frame, definitions));
      return `${side}.${type}`;
    });
    return { anyOf: names.map(definition) };
  };
  const client = framesOf("client", clientFrames);
  const server = framesOf("server", serverFrames);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: "urn:heliograph:protocol:v1",
    title: "heliograph.v1",
    description: "Frames of the native protocol. Generated from libs/protocol; do not edit.",
    anyOf: [definition("ClientFrame"), definition("ServerFrame")],
    $defs: {
      ClientFrame: client,
      ServerFrame: server,
      ...Object.fromEntries([...definitions].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

/** A schema without what is not JSON, and with references in place of titled shapes, which are gathered on the way. */
function plain(schema: Shape, definitions: Map<string, Plain>, named = false): Plain {
  if (schema.title !== undefined && !named) {
    if (!definitions.has(schema.title)) {
      definitions.set(schema.title, null);
      definitions.set(schema.title, plain(schema, definitions, true));
    }
    return definition(schema.title);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]: [string, unknown]): [string, Plain] => {
      if (keyword === "properties") return [keyword, membersOf(schema, definitions)];
      if (keyword === "items" && schema.items !== undefined) return [keyword, plain(schema.items, definitions)];
      if (keyword === "anyOf") return [keyword, (schema.anyOf ?? []).map((one) => plain(one, definitions))];
      return [keyword, value as Plain];
    }),
  );
}

function membersOf(schema: Shape, definitions: Map<string, Plain>): Plain {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, member]) => [key, plain(member, definitions)]),
  );
}
