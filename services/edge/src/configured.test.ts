import { loadConfig } from "@heliograph/config";
import { SeededRandom } from "@heliograph/core/memory";
import { describe, expect, test } from "vitest";
import { admissionOf, edgeOptionsOf, startKey, tokenRingOf } from "./configured.ts";

const configured = (yaml: string) => {
  const loaded = loadConfig({ file: "h.yaml", env: {}, readFile: () => yaml });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.mistakes));
  return loaded.config;
};
const random = new SeededRandom(3);
const key = (id: string, byte: string) => `{id: ${id}, secret: ${byte.repeat(32)}}`;

test("a listener is where the configuration says, below its base path", () => {
  const options = edgeOptionsOf(
    configured(
      "listen: {host: '::1', port: 1, basePath: /calls/}\nnative: {path: /socket, realm: blue}\ntrustForwarded: 2",
    ),
    undefined,
  );
  expect(options).toMatchObject({
    host: "::1",
    port: 1,
    basePath: "/calls/",
    socketPath: "/socket",
    realm: "blue",
    trustForwarded: 2,
    tls: undefined,
    site: undefined,
  });
});

test("own pages are let in on this machine only, unless said otherwise", () => {
  expect(admissionOf(configured("listen: {host: 127.0.0.1}")).ownPage).toBe("loopback");
  expect(admissionOf(configured("listen: {host: 0.0.0.0}")).ownPage).toBe(false);
  expect(admissionOf(configured("listen: {host: 0.0.0.0}\nownPage: true")).ownPage).toBe(true);
});

describe("the key ring", () => {
  const own = startKey(random);

  test("signs with the first configured key, and the process' own only verifies then", () => {
    const ring = tokenRingOf(configured(`tokens: {keys: [${key("b", "bb")}, ${key("a", "aa")}]}`), own);
    expect(ring.map(({ id }) => id)).toStrictEqual(["b", "a", own.id]);
  });

  test("without configured keys is the process' own, the same each time", () => {
    expect(tokenRingOf(configured(""), own)).toStrictEqual([own]);
  });

  test("has an own key that no other process draws, of a name that tokens can bear", () => {
    const other = startKey(random);
    expect(other.id).not.toBe(own.id);
    expect(other.secret).not.toStrictEqual(own.secret);
    for (const { id, secret } of [own, other]) {
      expect(id).toMatch(/^[\w-]{1,16}$/);
      expect(secret).toHaveLength(32);
    }
  });
});
