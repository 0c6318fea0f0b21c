// The way to the memory: asks in bounded time, knows at any moment whether it can be asked, and notices what was lost.
import type { Clock, LinkState, Observer, Random, Timer } from "@heliograph/core";
import { Listeners, Unreachable } from "@heliograph/core";
import type { Client, Dial, Part } from "./client.ts";
import { Refusal } from "./client.ts";
import { meaningOf } from "./errors.ts";
import { Script } from "./script.ts";

export interface LinkPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
}

export const linkLimits = {
  /** Milliseconds until an answer counts as lost. */
  patience: 1_500,
  /** Milliseconds for one attempt to connect, with all it asks. */
  dialPatience: 4_000,
  /** Milliseconds between looks whether every server is still there, and still what it was. */
  beat: 2_000,
  /** Milliseconds before the first attempt to connect again, and the most they double to. */
  backOff: [50, 1_000],
  /** Questions under way at once; beyond, whoever asks is refused rather than queued. */
  asked: 10_000,
  /** Milliseconds that a marker of life outlives the last node that looked at it. */
  markerLife: 3_600_000,
  /** Milliseconds between two reports of the same fault. */
  quiet: 60_000,
} as const;

export class Link {
  readonly #dial: Dial;
  readonly #ports: LinkPorts;
  readonly #life = new Script("life");
  readonly #links = new Listeners<LinkState>();
  readonly #losses = new Listeners();
  /** By what was said: when it was reported last. */
  readonly #reported = new Map<string, number>();
  /** Set exactly while the link is up. */
  #client: Client | undefined;
  #closed = false;
  #asked = 0;
  #failures = 0;
  #timer: Timer | undefined;
  #looking = false;
  /** Gives up the attempt to connect that is under way. */
  #attempt: AbortController | undefined;
  /** What every server was when it was looked at last: markers by their keys. */
  #markers = new Map<string, string>();
  #connections: ReadonlySet<object> = new Set();

  constructor(dial: Dial, ports: LinkPorts) {
    this.#dial = dial;
    this.#ports = ports;
  }

  get state(): LinkState {
    return this.#client === undefined ? "down" : "up";
  }

  onLink(listener: (state: LinkState) => void): () => void {
    return this.#links.add(listener);
  }

  onLoss(listener: () => void): () => void {
    return this.#losses.add(listener);
  }

  /** Resolves once the first attempt has succeeded or failed; rejects with a refusal, and is closed then. */
  async open(): Promise<void> {
    const refusal = await this.#connect(true);
    if (refusal === undefined) {
      // Changes are core's to report, as it is told of them; that it begins so is no change.
      if (this.state === "down") this.#ports.observer.observe({ type: "link", link: "memory", state: "down" });
      return;
    }
    this.close();
    throw refusal;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#attempt?.abort();
    this.#links.clear();
    this.#losses.clear();
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  /** Rejects with `Unreachable` and nothing else, within the bound. What the step throws is a fault of ours. */
  async ask<T>(where: string, step: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#client;
    if (client === undefined) throw new Unreachable("the memory is out of reach");
    if (this.#asked >= linkLimits.asked) throw new Unreachable("the memory has too many questions to answer");
    this.#asked += 1;
    try {
      return await this.#inTime(() => step(client));
    } catch (error) {
      this.#failed(where, error, client);
      throw new Unreachable(`the memory did not do it: ${where}`, { cause: error });
    } finally {
      this.#asked -= 1;
    }
  }

  #failed(where: string, error: unknown, client: Client): void {
    if (this.#closed) return;
    const meaning = meaningOf(error);
    if (meaning === "full" || isFault(error)) this.#report(`the store: ${where}`, error);
    // One answer that is late or strange may be chance; whether the whole is gone is seen by looking.
    if (meaning !== "bug" && client === this.#client) this.#lookNow();
  }

  /** Rejects when the answer takes too long; what comes later is dropped. */
  #inTime<T>(step: () => Promise<T>, within: number = linkLimits.patience): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#ports.clock.after(within, () => reject(new Error("no answer in time")));
      const end = (): void => timer.cancel();
      Promise.resolve()
        .then(step)
        .then(resolve, reject)
        .finally(end)
        .catch(() => undefined);
    });
  }

  /** The refusal, where asking again would not help. */
  async #connect(first = false): Promise<Refusal | undefined> {
    const attempt = new AbortController();
    this.#attempt = attempt;
    try {
      const client = await this.#inTime(() => this.#dial(attempt.signal), linkLimits.dialPatience);
      if (this.#closed) {
        client.close();
        return undefined;
      }
      let ended = false;
      client.onEnd(() => {
        ended = true;
        this.#lose(client);
      });
      client.onChange(() => this.#lookNow());
      try {
        await this.#look(client);
        if (ended) throw new Error("the connection ended as soon as it was made");
      } catch (error) {
        client.close();
        throw error;
      }
      if (this.#closed) {
        client.close();
        return undefined;
      }
      this.#up(client, first);
    } catch (error) {
      attempt.abort();
      if (first && error instanceof Refusal) return error;
      if (error instanceof Refusal || isFault(error)) this.#report("the store: connecting", error);
      this.#again();
    }
    return undefined;
  }

  #up(client: Client, first: boolean): void {
    this.#failures = 0;
    this.#client = client;
    this.#next();
    if (first) return;
    this.#tell("up");
    // Whatever happened meanwhile, nobody here saw it.
    this.#lost();
  }

  #lose(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#timer?.cancel();
    client.close();
    this.#again();
    this.#tell("down");
  }

  #again(): void {
    if (this.#closed) return;
    const [first, most] = linkLimits.backOff;
    const pause = Math.min(first * 2 ** Math.min(this.#failures, 16), most);
    this.#failures += 1;
    // Nodes that lost the memory together must not come back together.
    const jittered = pause * (0.5 + this.#ports.random.fraction() / 2);
    this.#timer = this.#ports.clock.after(jittered, () => void this.#connect());
  }

  #next(): void {
    this.#timer?.cancel();
    this.#timer = this.#ports.clock.after(linkLimits.beat, () => this.#lookNow());
  }

  #lookNow(): void {
    const client = this.#client;
    if (client === undefined || this.#looking) return;
    this.#looking = true;
    this.#look(client)
      .then(
        (lost) => {
          if (client !== this.#client) return;
          if (lost) this.#lost();
          this.#next();
        },
        (error: unknown) => {
          if (isFault(error)) this.#report("the store: looking", error);
          this.#lose(client);
        },
      )
      .finally(() => {
        this.#looking = false;
      })
      .catch(() => undefined);
  }

  /** Whether a server was emptied or another took its place. Rejects when any of them cannot be asked. */
  async #look(client: Client): Promise<boolean> {
    const parts = client.parts();
    if (parts.length === 0) throw new Error("no server is known");
    const seen = await this.#inTime(() => Promise.all(parts.map((part) => this.#markerOf(client, part))));
    const connections = new Set(parts.map(({ connection }) => connection));
    const changed = parts.some(({ connection }) => !this.#connections.has(connection));
    const emptied = parts.some(({ lifeKey }, i) => (this.#markers.get(lifeKey) ?? seen[i]) !== seen[i]);
    this.#connections = connections;
    this.#markers = new Map(parts.map(({ lifeKey }, i) => [lifeKey, seen[i] ?? ""]));
    return changed || emptied;
  }

  async #markerOf(client: Client, { lifeKey }: Part): Promise<string> {
    const fresh = Buffer.from(this.#ports.random.bytes(16)).toString("base64url");
    return String(await this.#life.run(client, [lifeKey], [fresh, linkLimits.markerLife]));
  }

  #tell(state: LinkState): void {
    this.#links.tell(state);
  }

  #lost(): void {
    this.#losses.tell();
  }

  /** Once, then again only after a while: a fault that every question meets must not drown everything else. */
  #report(where: string, error: unknown): void {
    const what = `${where} ${error instanceof Error ? error.message : String(error)}`;
    const now = this.#ports.clock.now();
    const before = this.#reported.get(what);
    if (before !== undefined && Math.abs(now - before) < linkLimits.quiet) return;
    if (this.#reported.size >= 100) this.#reported.clear();
    this.#reported.set(what, now);
    this.#ports.observer.observe({ type: "fault", where, error });
  }
}

/** Somebody must do something: it does not pass by itself. */
function isFault(error: unknown): boolean {
  const meaning = meaningOf(error);
  return meaning === "bug" || meaning === "refused";
}
