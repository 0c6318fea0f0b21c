import { describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import { writeMistake } from "./mistake.ts";
import type { Program } from "./relations.ts";
import { reloadable } from "./reload.ts";

const hex = "5a".repeat(32);
const keys = `tokens: {keys: [{id: a, secret: ${hex}}]}\n`;

function load(yaml: string, program?: Program) {
  return loadConfig({
    file: "h.yaml",
    env: {},
    program,
    readFile: (path) => (path === "h.yaml" ? yaml : `${hex}\n`),
  });
}

function mistakesIn(yaml: string, program?: Program): readonly string[] {
  const result = load(yaml, program);
  return result.ok ? [] : result.mistakes.map(writeMistake);
}

function configOf(yaml: string) {
  const result = load(yaml);
  if (!result.ok) throw new Error(result.mistakes.map(writeMistake).join("\n"));
  return result.config;
}

describe("the Spreed door", () => {
  test("is open where nothing is said, to everybody, without users", () => {
    expect(configOf("").spreed).toMatchObject({
      enabled: true,
      path: "/spreed/",
      defaultRoomEnabled: true,
      caseSensitiveRooms: false,
      users: { enabled: false, mode: "sharedsecret" },
      roomTypes: { patterns: [], names: [] },
      stats: false,
      lastingSecrets: [],
    });
  });

  test.for([
    ["{roomTypes: {patterns: [{pattern: '(', type: Conference}]}}", "spreed.roomTypes.patterns.0.pattern"],
    ["{publicRooms: '['}", "spreed.publicRooms"],
    ["{roomTypes: {names: [{name: foo, type: Hall}]}}", "spreed.roomTypes.names"],
    ["{authorizeRoomJoin: true}", "spreed.authorizeRoomJoin"],
    ["{authorizeRoomCreation: true}", "spreed.authorizeRoomCreation"],
    ["{users: {enabled: true}}", "spreed.users.enabled"],
    ["{path: /v1/}", "spreed.path"],
    ["{path: /}", "spreed.path"],
    ["{realm: A}", "spreed.realm"],
  ])("%s is a mistake, told where it stands", ([section, path]) => {
    const [mistake, ...others] = mistakesIn(`spreed: ${section}`);
    expect(mistake).toContain(path);
    expect(others).toEqual([]);
  });

  test("an edge with users needs the lasting secret that all edges share, and a standalone draws one", () => {
    const users = `spreed: {users: {enabled: true, secret: tea}}\n`;
    expect(mistakesIn(keys + users, "edge")).toEqual([expect.stringContaining("spreed.lastingSecrets")]);
    expect(mistakesIn(users, "standalone")).toEqual([]);
    const whole = `spreed: {users: {enabled: true, secret: tea}, lastingSecrets: [${hex}]}\n`;
    expect(mistakesIn(keys + whole, "edge")).toEqual([]);
  });

  test("types of rooms are taken over by a reload, what tells rooms apart is not", () => {
    const after = configOf("spreed: {roomTypes: {names: [{name: foo, type: Conference}]}, caseSensitiveRooms: true}");
    expect(reloadable(configOf(""), after)).toEqual({
      changed: ["spreed.roomTypes.names"],
      needRestart: ["spreed.caseSensitiveRooms"],
    });
  });
});
