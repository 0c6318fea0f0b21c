import fc from "fast-check";
import Schema from "typebox/schema";
import { describe, expect, test } from "vitest";
import { arbitraryDamage, arbitraryOf } from "../../contract/arbitrary-frame.ts";
import { clientFrames } from "../schema/client.ts";
import { serverFrames } from "../schema/server.ts";
import { checkClientFrame, checkServerFrame } from "../validators/checks.ts";
import { jsonSchema } from "./json-schema.ts";
import { fill, tables } from "./tables.ts";

describe("the JSON Schema document", () => {
  const document = Schema.Compile(jsonSchema() as object);
  const frames = [...Object.values(clientFrames), ...Object.values(serverFrames)];

  test("judges frames, sound ones and damaged ones, as the checks do", () => {
    const arbitrary = fc.oneof(...frames.map((schema) => arbitraryOf(schema)));
    let refusals = 0;
    fc.assert(
      fc.property(fc.oneof(arbitrary, arbitrary.chain(arbitraryDamage)), (frame) => {
        const sound = checkClientFrame(frame).ok || checkServerFrame(frame).ok;
        if (!sound) refusals += 1;
        expect(document.Check(frame)).toBe(sound);
      }),
      { numRuns: 1000 },
    );
    expect(refusals).toBeGreaterThan(100);
  });
});

describe("the tables", () => {
  test("replace what stands between their markers, and nothing else", () => {
    const page = "a\n<!-- generated: x -->\nold\n<!-- end: x -->\nb";
    const filled = fill(page, { x: "new" });
    expect(filled).toEqual({ page: "a\n<!-- generated: x -->\n\nnew\n\n<!-- end: x -->\nb", homeless: [] });
    expect(fill(filled.page, { x: "new" }).page).toBe(filled.page);
  });

  test("are missed where they have no markers", () => {
    expect(fill("a", { x: "new" })).toEqual({ page: "a", homeless: ["x"] });
  });

  test("name every frame and every member", () => {
    const text = Object.values(tables()).join("\n");
    for (const type of Object.keys(clientFrames)) expect(text).toContain(`### Client: ${type}\n`);
    for (const type of Object.keys(serverFrames)) expect(text).toContain(`### Server: ${type}\n`);
    for (const member of ["rooms[].position", "set.pin", "client.version"]) expect(text).toContain(`\`${member}\``);
  });
});
