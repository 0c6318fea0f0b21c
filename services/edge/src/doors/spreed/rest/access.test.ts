import { mkdtemp, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { jsonOf } from "../../../../contract/paper-request.ts";
import { PaperRest } from "../../../../contract/spreed-rest.ts";
import { AccessCodes } from "./access-codes.ts";

let folder = "";
let file = "";
let faults: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "codes-"));
  file = join(folder, "codes.csv");
  faults = [];
});
afterEach(() => rm(folder, { recursive: true }));

const served = () => new PaperRest(undefined, { accessCodes: new AccessCodes(file, (error) => faults.push(error)) });
const form = (body: string | Uint8Array) => ({
  method: "POST",
  path: "/api/v1/tokens",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body,
});
const said = (code: string) => form(`a=${encodeURIComponent(code)}`);

test("[spreed 65] a known code is good in any case, an unknown one is refused, and one over 100 characters is too large", async () => {
  await writeFile(file, "Tea-4711:for Ann\n");
  const rest = served();
  for (const code of ["Tea-4711", "tea-4711", "TEA-4711"]) {
    const answer = await rest.ask(said(code));
    expect([answer.status, jsonOf(answer)]).toEqual([200, { token: "tea-4711", success: true }]);
  }
  for (const code of ["tea", "tea-4711:for Ann", "", "x".repeat(100)]) {
    const answer = await rest.ask(said(code));
    expect([answer.status, jsonOf(answer)["code"], jsonOf(answer)["success"]]).toEqual([403, "invalid_token", false]);
  }
  for (const length of [101, 100_000]) {
    const answer = await rest.ask(said("x".repeat(length)));
    expect([answer.status, jsonOf(answer)["code"]]).toEqual([413, "auth_too_large"]);
  }
});

test("the first field of a line is a code; comments, empty lines and empty fields are none", async () => {
  await writeFile(file, '# who:may\r\none:x\r\n\r\n:two\n  three  \n"fo""ur:x":y\nfive');
  const rest = served();
  const statuses = new Map<string, number>();
  for (const code of ["one", "three", 'fo"ur:x', "five", "two", "# who", "x", "y"]) {
    statuses.set(code, (await rest.ask(said(code))).status);
  }
  expect([...statuses.values()]).toEqual([200, 200, 200, 200, 403, 403, 403, 403]);
});

test("the file is read again when it has changed, also when another of its age was put in its place", async () => {
  await writeFile(file, "old1\n");
  await utimes(file, 1_000, 1_000);
  const rest = served();
  expect((await rest.ask(said("old1"))).status).toBe(200);
  const next = join(folder, "next");
  await writeFile(next, "new1\n");
  await utimes(next, 1_000, 1_000);
  await rename(next, file);
  expect((await rest.ask(said("old1"))).status).toBe(403);
  expect((await rest.ask(said("new1"))).status).toBe(200);
});

test("codes serve on while the file cannot be read, which is told once", async () => {
  await writeFile(file, "one\n");
  const rest = served();
  expect((await rest.ask(said("one"))).status).toBe(200);
  await rm(file);
  expect((await rest.ask(said("one"))).status).toBe(200);
  expect((await rest.ask(said("one"))).status).toBe(200);
  expect(faults).toHaveLength(1);
  await writeFile(file, "two\n");
  expect((await rest.ask(said("one"))).status).toBe(403);
});

test("without a file no code is right", async () => {
  const answer = await new PaperRest(undefined).ask(said("one"));
  expect([answer.status, jsonOf(answer)["code"]]).toEqual([403, "invalid_token"]);
});

test.for(["a=%", "a=%ff", "a=%zz"])("the form %s cannot be read", async (body) => {
  const answer = await new PaperRest(undefined).ask(form(body));
  expect([answer.status, answer.body.length]).toEqual([400, 0]);
});

test("whatever stands in a form, the answer is one of four", async () => {
  await writeFile(file, "one\n");
  const rest = served();
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string().map((text) => Buffer.from(`a=${text}`)),
      ),
      async (body) => {
        expect([400, 403, 413]).toContain((await rest.ask(form(body))).status);
      },
    ),
    { numRuns: 200 },
  );
  expect(rest.faults).toEqual([]);
});
