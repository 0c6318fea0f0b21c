// A test with people at pages in it: whatever fails says where everybody's picture lies and what their consoles said.
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Coming } from "./visitor.ts";
import { Visitor } from "./visitor.ts";

/** Below the runner's own limit, which would end a test without a word about its pages. */
const longest = 55_000;

export class Scene {
  readonly visitors: Visitor[] = [];
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #endings: (() => Promise<void> | void)[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Somebody opens the page in a browser profile of their own. */
  async visitor(url: string, coming: Coming): Promise<Visitor> {
    return this.another(await this.context(coming), url, coming);
  }

  async context(coming: Pick<Coming, "context"> = {}): Promise<BrowserContext> {
    const context = await Visitor.context(this.#browser, coming.context);
    this.#contexts.push(context);
    return context;
  }

  /** A further tab in the same profile. */
  async another(context: BrowserContext, url: string, coming: Coming): Promise<Visitor> {
    const visitor = await Visitor.come(context, url, coming);
    this.visitors.push(visitor);
    return visitor;
  }

  /** A tab that the page itself opened. */
  popup(name: string, page: Page): Visitor {
    const visitor = new Visitor(name, page);
    this.visitors.push(visitor);
    return visitor;
  }

  /** Runs at the end, the last one first. */
  after(ending: () => Promise<void> | void): void {
    this.#endings.unshift(ending);
  }

  async evidence(of: string): Promise<string> {
    const folder = join(tmpdir(), "heliograph-browser");
    mkdirSync(folder, { recursive: true });
    const slug = of.replace(/\W+/g, "-").slice(0, 60);
    const told = await Promise.all(
      this.visitors.map(async ({ name, page, console }) => {
        const path = join(folder, `${slug}-${name}.png`);
        const shown = await page.screenshot({ path, timeout: 5_000 }).then(
          () => path,
          (error: unknown) => `no picture: ${error}`,
        );
        const ties = await page.evaluate(connectionsOfPage).catch((error: unknown) => [`no answer: ${error}`]);
        const lines = [...ties, ...console.slice(-30)].map((line) => `    ${line}`);
        return `${name} at ${page.url()}: ${shown}\n${lines.join("\n")}`;
      }),
    );
    return told.join("\n");
  }

  async end(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    for (const ending of this.#endings) await ending();
  }
}

/** Runs in the page. */
function connectionsOfPage(): string[] {
  return globalThis.heliographWitness.connections.map((each) => {
    const { connectionState, iceConnectionState, iceGatheringState, signalingState } = each;
    const states = [connectionState, `ice ${iceConnectionState}`, `gathering ${iceGatheringState}`, signalingState];
    return `connection: ${states.join(", ")}`;
  });
}

/** @param browser asked for when the test runs, since a hook opens it */
export function scene(name: string, browser: () => Browser, play: (scene: Scene) => Promise<void>): void {
  test(name, async () => {
    const played = new Scene(browser());
    let late: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error(`The scene took longer than ${longest} ms.`)), longest);
    });
    try {
      await Promise.race([play(played), tooLate]);
      expect(played.visitors.flatMap(({ wrongs }) => wrongs)).toStrictEqual([]);
    } catch (error) {
      if (error instanceof Error) error.message += `\n${await played.evidence(name)}`;
      throw error;
    } finally {
      clearTimeout(late);
      await played.end();
    }
  });
}
