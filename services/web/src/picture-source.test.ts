// Pictures come from the page's own server, or with the profile, and from nowhere else.
import { expect, test } from "vitest";
import { pictureSource } from "./picture-source.ts";

const kept = "v1/picture/AAAAAAAAAAAAAAAAAAAA/abcdefghij-_";

test("a picture that the server keeps is loaded from below its base path", () => {
  expect(pictureSource(kept, "/")).toBe(`/${kept}`);
  expect(pictureSource(kept, "/calls/")).toBe(`/calls/${kept}`);
});

test("a picture that came with the profile is shown as it is", () => {
  expect(pictureSource("data:image/png;base64,iVBORw0KGgo=", "/")).toBe("data:image/png;base64,iVBORw0KGgo=");
});

test.for([
  undefined,
  "",
  "https://example.org/a.png",
  `https://example.org/${kept}`,
  `//example.org/${kept}`,
  `../${kept}`,
  `${kept}/../../../bye`,
  `${kept}\n`,
  "v1/picture/../../x",
  "data:text/html,x",
])("%j is not loaded", (picture) => {
  expect(pictureSource(picture, "/")).toBeUndefined();
});
