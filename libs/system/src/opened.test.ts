import { expect, test } from "vitest";
import { Opened } from "./opened.ts";

test("what was opened last is closed first, each once, and a failure stops none of the others", async () => {
  const opened = new Opened();
  const closed: string[] = [];
  const fault = new Error("it would not close");
  opened.closeLater(async () => void closed.push("first"));
  opened.closeLater(async () => {
    closed.push("second");
    throw fault;
  });
  opened.closeLater(async () => void closed.push("third"));
  await expect(opened.close()).rejects.toBe(fault);
  expect(closed).toEqual(["third", "second", "first"]);
  await opened.close();
  expect(closed).toHaveLength(3);
});
