import { readFileSync } from "node:fs";
import { createNativeDialect } from "@heliograph/dialects/native";
import { parsePosition } from "@heliograph/protocol";
import { fill, jsonSchema, tables } from "@heliograph/protocol/page";
import { checkServerFrame } from "@heliograph/protocol/validators";
import { describe, expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../docs/protocol/${name}`, import.meta.url), "utf8");
const remedy = "run `npm run docs:protocol`";
const page = read("v1.md");

describe("the protocol page is the schema", () => {
  test("its tables say what the schema says", () => {
    const renewed = fill(page, tables());
    expect(renewed.homeless).toEqual([]);
    expect(page, remedy).toBe(renewed.page);
  });

  test("the JSON Schema file is the schema's own", () => {
    expect(JSON.parse(read("v1.schema.json")), remedy).toEqual(jsonSchema());
  });

  test("every reference in the JSON Schema file leads to a definition", () => {
    const { $defs } = JSON.parse(read("v1.schema.json"));
    const references = [...read("v1.schema.json").matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name);
    expect(references.length).toBeGreaterThan(50);
    for (const name of references) expect(Object.keys($defs)).toContain(name);
  });

  test("every link inside the page leads to a heading", () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
      (heading ?? "")
        .toLowerCase()
        .replaceAll(/[^\w\s-]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(new Set(anchors).size, "two headings share an anchor").toBe(anchors.length);
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor);
  });
});

interface Line {
  readonly who: string;
  readonly way: ">" | "<";
  readonly frame: Readonly<Record<string, unknown>>;
}

const session = /```session\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
const lines: readonly Line[] = session
  .split("\n")
  .filter((line) => line !== "" && !/^\w+ #/.test(line))
  .map((line) => {
    const [, who = "", way = "", json = ""] = /^(\w+) ([<>]) (.*)$/.exec(line) ?? [];
    return { who, way: way === ">" ? ">" : "<", frame: JSON.parse(json) };
  });

describe("the sample session", () => {
  const native = createNativeDialect({ bodyBytes: 49_152, roomsPerSession: 32 });

  test("has two clients, a cut and a resume", () => {
    expect(new Set(lines.map(({ who }) => who))).toEqual(new Set(["ann", "bob"]));
    expect(lines.map(({ frame }) => frame["type"])).toEqual(expect.arrayContaining(["hello", "resume", "resumed"]));
  });

  test.for(lines.map((line, index): [number, Line] => [index + 1, line]))(
    "frame %i is a frame of the protocol",
    ([, line]) => {
      const outcome =
        line.way === "<"
          ? checkServerFrame(line.frame)
          : native.read({ value: line.frame, codec: "json", slice: () => new TextEncoder().encode("{}") });
      expect(outcome).toMatchObject({ ok: true });
    },
  );

  test("brings each client its positions in the order of the log", () => {
    for (const who of ["ann", "bob"]) {
      const places = lines
        .filter((line) => line.who === who && line.way === "<" && line.frame["position"] !== undefined)
        .map(({ frame }) => parsePosition(frame["position"]));
      const seqs = places.map((place) => (place.ok ? place.value.seq : Number.NaN));
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    }
  });

  test("counts the commands of each client in the room from 1 without holes", () => {
    for (const who of ["ann", "bob"]) {
      const counted = lines
        .filter(({ way, frame }) => way === ">" && "room" in frame && "n" in frame && frame["type"] !== "join")
        .filter((line) => line.who === who);
      expect(counted.map(({ frame }) => frame["n"])).toEqual(counted.map((_, index) => index + 1));
    }
  });

  test("gives every position of the log to both clients, but for what Ann is not told of herself", () => {
    const heard = (who: string) => lines.filter((line) => line.who === who && line.way === "<");
    const positions = (heardBy: readonly Line[]) => new Set(heardBy.map(({ frame }) => frame["position"]));
    const ann = positions(heard("ann"));
    // Ann was there before Bob, and a signal or broadcast is an ack to its sender: so all of Bob's are Ann's.
    const others = heard("bob").filter(({ frame }) => frame["change"] !== "away");
    for (const position of positions(others)) expect(ann, String(position)).toContain(position);
  });

  test("tells nobody of its own coming and going", () => {
    const self = (who: string) =>
      lines.find((line) => line.who === who && line.frame["type"] === "joined")?.frame["self"];
    for (const { who, frame } of lines.filter(({ frame }) => frame["type"] === "member")) {
      // A member stands there whole, or, where it left, by its id.
      const whom = JSON.stringify(frame["member"] ?? { id: frame["id"] });
      expect(whom).not.toContain(`"id":"${self(who)}"`);
    }
  });
});
