// The safety rules of core, each as the words that must be gone for a node to do without it.
import type { Edit } from "./mutant.ts";

export interface Rule {
  readonly name: string;
  /** What is left out. */
  readonly without: readonly Edit[];
  /**
   * `often`: its absence must show within a hundred and fifty seeds. `rarely`: only the lane tries enough of them.
   * `never`: what it lets slip is found by other rules in time, so no promise is broken; the table says so.
   */
  readonly shows: "often" | "rarely" | "never";
}

const keep: Edit = {
  file: "care.ts",
  words: 'replica.propose({ kind: "keep", by: this.#world.id });',
  by: "",
};
const digests: Edit = {
  file: "digests.ts",
  words: "if (report.node === this.#world.id) return;",
  by: "return;",
};

export const rules: readonly Rule[] = [
  {
    name: "mark: a command that was applied is not applied again",
    without: [
      {
        file: "room/speaking.ts",
        words: "const verdict = sender.mark.judge(entry.n);",
        by: 'const verdict = sender.mark.judge(entry.n) && "new";',
      },
      {
        file: "room/speaking.ts",
        words: "sender.mark.apply(entry.n);",
        by: "if (entry.n > sender.mark.n) sender.mark.apply(entry.n);",
      },
    ],
    shows: "often",
  },
  {
    name: "epoch fence: only the connection that speaks is heard",
    without: [
      {
        file: "room/speaking.ts",
        words: 'if (!sameEpoch(sender.epoch, entry.epoch)) return refusal("superseded");',
        by: "",
      },
    ],
    shows: "rarely",
  },
  {
    name: "hole filling: a copy is told after its predecessor",
    without: [
      {
        file: "chain.ts",
        words: "return this.#proven && copy.previous === this.#seq && copy.seq > this.#seq && copy.time >= this.#time;",
        by: "return copy.seq > this.#seq && copy.time >= this.#time;",
      },
    ],
    shows: "often",
  },
  {
    name: "places read: another life of the log is not taken for this one",
    without: [{ file: "chain.ts", words: "return this.#proven && ", by: "return " }],
    shows: "never",
  },
  {
    name: "answers in log order, not at storage",
    without: [
      {
        file: "lane.ts",
        words: "this.#host.appended(position);",
        by: "this.#host.early(bundle, position); this.#host.appended(position);",
      },
      {
        file: "replica.ts",
        words: "appended: (position) => this.#landed(position),",
        by: `appended: (position) => this.#landed(position),
          early: (bundle, position) => bundle.forEach((entry, index) => {
            const stay = "n" in entry ? this.locals.get(entry.from) : undefined;
            const at = { ...position, index };
            if (stay?.phase === "in") stay.session.deliver({ type: "ack", room: this.name, n: entry.n, position: at });
          }),`,
      },
    ],
    shows: "often",
  },
  {
    name: "one append in flight per room",
    without: [
      {
        file: "lane.ts",
        words: "if (this.#scheduled || this.#flying !== undefined) return;",
        by: "if (this.#scheduled) return;",
      },
      {
        file: "lane.ts",
        words: "if (this.#flying !== undefined || this.#queue.length === 0) return;",
        by: "if (this.#queue.length === 0) return;",
      },
    ],
    shows: "rarely",
  },
  {
    name: "log time decides when a grace is over",
    without: [{ file: "room/caring.ts", words: " || at.time < member.since + member.grace", by: "" }],
    shows: "rarely",
  },
  {
    name: "bounded reads: up to what is known to be stored",
    without: [{ file: "memory/log.ts", words: "while (seen < upTo) {", by: "while (false) {" }],
    shows: "often",
  },
  {
    name: "keep: a living room has an entry in the log",
    without: [keep],
    shows: "often",
  },
  {
    name: "digests: hosts compare what they are at",
    without: [digests],
    shows: "often",
  },
  {
    name: "keep and digests",
    without: [keep, digests],
    shows: "often",
  },
  {
    name: "proved follows: nothing is read before the follow is known",
    without: [
      { file: "loading.ts", words: "await follow.proved;", by: "" },
      { file: "lost-logs.ts", words: "await follow.proved;", by: "" },
    ],
    shows: "never",
  },
  {
    name: "recorded effects: what had none is not told from the log",
    without: [{ file: "retell.ts", words: "if (!room.hadEffect(position)) return;", by: "" }],
    shows: "often",
  },
  {
    name: "letters: what an append has doubled does not count",
    without: [{ file: "room/letters.ts", words: " || isDoubled(state.letters, entry)", by: "" }],
    shows: "often",
  },
  {
    name: "letters: they go to the connection that speaks when they are applied",
    without: [{ file: "hearing.ts", words: ' && (event.type !== "letter" || speaks(room, stay))', by: "" }],
    shows: "often",
  },
  {
    name: "claims: who is wrongly away is taken back",
    without: [{ file: "replica.ts", words: "this.claims.claimBack(effect.member.id);", by: "" }],
    shows: "rarely",
  },
];
