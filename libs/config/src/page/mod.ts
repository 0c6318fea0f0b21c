/** What people and editors read about the settings, generated from their schema. */
export { envSample } from "./env-sample.ts";
export { jsonSchema } from "./json-schema.ts";
export { example, referencePage } from "./reference.ts";
