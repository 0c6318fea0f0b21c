// What we tell services about ourselves: product and version, and nothing else.
import { createRequire } from "node:module";

const manifest: { readonly version: string } = createRequire(import.meta.url)("../../package.json");

export const userAgent = `heliograph/${manifest.version}`;
