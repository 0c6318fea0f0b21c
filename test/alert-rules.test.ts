// Alerts go by metrics that exist, with labels that they have, and each has a page that says what to do.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { metrics } from "@heliograph/telemetry";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const file = fileURLToPath(new URL("../deploy/alerts/turn.rules.yaml", import.meta.url));
const page = readFileSync(new URL("../docs/operations/turn.md", import.meta.url), "utf8");

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rules: readonly Rule[] = parse(readFileSync(file, "utf8")).groups.flatMap(
  (group: { readonly rules: readonly Rule[] }) => group.rules,
);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = new Set(rules.flatMap(({ record }) => record ?? []));

/** Each metric of an expression, with the labels that it is asked for. */
function asked(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\bsig[_:][a-z0-9_:]+(\{[^}]*\})?/g)].map(([whole, matchers = ""]) => ({
    name: whole.slice(0, whole.length - matchers.length),
    labels: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
  }));
}

/** A histogram is asked for by its parts. */
function metricOf(name: string) {
  const bare = name.replace(/_(bucket|count|sum)$/, "");
  return Object.entries(metrics).find(([each, { kind }]) => each === name || (each === bare && kind === "histogram"));
}

describe("the rules", () => {
  test("are those that the contract names, as far as our own processes know", () => {
    expect(alerts.map(({ alert }) => alert)).toEqual([
      "TurnStunOnly",
      "TurnSetEndsSoon",
      "TurnProviderRefuses",
      "TurnNodesDisagree",
      "TurnFetchStorm",
      "TurnZoneDown",
      "TurnProbeDown",
      "TurnProbe401",
      "TurnGuardOpen",
      "TurnQuota",
      "TurnClientQuota",
      "TurnClient401",
      "TurnRelayShare",
      "TurnSecretOld",
      "TurnRotationUnfinished",
      "TurnAccountEnds",
    ]);
  });

  test.for(rules.map((rule) => [rule.alert ?? rule.record ?? "", rule] as const))(
    "%s asks for metrics that there are, by labels that they have",
    ([, { expr }]) => {
      expect(asked(expr).length).toBeGreaterThan(0);
      for (const { name, labels } of asked(expr)) {
        if (recorded.has(name)) continue;
        const metric = metricOf(name);
        expect(metric, name).toBeDefined();
        for (const label of labels) expect(metric?.[1].labels, `${name} by ${label}`).toContain(label);
      }
    },
  );

  test.for(alerts.map((rule) => [rule.alert ?? "", rule] as const))(
    "%s says how bad it is, in a sentence, and where it is told what to do",
    ([name, rule]) => {
      expect(
        Object.keys(rule).filter((each) => !["alert", "expr", "for", "labels", "annotations"].includes(each)),
      ).toEqual([]);
      expect(["page", "ticket"]).toContain(rule.labels?.["severity"]);
      expect(rule.for ?? "0s").toMatch(/^\d+[smhd]$/);
      expect(rule.annotations?.["summary"]?.length).toBeGreaterThan(20);
      expect(rule.annotations?.["runbook"]).toBe(`docs/operations/turn.md#${name.toLowerCase()}`);
      expect(page.split("\n")).toContain(`### ${name}`);
    },
  );

  test("balance what they open", () => {
    for (const { expr } of rules) {
      const open: string[] = [];
      for (const letter of expr.replaceAll(/"[^"]*"/g, "")) {
        if ("([{".includes(letter)) open.push(letter);
        if (")]}".includes(letter)) expect("([{".indexOf(open.pop() ?? " "), expr).toBe(")]}".indexOf(letter));
      }
      expect(open, expr).toEqual([]);
    }
  });

  const promtool = spawnSync("promtool", ["--version"]).status === 0;

  // Few machines have it; where it is there, it is the better judge.
  test.skipIf(!promtool)("are rules to promtool, where that is installed", () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  });
});
