import { describe, expect, test } from "vitest";
import { eu, hidden, us } from "../../contract/fixtures.ts";
import { iceSourceContract } from "../../contract/ice-source.ts";
import { StaticSource } from "./static.ts";

const password = hidden("lab");

function stand(): StaticSource {
  return new StaticSource("lab", { username: "lab", password, zones: [eu] });
}

iceSourceContract("static", async () => {
  const source = stand();
  return {
    source,
    now: () => 0,
    renewal: { renew: async () => source.replace({ username: "lab", password, zones: [us] }) },
    withdrawal: { withdraw: async () => source.replace({ username: "lab", password: hidden("other"), zones: [eu] }) },
    loss: {
      lose: async () => source.replace({ username: "lab", password, zones: [] }),
      recover: async () => source.replace({ username: "lab", password, zones: [eu] }),
    },
    until: async () => {},
    round: async () => {},
    end: async () => {},
  };
});

describe("a fixed login", () => {
  test("is the same for everybody and does not end", () => {
    const held = stand().setFor();
    expect(held).toEqual({ set: { username: "lab", password: "lab", zones: [eu], stun: [] }, generation: 1 });
  });

  test("that is replaced is withdrawn, since nobody who holds it would ask again", () => {
    const source = stand();
    source.replace({ username: "lab", password: hidden("lab"), zones: [eu, us] });
    expect(source.withdrawn).toBe(0);
    source.replace({ username: "lab-2", password, zones: [eu, us] });
    expect(source.withdrawn).toBe(2);
  });
});
