import { inspect } from "node:util";
import type { Happening, IceChange } from "@heliograph/core";
import { describe, expect, test, vi } from "vitest";
import { eu, hidden, iceSet, issuerSettings, us } from "../contract/fixtures.ts";
import { iceAsker } from "../contract/ice-source.ts";
import { HandClock, signing } from "../contract/issuer-stage.ts";
import { ProbedZones } from "../contract/probed-zones.ts";
import { ScriptedSource } from "../contract/scripted-source.ts";
import { answerDraftApi } from "./draft-api.ts";
import { IceIssuer } from "./issuer.ts";
import { SecretSource } from "./providers/secret.ts";
import { StaticSource } from "./providers/static.ts";

const shared = "shared-secret-that-coturn-knows-too-1234567";
const next = "next-secret-that-coturn-knows-too-1234567890";
const tags = "key-that-hides-the-names-of-users";
const lab = "password-of-the-laboratory-1234";
const foreign = "password-that-a-service-gave-1234";
const sfuKey = "key-that-an-sfu-shows-1234";
const wrongKey = "key-that-nobody-may-have-1234";

/** The ways in which a text may stand in a log. */
function disguises(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const inside = [0, 1, 2].map((skip) => bytes.subarray(skip).toString("base64").slice(2, -3));
  const hex = bytes.toString("hex");
  const listed = JSON.stringify([...bytes]).slice(1, -1);
  return [
    text,
    encodeURIComponent(text),
    hex,
    hex.replace(/..(?=.)/g, "$& "),
    listed,
    listed.replaceAll(",", ", "),
    ...inside,
  ];
}

/** Everything that a careless line of code could make of a value. */
function shown(value: unknown): string {
  const plain = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    getters: true,
    maxArrayLength: null,
  });
  const own = typeof value === "object" && value !== null ? Object.entries(value).flat(9).map(String).join() : "";
  return [plain, JSON.stringify(value) ?? "", String(value), own, inspect(new Error("why", { cause: value }))].join(
    "\n",
  );
}

test("[turn 36] nothing that issuer and sources say, hold or answer, but the grants themselves, has a secret in it", () => {
  const printed: string[] = [];
  const keep = (...values: readonly unknown[]): boolean => {
    printed.push(values.map(shown).join());
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => keep(text)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => keep(text)),
    vi.spyOn(process, "emitWarning").mockImplementation(keep),
    ...(["debug", "log", "info", "warn", "error", "trace"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(keep),
    ),
  ];
  const happened: Happening[] = [];
  const told: IceChange[] = [];
  const credentials = new Set<string>();
  const users = ["ann@example.org", "mallory@example.org"];
  try {
    const clock = new HandClock();
    const settings = signing({ secrets: [hidden(shared)], tagKey: hidden(new TextEncoder().encode(tags)) });
    const own = new SecretSource("own", settings, clock);
    const fixed = new StaticSource("lab", { username: "lab", password: hidden(lab), zones: [eu, us] });
    const service = new ScriptedSource("svc", clock);
    const parts = {
      clock,
      health: new ProbedZones(),
      observer: { observe: (one: Happening) => void happened.push(one) },
    };
    const issuer = new IceIssuer({ ...parts, sources: [own, fixed, service], settings: issuerSettings() });
    issuer.onChange((change) => told.push(change));

    const round = () => {
      for (const user of [undefined, ...users]) {
        for (const wish of ["auto", "geo", "priority", { zone: "us" }, { zone: "mars" }] as const) {
          const { grant } = issuer.grant(iceAsker(1, user), wish, "request");
          for (const { credential } of grant.iceServers) if (credential !== undefined) credentials.add(credential);
        }
      }
      keep(issuer, own, fixed, service, parts, settings);
    };
    round();
    own.replace({ ...settings, secrets: [hidden(next), hidden(shared)] });
    round();
    own.replace({ ...settings, secrets: [hidden(next)] });
    round();
    own.replace({ ...settings, secrets: [] });
    round();
    fixed.replace({ username: "lab", password: hidden(lab), zones: [] });
    service.serve(iceSet({ password: foreign }), 540_000);
    round();
    service.serve(iceSet({ password: `${foreign}\u0000` }), 540_000);
    round();
    clock.pass(541);
    service.fail();
    issuer.reload({ settings: issuerSettings({ anonymous: "stun", blocked: new Set(["mallory@example.org"]) }) });
    own.replace(settings);
    round();

    const draft = { source: own, keys: [hidden(sfuKey)], maxUrls: 4, health: parts.health };
    const random = { bytes: (length: number) => new Uint8Array(length) };
    for (const key of [sfuKey, wrongKey]) {
      for (const service of ["turn", "stun"]) {
        for (const source of [own, undefined]) {
          const query = new URLSearchParams({ service, key, username: "ann@example.org" });
          const { status, headers, body } = answerDraftApi(query, { ...draft, source, random });
          const text = new TextDecoder().decode(body);
          if (status === 200) credentials.add(JSON.parse(text).password);
          else keep(text);
          keep(headers, status);
        }
      }
    }
    keep(happened, told);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }

  const all = printed.join("\n");
  // The search has something to find, and finds what is there.
  expect(all).toContain("stun_only");
  expect(all).toContain("wrong key");
  expect(all).toContain("withdrawn");
  expect(credentials.size).toBeGreaterThan(5);
  for (const secret of [shared, next, tags, lab, foreign, sfuKey, wrongKey, ...credentials]) {
    for (const disguise of disguises(secret)) expect(all.includes(disguise), disguise).toBe(false);
  }
  for (const { type, ...rest } of happened)
    expect([type, JSON.stringify(rest).includes("example.org")]).toEqual(["ice_granted", false]);
});

describe("the search for secrets", () => {
  test("finds them however they were printed", () => {
    const bytes = new TextEncoder().encode(shared);
    const careless = [
      { password: shared },
      new Map([["secret", shared]]),
      new Error(`cannot sign with ${shared}`),
      { key: bytes },
      Buffer.from(shared).toString("base64"),
      Buffer.from(shared),
      `turn?key=${encodeURIComponent(shared)}`,
      {
        get secret() {
          return shared;
        },
      },
    ];
    for (const value of careless) {
      const text = shown(value);
      expect(
        disguises(shared).some((disguise) => text.includes(disguise)),
        text,
      ).toBe(true);
    }
  });
});
