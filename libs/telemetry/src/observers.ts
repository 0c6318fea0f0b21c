// Several observers as one: each hears everything.
import type { Happening, Observer } from "@heliograph/core";

export class Observers implements Observer {
  readonly #each: readonly Observer[];

  constructor(each: readonly Observer[]) {
    this.#each = each;
  }

  observe(happening: Happening): void {
    for (const observer of this.#each) observer.observe(happening);
  }
}
