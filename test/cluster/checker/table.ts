// A judgement for people: a line for each round, and below them what was wrong.
import type { Judgement, Row } from "./judge.ts";

const columns: readonly (readonly [title: string, cell: (row: Row) => string | number])[] = [
  ["round", ({ round }) => round],
  ["kind", ({ kind }) => kind],
  ["what was done", ({ struck }) => struck.join(", ")],
  ["offered", ({ offered }) => offered],
  ["a second", ({ offered, lasted }) => Math.round((1_000 * offered) / lasted)],
  ["acknowledged", ({ acknowledged, offered }) => `${acknowledged} (${((100 * acknowledged) / offered).toFixed(1)} %)`],
  ["answer ms, median/p99/most", ({ waits }) => `${waits.median}/${waits.p99}/${waits.most}`],
  ["never answered", ({ unanswered }) => unanswered],
  ["refused", ({ refused }) => refused],
  ["resumed", ({ resumed, cuts }) => `${resumed} of ${cuts}`],
  ["after ms, median/most", ({ healing }) => `${healing.median}/${healing.most}`],
  ["aways told", ({ aways }) => aways],
  ["gaps", ({ gaps }) => gaps],
  ["rooms compared", ({ compared }) => compared],
  ["wrong", ({ breaches }) => breaches.length],
];

/** Markdown, so that a report can hold it as it is. */
export function tableOf({ rows }: Judgement): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(([title]) => title)),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map(([, cell]) => cell(row)))),
  ].join("\n");
}

/** The first few of each rule, and how many there are. */
export function breachesOf({ breaches }: Judgement, each = 5): string {
  const rules = new Set(breaches.map(({ rule }) => rule));
  return [...rules]
    .map((rule) => {
      const of = breaches.filter((breach) => breach.rule === rule);
      const shown = of.slice(0, each).map(({ at, says }) => `  ${new Date(at).toISOString().slice(11, 23)} ${says}`);
      return [`${rule}: ${of.length}`, ...shown].join("\n");
    })
    .join("\n");
}
