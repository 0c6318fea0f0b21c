import { expect, test } from "vitest";
import { deedOf, shortcuts } from "./shortcuts.ts";

const press = { key: "m", ctrlKey: false, metaKey: false, altKey: false, repeat: false, isComposing: false };
const free = { typing: false, dialog: false };

test("each key does its deed, in capitals too", () => {
  for (const { key, does } of shortcuts) expect(deedOf({ ...press, key }, free, true)).toBe(does);
  expect(deedOf({ ...press, key: "M" }, free, true)).toBe("microphone");
});

test("no two deeds share a key", () => {
  expect(new Set(shortcuts.map(({ key }) => key)).size).toBe(shortcuts.length);
});

test("a letter typed into a field or a dialog is only a letter", () => {
  expect(deedOf(press, { typing: true, dialog: false }, true)).toBeUndefined();
  expect(deedOf(press, { typing: false, dialog: true }, true)).toBeUndefined();
});

test("the browser's own shortcuts, held keys and half-composed characters are left alone", () => {
  for (const other of ["ctrlKey", "metaKey", "altKey", "repeat", "isComposing"]) {
    expect(deedOf({ ...press, [other]: true }, free, true)).toBeUndefined();
  }
});

test("turned off, only Escape is left", () => {
  expect(deedOf(press, free, false)).toBeUndefined();
  expect(deedOf({ ...press, key: "Escape" }, { typing: true, dialog: false }, false)).toBe("close");
});
