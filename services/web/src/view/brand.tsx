// The name of the thing, with its mark; leads to the front page.
import type { VNode } from "preact";
import { Mark } from "./icons.tsx";
import { usePage } from "./page.ts";

export function Brand(): VNode {
  const { base } = usePage();
  return (
    <a class="brand" href={base}>
      <Mark />
      <span>Heliograph</span>
    </a>
  );
}

/** In the call, where a link would end it. */
export function Sign(): VNode {
  return (
    <span class="brand">
      <Mark />
      <span class="wide-only">Heliograph</span>
    </span>
  );
}
