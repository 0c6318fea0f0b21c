// @ts-check
// A vitest reporter that closes a run with one line: N passed, N failed, N skipped.
import { writeFileSync } from "node:fs";

/** Counts tests; a file that could not be loaded and an error outside every test count as failures. */
export default class TallyReporter {
  /**
   * @param {ReadonlyArray<import("vitest/node").TestModule>} modules
   * @param {ReadonlyArray<unknown>} strays errors that no test owns
   */
  onTestRunEnd(modules, strays) {
    const tally = { passed: 0, failed: strays.length, skipped: 0 };
    for (const module of modules) {
      tally.failed += module.errors().length;
      // A beforeAll that throws marks its tests as skipped: the suite's error is what must be counted.
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "pending") tally.failed += 1;
        else tally[state] += 1;
      }
    }
    const file = process.env["HELIOGRAPH_TALLY"];
    // verify adds its own steps and prints the line last; alone, it is ours to print.
    if (file !== undefined) writeFileSync(file, JSON.stringify(tally));
    else process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped\n`);
  }
}
