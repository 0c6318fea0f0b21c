// The configuration in force as YAML that people read: every default there, quantities with units, secrets left out.
import { stringify } from "yaml";
import type { Config } from "./config.ts";
import { writeQuantity } from "./quantity.ts";
import { Secret } from "./secret.ts";
import { settings } from "./settings.ts";
import type { Shape } from "./shape.ts";
import { shapeOf } from "./shape.ts";

export function writeConfig(config: Config): string {
  return stringify(readable(shapeOf(settings), config), { lineWidth: 0 });
}

function readable(shape: Shape, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (value instanceof Secret) return value.toString();
  switch (shape.kind) {
    case "group": {
      const fields = [...shape.fields].map(([name, field]) => [name, readable(field, memberOf(value, name))] as const);
      return Object.fromEntries(fields.filter(([, member]) => member !== undefined));
    }
    case "union": {
      const variant = shape.variants.get(String(memberOf(value, "type")));
      return variant === undefined ? undefined : readable(variant, value);
    }
    case "dictionary":
      return value;
    case "list":
      return Array.isArray(value) ? value.map((item) => readable(shape.item, item)) : undefined;
    case "leaf":
      if (shape.form !== "duration" && shape.form !== "size") return value;
      return typeof value === "number" ? writeQuantity(shape.form, value) : value;
    default:
      return shape satisfies never;
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
