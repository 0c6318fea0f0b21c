// Where the demo pages may go beside their own server.
import { expect, test } from "vitest";
import { geoServices } from "./demo-pages.ts";

const spreed = { type: "spreed", id: "remote", geoHosts: [] } as const;

test("the pages may ask the geo service of a provider that has one, on the hosts that it may name", () => {
  const url = "https://turn.example.org:8443/base";
  expect(geoServices({ providers: [{ ...spreed, url, geoHosts: ["geo.example.org"] }] })).toEqual([
    "https://turn.example.org:*",
    "https://geo.example.org:*",
  ]);
});

test("an edge that is not told where the provider is goes by the named hosts alone", () => {
  expect(geoServices({ providers: [{ ...spreed, geoHosts: ["geo.example.org"] }] })).toEqual([
    "https://geo.example.org:*",
  ]);
});

test("without such a provider the pages go nowhere", () => {
  expect(geoServices({ providers: [] })).toEqual([]);
  expect(geoServices({ providers: [{ type: "secret", id: "own", secrets: [] }] })).toEqual([]);
});

test("plain http is for a service on this machine, at its own port", () => {
  expect(geoServices({ providers: [{ ...spreed, url: "http://127.0.0.1:8081" }] })).toEqual([
    "http://127.0.0.1:8081",
    "https://127.0.0.1:*",
  ]);
});
