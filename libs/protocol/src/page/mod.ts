/** The wire as people and tools read it: a JSON Schema document, and the tables of the protocol page. */
export { jsonSchema } from "./json-schema.ts";
export { fill, tables } from "./tables.ts";
