import { reasons } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { promptFor, whyNot } from "./prompt.ts";

const refused = (reason: string, retryIn?: number) => ({ reason, retry: false, retryIn });

test("a PIN is asked for, and asked again when it was wrong", () => {
  expect(promptFor(refused("pin_required"), "tea")).toMatchObject({ kind: "pin", wrong: false });
  expect(promptFor(refused("pin_wrong"), "tea")).toMatchObject({ kind: "pin", wrong: true });
});

test("after too many wrong PINs the next attempt waits as long as the server says", () => {
  expect(promptFor(refused("too_many_guesses", 30_000), "tea")).toMatchObject({ again: true, wait: 30_000 });
});

test("a full or locked room can be tried again, a ban cannot", () => {
  expect(promptFor(refused("full"), "tea")).toMatchObject({ kind: "turned-away", again: true });
  expect(promptFor(refused("locked"), "tea")).toMatchObject({ kind: "turned-away", again: true });
  expect(promptFor(refused("banned"), "tea")).toMatchObject({ kind: "turned-away", again: false });
});

test("every reason of the protocol, and one of a newer server, ends in words", () => {
  for (const reason of [...Object.keys(reasons), "shiny_new"]) {
    const prompt = promptFor(refused(reason), "tea");
    expect(prompt.says.length).toBeGreaterThan(10);
    expect(whyNot(refused(reason)).length).toBeGreaterThan(3);
  }
});
