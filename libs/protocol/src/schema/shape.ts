// The part of JSON Schema (2020-12) that our frames are written in, for whoever walks a schema.
import type { TSchema } from "typebox";

export interface Shape extends TSchema {
  readonly anyOf?: readonly Shape[];
  readonly not?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  /** Of every member that `properties` does not name. */
  readonly additionalProperties?: Shape;
  readonly items?: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}
