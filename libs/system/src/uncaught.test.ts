import { EventEmitter } from "node:events";
import type { Happening } from "@heliograph/core";
import { expect, test } from "vitest";
import { Uncaught } from "./uncaught.ts";

test("a rejection that nobody handled is told and no more; an exception ends the process; both only while it is looked at", async () => {
  const process = new EventEmitter();
  const observed: Happening[] = [];
  const uncaught = new Uncaught(process, { observe: (happening) => void observed.push(happening) });
  let broken = false;
  void uncaught.broken.then(() => {
    broken = true;
  });
  const [one, two] = [new Error("one"), new Error("two")];
  process.emit("unhandledRejection", one, Promise.resolve());
  await Promise.resolve();
  expect(observed).toEqual([{ type: "fault", where: "a promise that nobody handled", error: one }]);
  expect(broken).toBe(false);
  process.emit("uncaughtException", two, "uncaughtException");
  await Promise.resolve();
  expect(observed.at(-1)).toEqual({ type: "fault", where: "an exception that nobody caught", error: two });
  expect(broken).toBe(true);
  uncaught.close();
  expect(process.listenerCount("unhandledRejection") + process.listenerCount("uncaughtException")).toBe(0);
});
