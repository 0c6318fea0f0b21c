// One person at the demo page: joins, talks, listens, and remembers what the page's console said.
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { patience, until } from "./until.ts";

export interface Coming {
  readonly name: string;
  readonly codec?: "json" | "msgpack";
  readonly context?: BrowserContextOptions;
  /** Runs in the page before anything of it. */
  readonly before?: () => void;
}

export interface SaidLine {
  readonly name: string;
  readonly text: string;
  readonly delivery: string;
}

/** What the page's own scripts do with the browser, written down by `watchPage`. */
interface Witness {
  readonly connections: RTCPeerConnection[];
  readonly tracks: MediaStreamTrack[];
  negotiations: number;
}

declare global {
  var heliographWitness: Witness;
}

export class Visitor {
  readonly name: string;
  readonly page: Page;
  /** Everything the console said, and every error that nobody caught. */
  readonly console: string[] = [];
  /** Errors that nobody caught, and what the page's policy refused: a test expects none. */
  readonly wrongs: string[] = [];

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
    page.on("console", (message) => {
      const line = `${message.type()}: ${message.text()}`;
      this.console.push(line);
      if (/content security policy/i.test(line)) this.wrongs.push(line);
    });
    page.on("pageerror", (error) => {
      this.console.push(`uncaught: ${error.stack ?? error.message}`);
      this.wrongs.push(error.message);
    });
  }

  static async context(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
    context.setDefaultTimeout(patience);
    await context.addInitScript(watchPage);
    return context;
  }

  static async come(context: BrowserContext, url: string, { name, codec, before }: Coming): Promise<Visitor> {
    if (before !== undefined) await context.addInitScript(before);
    const visitor = new Visitor(name, await context.newPage());
    await visitor.page.goto(codec === undefined ? url : `${url}?codec=${codec}`);
    return visitor;
  }

  get controls(): Locator {
    return this.page.getByRole("region", { name: "Call controls" });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** The one that is open, by its heading. */
  dialog(title: string): Locator {
    return this.page.getByRole("dialog", { name: title });
  }

  /** Fills in the name and steps in. */
  async join(): Promise<void> {
    await this.ask();
    await this.controls.waitFor();
  }

  /** The same without expecting to be let in. */
  async ask(): Promise<void> {
    await this.page.getByLabel("Your name").fill(this.name);
    await this.button("Join the room").click();
  }

  /** Somebody else's tile. */
  tile(name: string): Locator {
    return this.page.locator(`li[data-peer][data-self=false][aria-label^="${name},"]`);
  }

  /** The connections to everyone named stand, and nobody else has a tile. */
  async connectedTo(...others: readonly Visitor[]): Promise<void> {
    for (const { name } of others) await this.tile(name).and(this.page.locator("[data-state=connected]")).waitFor();
    const tiles = this.page.locator("li[data-peer][data-self=false]");
    await until(`${this.name} sees ${others.length} others`, async () => (await tiles.count()) === others.length);
  }

  /** Frames of somebody's picture that were decoded so far. */
  frames(name: string): Promise<number> {
    return this.tile(name)
      .locator("video")
      .evaluate((video) =>
        video instanceof HTMLVideoElement ? video.getVideoPlaybackQuality().totalVideoFrames : Number.NaN,
      );
  }

  /** Somebody's picture moves. */
  async sees(other: Visitor, more = 5): Promise<void> {
    const before = await this.frames(other.name);
    await until(`${this.name} decodes frames of ${other.name}`, async () => {
      return (await this.frames(other.name)) >= before + more;
    });
  }

  async openChat(): Promise<void> {
    const log = this.page.getByRole("log", { name: "Messages" });
    if (!(await log.isVisible())) await this.button(/^Chat/).click();
    await log.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.openChat();
    const field = this.page.getByLabel("Message to everyone");
    await field.fill(text);
    await field.press("Enter");
  }

  /** The chat as it stands, oldest first. */
  async lines(): Promise<readonly SaidLine[]> {
    await this.openChat();
    return this.page
      .getByRole("log", { name: "Messages" })
      .locator("article")
      .evaluateAll((articles) =>
        articles.map((article) => ({
          name: article.querySelector("header span")?.textContent ?? "",
          text: article.querySelector("p")?.textContent ?? "",
          delivery: article instanceof HTMLElement ? (article.dataset["delivery"] ?? "") : "",
        })),
      );
  }

  async texts(): Promise<readonly string[]> {
    return (await this.lines()).map(({ text }) => text);
  }

  /** What screen readers are told in passing, and notices. */
  heard(says: string | RegExp): Locator {
    return this.page.getByRole("region", { name: "Notices" }).getByText(says);
  }

  /** How many peer connections the page has made so far, and how many of them stand. */
  connections(): Promise<{ readonly made: number; readonly open: number; readonly negotiations: number }> {
    return this.page.evaluate(() => {
      const { connections, negotiations } = globalThis.heliographWitness;
      return {
        made: connections.length,
        open: connections.filter((one) => one.connectionState === "connected").length,
        negotiations,
      };
    });
  }

  /** How many of the tracks that the page opened still run. */
  liveTracks(): Promise<number> {
    return this.page.evaluate(
      () => globalThis.heliographWitness.tracks.filter((track) => track.readyState === "live").length,
    );
  }
}

/** Runs in the page, before its own scripts: keeps what they make of connections and devices. */
function watchPage(): void {
  const witness: Witness = { connections: [], tracks: [], negotiations: 0 };
  globalThis.heliographWitness = witness;
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      witness.connections.push(this);
      this.addEventListener("negotiationneeded", () => {
        witness.negotiations += 1;
      });
    }
  };
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) return;
  for (const way of ["getUserMedia", "getDisplayMedia"] as const) {
    const open = devices[way].bind(devices);
    devices[way] = async (wish?: MediaStreamConstraints) => {
      const stream = await open(wish);
      witness.tracks.push(...stream.getTracks());
      return stream;
    };
  }
}
