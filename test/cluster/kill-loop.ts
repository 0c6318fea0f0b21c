// The kill loop: a crowd talks, something dies each round and comes back, and journals are all that is left for the judge.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LocalClusterOptions, Part } from "@heliograph/cluster";
import { LocalCluster } from "@heliograph/cluster";
import type { ConductorLine } from "./checker/journal.ts";
import { readJournals } from "./checker/journal.ts";
import type { Judgement, Terms } from "./checker/judge.ts";
import { judge } from "./checker/judge.ts";
import { eventually } from "./eventually.ts";
import { Crowd, roomName } from "./load/crowd.ts";
import { Dice } from "./load/dice.ts";
import { DigestListener } from "./load/digest-listener.ts";
import { JournalFile } from "./load/journal-file.ts";
import type { Kind } from "./strikes.ts";
import { strikes } from "./strikes.ts";

export interface KillLoopOptions {
  readonly seed: number;
  /** What is struck in each round. */
  readonly kinds: readonly Kind[];
  readonly rooms?: number;
  readonly membersPerRoom?: number;
  /** Messages a second. */
  readonly rate?: number;
  readonly cluster?: Partial<LocalClusterOptions>;
  /** Hears a line for each step. */
  readonly say?: (line: string) => void;
}

/** The terms of the promise. */
export const terms: Terms = { rate: 0.95, gaps: "forbidden", compared: true };

/** Milliseconds in which everything said must have been answered, and hosts must have told each other the same. */
const quiet = { answers: 30_000, digests: 30_000 };

/** Every third room is on one node alone, as long as that lives; then all of it moves to the next. */
function urlsOf(cluster: LocalCluster, room: number): readonly string[] {
  const { edges, url } = cluster;
  if (room % 3 !== 0) return [url];
  const first = room / 3;
  return [0, 1].map((later) => edges[(first + later) % edges.length]?.url ?? url);
}

export class KillLoop {
  readonly #options: KillLoopOptions;
  readonly #cluster: LocalCluster;
  readonly #crowd: Crowd;
  readonly #listener: DigestListener;
  readonly #journal: JournalFile<ConductorLine>;
  readonly #dice: Dice;
  readonly #rooms: number;
  readonly #rate: number;

  private constructor(options: KillLoopOptions, folder: string, cluster: LocalCluster, listener: DigestListener) {
    const { seed, rooms = 40, membersPerRoom = 5, rate = 500 } = options;
    this.#options = options;
    this.#cluster = cluster;
    this.#listener = listener;
    this.#rooms = rooms;
    this.#rate = rate;
    this.#dice = new Dice(seed);
    this.#journal = new JournalFile(join(folder, "conductor.jsonl"));
    this.#crowd = new Crowd({
      folder,
      seed,
      rooms,
      membersPerRoom,
      rate,
      urlsOf: (room) => urlsOf(cluster, room),
    });
  }

  /** Runs all rounds and judges them. Leaves nothing behind but the verdict. */
  static async run(options: KillLoopOptions): Promise<Judgement> {
    const { kinds, say = () => undefined } = options;
    const folder = mkdtempSync(join(tmpdir(), "heliograph-kill-loop-"));
    const cluster = await LocalCluster.start({
      edges: 3,
      keepers: 2,
      nats: kinds.includes("nats") ? 3 : 1,
      redis: kinds.includes("redis") ? "sentinel" : "single",
      say,
      ...options.cluster,
      settings: {
        // Sooner than people need it: a paused node is noticed within a round.
        limits: { heartbeat: "2s" },
        ...options.cluster?.settings,
      },
    });
    try {
      const listener = await DigestListener.start(cluster.nats.urls, folder);
      const loop = new KillLoop(options, folder, cluster, listener);
      try {
        await loop.#play();
      } finally {
        await loop.#end();
      }
      return judge(readJournals(folder), terms);
    } finally {
      await cluster.stop();
      if (process.env["HELIOGRAPH_KEEP_JOURNALS"] === undefined) rmSync(folder, { recursive: true, force: true });
      else say(`the journals are in ${folder}`);
    }
  }

  async #play(): Promise<void> {
    const { kinds, say = () => undefined } = this.#options;
    await this.#crowd.enter();
    say(`${this.#crowd.clients.length} sessions are in ${this.#rooms} rooms`);
    for (const [index, kind] of kinds.entries()) {
      await this.#round(index + 1, kind);
      say(`round ${index + 1} of ${kinds.length} (${kind}) is over`);
    }
  }

  async #round(round: number, kind: Kind): Promise<void> {
    const { seconds, hit } = strikes[kind];
    const offered = seconds * this.#rate;
    const moments = new Moments(offered);
    const from = Date.now();
    const offering = this.#crowd.offer(offered, (out) => moments.reached(out));
    const blow = {
      cluster: this.#cluster,
      dice: this.#dice,
      nodes: () => this.#crowd.nodes,
      round,
      rooms: this.#crowd.rooms.map((_, room) => roomName(room)),
      offered: () => moments.part,
      moment: (part: number) => moments.at(part),
      struck: (how: string, { name }: Part) => this.#journal.write({ what: "struck", part: name, how }),
    };
    const [until] = await Promise.all([offering.then(() => this.#closed(from, seconds)), hit(blow)]);
    await eventually(() => this.#crowd.unanswered === 0 && this.#crowd.whole, quiet.answers);
    this.#listener.silence();
    const silent = Date.now();
    await eventually(() => this.#listener.agreed(this.#crowd.nodes, this.#rooms), quiet.digests);
    this.#journal.write({ what: "round", round, kind, from, until, silent, offered });
  }

  /** When the round's time is over: later than it should be where the crowd itself was too slow to say everything. */
  async #closed(from: number, seconds: number): Promise<number> {
    await eventually(() => Date.now() >= from + 1_000 * seconds, 1_000);
    return Date.now();
  }

  async #end(): Promise<void> {
    for (const { name, log } of [...this.#cluster.edges, ...this.#cluster.keepers]) {
      for (const { at, says } of alarmsIn(log)) this.#journal.writeAt(at, { what: "alarm", node: name, says });
    }
    await this.#crowd.end();
    await this.#listener.end();
    await this.#journal.end();
  }
}

/** Resolves whoever waits for a part of what is offered. */
class Moments {
  readonly #whole: number;
  readonly #waiting = new Set<{ readonly count: number; readonly come: () => void }>();
  #out = 0;

  constructor(whole: number) {
    this.#whole = whole;
  }

  get part(): number {
    return this.#out / this.#whole;
  }

  at(part: number): Promise<void> {
    const count = Math.min(this.#whole, Math.ceil(part * this.#whole));
    if (count <= this.#out) return Promise.resolve();
    return new Promise((come) => this.#waiting.add({ count, come }));
  }

  reached(out: number): void {
    this.#out = out;
    for (const one of this.#waiting) {
      if (one.count > out) continue;
      this.#waiting.delete(one);
      one.come();
    }
  }
}

/** What a node says of itself that nobody should have to read. */
const alarming: ReadonlySet<unknown> = new Set(["digest_alarm", "fault"]);

function alarmsIn(log: string): { readonly at: number; readonly says: string }[] {
  return log.split("\n").flatMap((text) => {
    if (!text.startsWith("{") || !text.endsWith("}")) return [];
    const line: Readonly<Record<string, unknown>> = JSON.parse(text);
    if (!alarming.has(line["event"])) return [];
    return [{ at: Date.parse(String(line["time"])), says: text }];
  });
}
