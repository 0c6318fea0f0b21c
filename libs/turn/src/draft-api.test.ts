import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { eu, hidden } from "../contract/fixtures.ts";
import { HandClock, secretA, signing } from "../contract/issuer-stage.ts";
import { ProbedZones, unprobed } from "../contract/probed-zones.ts";
import type { DraftApiParts } from "./draft-api.ts";
import { answerDraftApi } from "./draft-api.ts";
import { SecretSource } from "./providers/secret.ts";

const key = "janus-9f41c07be2a84d13";

function stand(more: Partial<DraftApiParts> = {}) {
  const clock = new HandClock();
  const source = new SecretSource("own", signing(), clock);
  let drawn = 0;
  const random = {
    bytes: (length: number) => {
      drawn += 1;
      return new Uint8Array(length).fill(drawn);
    },
  };
  const ask = (query: string) => {
    const parts = {
      keys: [hidden(key), hidden("another-key-of-an-sfu")],
      source,
      maxUrls: 4,
      health: unprobed,
      random,
    };
    const { status, headers, body } = answerDraftApi(new URLSearchParams(query), { ...parts, ...more });
    return { status, headers, text: new TextDecoder().decode(body) };
  };
  return { ask, source, clock };
}

describe("logins for SFUs", () => {
  test("[turn 49] the right key: four fields, a login that coturn takes, and nobody may keep it", () => {
    const { status, headers, text } = stand().ask(`service=turn&key=${key}`);
    expect([status, headers]).toEqual([200, { "content-type": "application/json", "cache-control": "no-store" }]);
    const answer = JSON.parse(text);
    expect(Object.keys(answer)).toEqual(["username", "password", "ttl", "uris"]);
    expect(answer.username).toMatch(/^1790003600:[A-Za-z0-9_-]{22}$/);
    expect(answer.password).toBe(createHmac("sha1", secretA.reveal()).update(answer.username).digest("base64"));
    expect([answer.ttl, answer.uris]).toEqual([3_600, eu.urls]);
  });

  test.each([
    ["", 400],
    [`key=${key}`, 400],
    [`service=stun&key=${key}`, 400],
    ["service=turn", 400],
    ["service=turn&key=", 400],
    ["service=turn&key=wrong", 403],
    [`service=turn&key=${key}x`, 403],
    [`service=turn&key=${key.slice(0, -1)}`, 403],
    [`service=turn&key=wrong&api=${key}`, 403],
    [`service=turn&api=${key}`, 200],
    ["service=turn&key=another-key-of-an-sfu", 200],
  ])("[turn 49] %j is answered with %d", (query, expected) => {
    const { status, headers, text } = stand().ask(query);
    expect(status).toBe(expected);
    expect(headers["cache-control"]).toBe("no-store");
    // Nothing that was asked is repeated.
    if (status !== 200) expect(text).not.toMatch(/janus|wrong=|x$/);
  });

  test("[turn 49] without TURN it is not found, after the key was checked", () => {
    const { ask } = stand({ source: undefined });
    expect(ask(`service=turn&key=${key}`).status).toBe(404);
    expect(ask("service=turn&key=wrong").status).toBe(403);
    expect(ask("service=turn").status).toBe(400);
  });

  test("without a key that opens, nobody is let in", () => {
    expect(stand({ keys: [] }).ask("service=turn&key=x").status).toBe(403);
  });

  test("while nothing signs it says that there is none now", () => {
    const { ask, source } = stand();
    source.replace(signing({ secrets: [] }));
    expect(ask(`service=turn&key=${key}`).status).toBe(503);
    source.replace(signing({ zones: [] }));
    expect(ask(`service=turn&key=${key}`).status).toBe(503);
    source.replace(signing());
    expect(ask(`service=turn&key=${key}`).status).toBe(200);
  });

  test("a name has one tag, which does not show it; without a name each answer has its own", () => {
    const { ask } = stand();
    const tag = (more: string) => JSON.parse(ask(`service=turn&key=${key}${more}`).text).username.split(":")[1];
    expect(tag("&username=sfu-1")).toBe(tag("&username=sfu-1"));
    expect(tag("&username=sfu-1")).not.toBe(tag("&username=sfu-2"));
    expect(tag("&username=sfu-1")).toMatch(/^[\w-]{22}$/);
    expect(tag("&username=%3A%00%C3%A9")).toMatch(/^[\w-]{22}$/);
    expect(tag("")).not.toBe(tag(""));
    expect(tag("")).toMatch(/^[\w-]{22}$/);
  });

  test("stand in the node's region, and not in a zone that fails", () => {
    const urisOf = (more: Partial<DraftApiParts>) => JSON.parse(stand(more).ask(`service=turn&key=${key}`).text).uris;
    expect(urisOf({ region: "us-east" })[0]).toContain("us.turn");
    const health = new ProbedZones();
    for (let i = 0; i < 3; i += 1) health.note("own", "eu", false);
    expect(urisOf({ health })[0]).toContain("us.turn");
  });
});
