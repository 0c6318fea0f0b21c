import { readdirSync, readFileSync } from "node:fs";
import { closes, reasons } from "@heliograph/protocol";
import { clientFrames, serverFrames } from "@heliograph/protocol/schema";
import { expect, test } from "vitest";
import { cases } from "./cases/mod.ts";

const page = readFileSync(new URL("../../../docs/protocol/v1.md", import.meta.url), "utf8");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const folder = new URL("./cases/", import.meta.url);
const sources = [
  ...readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8")),
  ...["client.ts", "seat.ts"].map((name) => readFileSync(new URL(name, import.meta.url), "utf8")),
].join("\n");

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test("every case points to a section that the page has", () => {
  const anchors = anchorsOf(page);
  expect(cases.filter(({ section }) => !anchors.has(section)).map(({ section }) => section)).toStrictEqual([]);
});

test("no two cases have one name", () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test("every refusal is provoked, or the README says why no client can", () => {
  const untold = Object.keys(reasons).filter(
    (reason) => !sources.includes(`"${reason}"`) && !readme.includes(`\`${reason}\``),
  );
  expect(untold).toStrictEqual([]);
});

test("every close code is provoked, or the README says why no client can", () => {
  const untold = Object.values(closes).filter(
    ({ code }) => !sources.includes(`${code}`) && !readme.includes(`${code}`),
  );
  expect(untold).toStrictEqual([]);
});

test("every frame of the client is sent, and every frame of the server expected or explained", () => {
  const said = (type: string): boolean =>
    sources.includes(`type: "${type}"`) || sources.includes(`expect("${type}"`) || readme.includes(`\`${type}\``);
  const types = [...Object.keys(clientFrames), ...Object.keys(serverFrames)];
  expect(types.filter((type) => !said(type))).toStrictEqual([]);
});
