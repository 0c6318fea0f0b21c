// Asks axe what is wrong with a page for people who do not see it, point at it or tell its colours apart.
import type { AxeResults } from "axe-core";
import axe from "axe-core";
import { expect } from "vitest";
import type { Visitor } from "./visitor.ts";

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

export async function expectNoViolations({ page }: Visitor, where: string): Promise<void> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  // Half-faded colours are nobody's contrast.
  await page.evaluate(() => {
    for (const animation of document.getAnimations())
      if (animation.effect?.getTiming().iterations === 1) animation.finish();
  });
  const results: AxeResults = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  const wrong = results.violations.map(({ id, help, nodes }) => {
    return `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary ?? ""}`).join("\n")}`;
  });
  expect(wrong, `axe finds nothing wrong with ${where}`).toStrictEqual([]);
}
