// The SDK as a page loads it, bundled and minified, stays within its budget.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

const kB = 1000;

async function gzipped(source: string): Promise<number> {
  const built = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    conditions: ["heliograph-source"],
    write: false,
  });
  return gzipSync(built.outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).byteLength;
}

test.each([
  ["with JSON", 'export * from "./mod.ts";', 25 * kB],
  ["with MessagePack", 'export * from "./mod.ts"; export * from "./msgpack.ts";', 40 * kB],
])("the SDK %s stays within its budget", async (name, source, budget) => {
  const bytes = await gzipped(source);
  console.info(`SDK ${name}: ${(bytes / kB).toFixed(1)} kB gzip of ${budget / kB} kB`);
  expect(bytes).toBeGreaterThan(5 * kB);
  expect(bytes).toBeLessThanOrEqual(budget);
});
