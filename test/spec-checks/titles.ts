// Which numbered checks of a specification have tests, read from the titles in the sources of tests.

/** `[turn 17] the fetching keeper dies …`: the specification, and the number of the check that the test proves. */
const title = /(?<call>[\w.]+(?:\([^()]*\))?)\(\s*[`"']\[(?<spec>[a-z]+) (?<check>\d+)\]/g;
/** Calls under which a test does not run, or its failure counts for nothing. */
const idle = /\b(?:skip|skipIf|runIf|todo|only|fails|concurrentSkip)\b/;

export interface Finding {
  readonly path: string;
  readonly check: number;
  /** Undefined: it runs. */
  readonly idle: string | undefined;
}

/** The checks of one specification that a source has tests for. */
export function findChecks(spec: string, path: string, source: string): readonly Finding[] {
  const found: Finding[] = [];
  for (const { groups, index } of source.matchAll(title)) {
    if (groups?.["spec"] !== spec) continue;
    const call = groups["call"] ?? "";
    const around = idleAround(source, index);
    const why = idle.test(call) ? call : around;
    found.push({ path, check: Number(groups["check"]), idle: why });
  }
  return found;
}

/** A group that is skipped takes its tests with it: the nearest one that is still open where the test begins. */
function idleAround(source: string, index: number): string | undefined {
  const before = source.slice(0, index);
  for (const match of before.matchAll(/\b(describe(?:\.\w+)+)\b/g)) {
    const call = match[1] ?? "";
    if (!idle.test(call)) continue;
    const inside = before.slice(match.index);
    const open = inside.split("{").length - inside.split("}").length;
    if (open > 0) return call;
  }
  return undefined;
}

/** What is wrong with the tests of a specification whose checks are numbered from 1 to `last`; empty: nothing. */
export function whatLacks(last: number, findings: readonly Finding[]): readonly string[] {
  const wrong: string[] = [];
  for (let check = 1; check <= last; check += 1) {
    const here = findings.filter((finding) => finding.check === check);
    if (here.length === 0) wrong.push(`check ${check} has no test`);
    for (const { path, idle: call } of here) {
      if (call !== undefined) wrong.push(`check ${check} in ${path} does not run: ${call}`);
    }
  }
  for (const { path, check } of findings)
    if (check < 1 || check > last) wrong.push(`check ${check} in ${path} is none`);
  return wrong;
}
