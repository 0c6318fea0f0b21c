import { Value } from "typebox/value";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { writeConfig } from "../effective.ts";
import { loadConfig } from "../load.ts";
import { jsonSchema } from "./json-schema.ts";
import { example } from "./reference.ts";

/** What an editor says of the file, and what a node says of it. */
function judged(yaml: string) {
  const readFile = (path: string) => (path === "h.yaml" ? yaml : "5a".repeat(32));
  const editor = Value.Check(JSON.parse(JSON.stringify(jsonSchema())), parse(yaml) ?? {});
  return { editor, node: loadConfig({ file: "h.yaml", env: {}, readFile }).ok };
}

describe("an editor and a node agree", () => {
  const defaults = loadConfig({ env: { HELIOGRAPH_CONFIG: "h.yaml" }, readFile: () => "" });

  test.for(
    [
      ["", example, defaults.ok ? writeConfig(defaults.config) : "wrong"],
      ["listen: {port: 0}", "limits: {grace: 30000}", "drain: {lag: auto}", "ownPage: true", "origins: ['*']"],
      ["turn: {stun: []}", "turn: {zones: [{id: a, urls: ['turn:a.example'], labels: {de: A, pt-BR: A}}]}"],
      ["turn: {providers: [{type: cloudflare, id: a}, {type: turn-rest, id: b, url: 'https://t.example/c?x=y'}]}"],
    ].flat(),
  )("that this is right: %j", (yaml) => expect(judged(yaml)).toEqual({ editor: true, node: true }));

  test.for([
    "listen: {prot: 1}",
    "listen: {port: 65536}",
    "listen: {tls: {cert: c}}",
    "limits: {grace: 5x}",
    "limits: {frameBytes: 64KB}",
    "log: {level: loud}",
    "ownPage: maybe",
    "origins: ['https://a.example/path']",
    "turn: {zones: [{id: a}]}",
    "turn: {zones: [{id: a, urls: []}]}",
    "turn: {zones: [{id: a, urls: ['stun:a.example']}]}",
    "turn: {zones: [{id: a, urls: ['turn:a.example'], labels: {'d e': x}}]}",
    "turn: {providers: [{id: a}]}",
    "turn: {providers: [{type: sceret, id: a}]}",
    "turn: {providers: [{type: twilio, id: a, keyId: b}]}",
    "turn: {stun: ['stun:a.example?transport=udp']}",
    "turn: {ttl: 1}",
    "tokens: {keys: [{id: a, secret: {flie: x}}]}",
  ])("that this is wrong: %s", (yaml) => expect(judged(yaml)).toEqual({ editor: false, node: false }));
});
