import { expect, test } from "vitest";
import { Child } from "./child.ts";

const node = process.execPath;

test("a child is heard, signalled by its own id, and its end is told", async () => {
  const child = new Child({ program: node, args: ["-e", 'console.log("up"); setInterval(() => {}, 1000)'] });
  expect((await child.said(/u(p)/))[1]).toBe("p");
  expect(child.running).toBe(true);
  expect(await child.end("SIGTERM")).toStrictEqual({ code: null, signal: "SIGTERM" });
  expect(child.running).toBe(false);
});

test("a paused child hears SIGTERM once it was told to end", async () => {
  const child = new Child({ program: node, args: ["-e", 'console.log("up"); setInterval(() => {}, 1000)'] });
  await child.said(/up/);
  child.signal("SIGSTOP");
  expect(await child.end("SIGTERM")).toStrictEqual({ code: null, signal: "SIGTERM" });
});

test("what never said the words tells its last words instead", async () => {
  const child = new Child({ program: node, args: ["-e", 'console.error("no luck"); process.exit(3)'] });
  await expect(child.said(/ready/)).rejects.toThrow(/no luck/);
  expect(await child.ended).toStrictEqual({ code: 3, signal: null });
});

test("a program that is not there ends, and says why", async () => {
  const child = new Child({ program: "/nowhere/at-all", args: [] });
  await child.ended;
  expect(child.output).toMatch(/nowhere/);
});

test("variables are added to our own environment, and taken out of it", async () => {
  process.env["HELIOGRAPH_TRIED"] = "ours";
  const args = ["-e", 'console.log(process.env.HELIOGRAPH_TRIED ?? "none", process.env.ADDED)'];
  const env = { HELIOGRAPH_TRIED: undefined, ADDED: "yes" };
  const child = new Child({ program: node, args, env });
  delete process.env["HELIOGRAPH_TRIED"];
  await child.said(/none yes/);
});
