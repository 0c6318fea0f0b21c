// The judge finds fault: in sound journals it finds nothing, and one lie in them is enough. It shares no code with the cluster.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClientLine, ConductorLine, DigestLine, Journals, MemberState } from "./journal.ts";
import { readJournals } from "./journal.ts";
import type { Terms } from "./judge.ts";
import { judge } from "./judge.ts";
import { breachesOf, tableOf } from "./table.ts";

const terms: Terms = { rate: 0.95, gaps: "forbidden", compared: true };
const names = ["ann", "bob", "cat"] as const;
type Name = (typeof names)[number];

/** A journal that can be changed. */
interface Draft {
  readonly clients: Record<Name, ClientLine[]>;
  readonly conductor: ConductorLine[];
  readonly digests: DigestLine[];
}

const seconds = 10;
/** The second in which Cat's connection is cut. */
const cutAt = 4;

/** Ten seconds of three people who each say something every second; Cat is cut and comes back within its second. */
function sound(): Draft {
  const members: Record<string, MemberState> = { ann: "present", bob: "present", cat: "present" };
  const clients: Draft["clients"] = { ann: [], bob: [], cat: [] };
  for (const name of names) {
    clients[name].push(
      { at: 0, what: "welcome", session: name, resumed: false, node: "n1" },
      { at: 1, what: "joined", room: "tea", self: name, members },
    );
  }
  let seq = 36;
  for (let second = 1; second <= seconds; second += 1) {
    const begun = second * 1000;
    for (const author of names) {
      const at = begun + 100 * names.indexOf(author);
      const id = `${author}#${second}`;
      const to = second % 2 === 0 ? undefined : names[(names.indexOf(author) + 1) % names.length];
      seq += 1;
      const position = `${seq.toString(36)}.0.${(at + 10).toString(36)}`;
      const kind = to === undefined ? ("broadcast" as const) : ("unicast" as const);
      clients[author].push({ at, what: "sent", room: "tea", id, kind, ...(to === undefined ? {} : { to }) });
      for (const hearer of names) {
        if (hearer === author || (to !== undefined && to !== hearer)) continue;
        clients[hearer].push({ at: at + 20, what: "heard", room: "tea", id, from: author, position });
      }
      clients[author].push({ at: at + 25, what: "answered", id, outcome: "applied" });
    }
    if (second === cutAt) {
      const at = begun + 300;
      clients.cat.push({ at, what: "lost" });
      for (const [change, later] of [
        ["away", 50],
        ["back", 100],
      ] as const) {
        seq += 1;
        const position = `${seq.toString(36)}.0.${(at + later).toString(36)}`;
        for (const hearer of ["ann", "bob"] as const) {
          clients[hearer].push({ at: at + later, what: "member", room: "tea", change, member: "cat", position });
        }
      }
      clients.cat.push(
        { at: at + 90, what: "welcome", session: "cat", resumed: true, node: "n2" },
        { at: at + 110, what: "resumed", room: "tea", verdict: "complete", members },
      );
    }
  }
  const digest = (at: number, node: string, of: string): DigestLine => {
    return { at, what: "digest", node, room: "tea", seq: at, time: 1, digest: of };
  };
  return {
    clients,
    conductor: [
      { at: 4_250, what: "struck", part: "edge 1", how: "SIGKILL" },
      { at: 8_000, what: "round", round: 1, kind: "edges", from: 1_000, until: 6_000, silent: 6_500, offered: 15 },
      { at: 14_000, what: "round", round: 2, kind: "edges", from: 8_000, until: 10_999, silent: 11_300, offered: 9 },
    ],
    digests: [digest(7_000, "n1", "a"), digest(7_000, "n2", "a"), digest(12_000, "n1", "b"), digest(12_000, "n2", "b")],
  };
}

function judged(change: (draft: Draft) => void, asked: Partial<Terms> = {}) {
  const draft = sound();
  change(draft);
  const journals: Journals = {
    clients: names.map((name) => ({ name, lines: draft.clients[name] })),
    conductor: draft.conductor,
    digests: draft.digests,
  };
  return judge(journals, { ...terms, ...asked });
}

const rules = (change: (draft: Draft) => void, asked?: Partial<Terms>): string[] => [
  ...new Set(judged(change, asked).breaches.map(({ rule }) => rule)),
];

/** Where somebody heard a message. */
function hearing(lines: readonly ClientLine[], id: string): number {
  const at = lines.findIndex((line) => line.what === "heard" && line.id === id);
  if (at < 0) throw new Error(`nobody heard ${id}`);
  return at;
}

function change(lines: ClientLine[], at: number, to: (line: ClientLine) => ClientLine): void {
  const line = lines[at];
  if (line !== undefined) lines[at] = to(line);
}

describe("the judge", () => {
  test("finds nothing in sound journals, and counts what they hold", () => {
    const judgement = judged(() => undefined);
    expect(breachesOf(judgement)).toBe("");
    expect(judgement.heard).toBe(5 * 3 + 5 * 6);
    expect(judgement.rows).toMatchObject([
      { round: 1, struck: ["SIGKILL edge 1"], sent: 15, acknowledged: 15, cuts: 1, resumed: 1, aways: 2, compared: 1 },
      { round: 2, struck: [], offered: 9, acknowledged: 9, cuts: 0, resumed: 0, aways: 0, gaps: 0, compared: 1 },
    ]);
    expect(judgement.rows[0]?.healing).toStrictEqual({ median: 110, p99: 110, most: 110 });
    expect(tableOf(judgement).split("\n")).toHaveLength(4);
  });

  test.each<[string, string, (draft: Draft) => void]>([
    ["one loss", "nothing lost", ({ clients }) => void clients.bob.splice(hearing(clients.bob, "ann#6"), 1)],
    [
      "the loss of what nobody else was to hear",
      "nothing lost",
      ({ clients }) => void clients.bob.splice(hearing(clients.bob, "ann#5"), 1),
    ],
    [
      "one duplicate",
      "nothing twice",
      ({ clients: { bob } }) => {
        const at = hearing(bob, "ann#6");
        bob.splice(at, 0, ...bob.slice(at, at + 1));
      },
    ],
    [
      "one swap",
      "one order",
      ({ clients: { cat } }) => {
        const [a, b] = [hearing(cat, "ann#6"), hearing(cat, "bob#6")];
        const [one, other] = [cat[a], cat[b]];
        if (one === undefined || other === undefined) throw new Error("nothing to swap");
        cat[a] = other;
        cat[b] = one;
      },
    ],
    [
      "a swap that left the positions where they were",
      "one order",
      ({ clients: { cat } }) => {
        const [a, b] = [hearing(cat, "ann#6"), hearing(cat, "bob#6")];
        change(cat, a, (line) => ({ ...line, id: "bob#6" }) as ClientLine);
        change(cat, b, (line) => ({ ...line, id: "ann#6" }) as ClientLine);
      },
    ],
    [
      "a back that never comes",
      "away and back",
      ({ clients: { ann } }) => {
        const at = ann.findIndex((line) => line.what === "member" && line.change === "back");
        ann.splice(at, 1);
      },
    ],
    [
      "a double away",
      "away and back",
      ({ clients: { ann } }) => {
        const at = ann.findIndex((line) => line.what === "member" && line.change === "away");
        const line = ann[at];
        if (line?.what !== "member") throw new Error("nobody was away");
        ann.splice(at + 1, 0, { ...line, position: `${line.position.split(".")[0]}.1.${line.position.split(".")[2]}` });
      },
    ],
    [
      "an away that a node brings about which woke too late",
      "the woken are fenced",
      ({ conductor }) => void conductor.unshift({ at: 4_100, what: "struck", part: "edge 1", how: "SIGCONT" }),
    ],
    [
      "a back without an away, out of a replay",
      "away and back",
      ({ clients: { ann } }) => {
        const at = ann.findIndex((line) => line.what === "member" && line.change === "away");
        ann.splice(at, 1);
      },
    ],
    [
      "a member given up",
      "every session resumes",
      ({ clients: { cat } }) => void cat.push({ at: 11_000, what: "left", room: "tea", why: "lost" }),
    ],
    [
      "a session that began anew",
      "every session resumes",
      ({ clients: { cat } }) => {
        const at = cat.findIndex((line) => line.what === "welcome" && line.resumed);
        change(cat, at, (line) => ({ ...line, resumed: false, session: "cat2" }) as ClientLine);
      },
    ],
    [
      "a session that never came back",
      "every session resumes",
      ({ clients: { cat } }) => void cat.splice(cat.findIndex((line) => line.what === "resumed")),
    ],
    [
      "a client that was closed for good",
      "every session resumes",
      ({ clients: { cat } }) => void cat.push({ at: 11_000, what: "over", why: "taken over" }),
    ],
    [
      "something refused and heard all the same",
      "refused is refused",
      ({ clients: { ann } }) => {
        const at = ann.findIndex((line) => line.what === "answered" && line.id === "ann#6");
        change(ann, at, (line) => ({ ...line, outcome: "refused", reason: "full" }) as ClientLine);
      },
    ],
    [
      "something heard that was for another",
      "addressees only",
      ({ clients: { bob, cat } }) => void cat.push({ ...bob[hearing(bob, "ann#9")], at: 11_000 } as ClientLine),
    ],
    [
      "something that nobody said",
      "made up",
      ({ clients: { bob } }) =>
        void bob.push({ at: 11_000, what: "heard", room: "tea", id: "eve#1", from: "eve", position: "zz.0.zzz" }),
    ],
    [
      "answers that came too late for the round",
      "the rate holds",
      ({ clients: { ann } }) => {
        const at = ann.findIndex((line) => line.what === "answered" && line.id === "ann#9");
        change(ann, at, (line) => ({ ...line, at: 11_500 }));
      },
    ],
    [
      "hosts that differ at one place",
      "equal digests",
      ({ digests }) => void digests.push({ ...(digests[0] as DigestLine), node: "n3", digest: "other" }),
    ],
    [
      "a host that ended the round behind the others",
      "equal digests",
      ({ digests }) => void digests.push({ ...(digests[3] as DigestLine), node: "n3", seq: 11_000, digest: "before" }),
    ],
    ["a round without a comparison", "equal digests", ({ digests }) => void digests.splice(2)],
    [
      "an alarm of a node",
      "no alarm",
      ({ conductor }) => void conductor.push({ at: 5_000, what: "alarm", node: "edge 1", says: "two hosts differ" }),
    ],
    ["no round at all", "journal", ({ conductor }) => void conductor.splice(0)],
  ])("finds %s", (_what, rule, lie) => {
    expect(rules(lie)).toContain(rule);
  });

  test("takes a gap for told only where that is agreed, and only for what it covers", () => {
    const missed = (id: string) => (draft: Draft) => {
      const { bob } = draft.clients;
      const at = hearing(bob, id);
      const line = bob[at];
      if (line?.what !== "heard") throw new Error("it was heard");
      const [seq = "", , time = ""] = line.position.split(".");
      const before = (Number.parseInt(seq, 36) - 1).toString(36);
      const from = `${before}.0.${(Number.parseInt(time, 36) - 1).toString(36)}`;
      bob.splice(at, 1, { at: line.at, what: "gap", room: "tea", from, to: line.position, reason: "too_old" });
    };
    expect(rules(missed("ann#6"))).toStrictEqual(["every session resumes"]);
    expect(rules(missed("ann#6"), { gaps: "told" })).toStrictEqual([]);
    const other = (draft: Draft) => {
      missed("ann#6")(draft);
      draft.clients.bob.splice(hearing(draft.clients.bob, "cat#6"), 1);
    };
    expect(rules(other, { gaps: "told" })).toStrictEqual(["nothing lost"]);
  });

  test("lets a replay leave out an away that the view at its end makes good, and nothing else", () => {
    const backIn = (change: "away" | "back") => (draft: Draft) => {
      const { cat } = draft.clients;
      const at = cat.findIndex((line) => line.what === "resumed");
      const when = cat[at]?.at ?? 0;
      const position = `zz.0.${(when - 5).toString(36)}`;
      cat.splice(at, 0, { at: when - 5, what: "member", room: "tea", change, member: "bob", position });
      // What was said later stands behind it.
      cat.splice(at + 2, cat.length, ...cat.slice(at + 2).filter(({ what }) => what !== "heard"));
    };
    expect(rules(backIn("back"))).not.toContain("away and back");
    const twice = (draft: Draft) => {
      backIn("away")(draft);
      backIn("away")(draft);
    };
    expect(rules(twice)).toContain("away and back");
  });

  test("expects nothing of somebody who came later", () => {
    const late = (draft: Draft) => {
      const { bob } = draft.clients;
      const joined = bob.splice(1, 1)[0];
      if (joined === undefined) throw new Error("Bob joined");
      const kept = bob.filter((line) => line.what !== "heard" || line.at > 3_000);
      const at = kept.findIndex((line) => line.at > 3_000);
      bob.splice(0, bob.length, ...kept.slice(0, at), { ...joined, at: 3_000 }, ...kept.slice(at));
    };
    expect(rules(late)).not.toContain("nothing lost");
  });
});

describe("journals on disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "heliograph-journals-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const put = (file: string, lines: readonly object[]): void =>
    writeFileSync(join(folder, file), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));

  test("are read as they were written", () => {
    const { clients, conductor, digests } = sound();
    for (const name of names) put(`client-${name}.jsonl`, clients[name]);
    put("conductor.jsonl", conductor);
    put("digests.jsonl", digests);
    const journals = readJournals(folder);
    expect(journals).toStrictEqual({
      clients: names.map((name) => ({ name, lines: clients[name] })),
      conductor,
      digests,
    });
    expect(judge(journals, terms).breaches).toStrictEqual([]);
  });

  test("prove nothing when they are torn, strange or not there", () => {
    put("conductor.jsonl", []);
    put("digests.jsonl", []);
    expect(() => readJournals(folder)).toThrow(/no journal of a client/);
    writeFileSync(join(folder, "client-ann.jsonl"), '{"at":1,"what":"lost"}\n{"at":2');
    expect(() => readJournals(folder)).toThrow(/torn/);
    writeFileSync(join(folder, "client-ann.jsonl"), '{"at":1,"what":"dreamt"}\n');
    expect(() => readJournals(folder)).toThrow(/client-ann.jsonl:1 is no line/);
  });
});

test("the judge imports nothing but itself and the reading of files", () => {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const sources = readdirSync(here).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  expect(sources.length).toBeGreaterThan(5);
  for (const file of sources) {
    const text = readFileSync(join(here, file), "utf8");
    const imports = [...text.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map(([, name = ""]) => name);
    const foreign = imports.filter((name) => !/^\.\/[a-z-]+\.ts$|^node:(fs|path)$/.test(name));
    expect(foreign, file).toStrictEqual([]);
    expect(/\brequire\b|process\.|globalThis/.test(text), file).toBe(false);
  }
});
