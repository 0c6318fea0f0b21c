import { expect, test } from "vitest";
import type { Shelf } from "./settings.ts";
import { rememberedSettings } from "./settings.ts";

function shelf(kept: Record<string, string> = {}): Shelf & { readonly kept: Map<string, string> } {
  const map = new Map(Object.entries(kept));
  return {
    kept: map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  };
}

test("a setting that was changed is there at the next visit", () => {
  const box = shelf();
  rememberedSettings(box, "").name.value = "Ann";
  expect(rememberedSettings(box, "").name.value).toBe("Ann");
});

test("nothing is written down until something changes", () => {
  const box = shelf();
  rememberedSettings(box, "");
  expect(box.kept.size).toBe(0);
});

test("a remembered value that is none of the choices falls back to the usual one", () => {
  const settings = rememberedSettings(shelf({ "heliograph.codec": "xml", "heliograph.theme": "neon" }), "");
  expect(settings.codec.value).toBe("json");
  expect(settings.theme.value).toBe("auto");
});

test("the address chooses the codec over what was remembered, and is remembered itself", () => {
  const box = shelf({ "heliograph.codec": "json" });
  expect(rememberedSettings(box, "?codec=msgpack").codec.value).toBe("msgpack");
  expect(rememberedSettings(box, "").codec.value).toBe("msgpack");
  expect(rememberedSettings(box, "?codec=nonsense").codec.value).toBe("msgpack");
});

test("an emptied setting is forgotten", () => {
  const box = shelf({ "heliograph.camera": "abc" });
  rememberedSettings(box, "").camera.value = "";
  expect(box.kept.has("heliograph.camera")).toBe(false);
});

test("a browser without storage remembers nothing and goes on", () => {
  const refuse = () => {
    throw new DOMException("blocked", "SecurityError");
  };
  const settings = rememberedSettings({ getItem: refuse, setItem: refuse, removeItem: refuse }, "");
  settings.name.value = "Ann";
  expect(settings.name.value).toBe("Ann");
});
