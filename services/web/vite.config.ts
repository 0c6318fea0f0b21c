// How the pages are built: one entry, hashed files under /assets, nothing inlined that the page's policy would refuse.
import { defineConfig } from "vite";

export default defineConfig({
  // Rooms live below /r/, so files are named from the root.
  base: "/",
  // Sources of our own packages, so that the pages can be built before anything was compiled.
  resolve: { conditions: ["heliograph-source", "module", "browser", "development|production"] },
  build: {
    target: ["chrome123", "firefox120", "safari17.5"],
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    // The polyfill is an inline-like script for browsers that cannot run the page anyway.
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
