// The sample session of the protocol page, played against two edges: every frame in it is what a server says.
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Edges } from "../kit/edges.ts";
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";

const page = readFileSync(new URL("../../docs/protocol/v1.md", import.meta.url), "utf8");
const lines = (/```session\n([\s\S]*?)```/.exec(page)?.[1] ?? "").split("\n").filter((line) => line !== "");

/** Made up in the page, and whatever the server chose here. */
const made: ReadonlySet<string> = new Set([
  "session",
  "self",
  "id",
  "by",
  "from",
  "to",
  "token",
  "node",
  "position",
  "asOf",
]);
/** Differ by configuration; that they are well formed is the schema's matter. */
const configured: ReadonlySet<string> = new Set(["limits", "ice"]);

/** Which word of the page stands for which word here, and the other way round. */
class Names {
  readonly #here = new Map<string, string>();
  readonly #there = new Map<string, string>();

  here(value: unknown): unknown {
    return mapped(value, (key, text) => (made.has(key) ? (this.#here.get(text) ?? text) : text));
  }

  /** What came, in the words of the page. A word that stands for another one already stays as it is and will differ. */
  told(came: unknown, sample: unknown, key = ""): unknown {
    if (typeof came === "string") {
      if (!made.has(key) || typeof sample !== "string") return came;
      if (!this.#here.has(sample) && !this.#there.has(came)) {
        this.#here.set(sample, came);
        this.#there.set(came, sample);
      }
      return this.#there.get(came) ?? came;
    }
    if (Array.isArray(came))
      return came.map((each, at) => this.told(each, Array.isArray(sample) ? sample[at] : undefined));
    if (typeof came !== "object" || came === null) return came;
    const beside: Readonly<Record<string, unknown>> = Object(sample);
    return Object.fromEntries(
      Object.entries(came).map(([name, each]) => [
        name,
        configured.has(name) ? beside[name] : this.told(each, beside[name], name),
      ]),
    );
  }
}

function mapped(value: unknown, word: (key: string, text: string) => string, key = ""): unknown {
  if (typeof value === "string") return word(key, value);
  if (Array.isArray(value)) return value.map((each) => mapped(each, word));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, mapped(each, word, name)]));
}

let edges: Edges;

beforeEach(() => {
  edges = new Edges();
});

afterEach(async () => {
  await edges.end();
  expect(edges.faults).toStrictEqual([]);
});

test("the sample session of the page is what two nodes say", async () => {
  const [east, west] = [await edges.start(), await edges.start()];
  const clients = new Map([
    ["ann", await PlainClient.open(east.url)],
    ["bob", await PlainClient.open(west.url)],
  ]);
  const read = new Map([...clients.keys()].map((who) => [who, 0]));
  const of = (who: string): PlainClient => {
    const client = clients.get(who);
    if (client === undefined) throw new Error(`nobody is called ${who}`);
    return client;
  };
  const names = new Names();
  for (const line of lines) {
    const [, who = "", way = "", rest = ""] = /^(\w+) ([<>#]) (.*)$/.exec(line) ?? [];
    const client = of(who);
    if (way === ">") {
      client.send(Object(names.here(JSON.parse(rest))));
    } else if (way === "<") {
      const at = read.get(who) ?? 0;
      await until(line, () => client.frames.length > at);
      read.set(who, at + 1);
      const sample: unknown = JSON.parse(rest);
      expect(names.told(client.frames[at], sample), line).toStrictEqual(sample);
    } else if (rest.startsWith("the connection is cut")) {
      // What she said had reached the log: the other one hears it.
      const heard = of("bob").frames.length;
      await until(rest, () => of("bob").frames.length > (read.get("bob") ?? heard));
      client.socket.terminate();
    } else {
      clients.set(who, await PlainClient.open(west.url));
      read.set(who, 0);
    }
  }
  expect(await of("bob").closed()).toBe(1000);
  for (const [who, client] of clients)
    expect(client.frames.slice(read.get(who)), `${who} hears no more`).toStrictEqual([]);
});
