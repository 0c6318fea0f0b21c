// A bench by its name, and the rows that it adds to the summary.

export type Standing = "met" | "missed" | "missed by more than 25 %" | "reported";

export interface Row {
  readonly what: string;
  /** The figure, with its range where there is one. */
  readonly measured: string;
  readonly goal: string;
  readonly standing: Standing;
}

export interface Bench {
  /** What is typed to run it alone. */
  readonly name: string;
  /** One line. */
  readonly about: string;
  run(options: BenchOptions): Promise<readonly Row[]>;
}

export interface BenchOptions {
  /** Interleaved runs of whatever is compared. */
  readonly runs: number;
  /** Shorter and smaller, to see that it works: nothing to publish. */
  readonly quick: boolean;
  /** Says what is under way, on one line that is written over. */
  readonly progress: (text: string) => void;
}

/** How a figure stands to the most that it should be. */
export function atMost(figure: number, goal: number): Standing {
  if (figure <= goal) return "met";
  return figure <= goal * 1.25 ? "missed" : "missed by more than 25 %";
}

/** How a figure stands to the least that it should be. */
export function atLeast(figure: number, goal: number): Standing {
  if (figure >= goal) return "met";
  return figure * 1.25 >= goal ? "missed" : "missed by more than 25 %";
}

/** The worse of several. */
export function worst(...standings: readonly Standing[]): Standing {
  for (const standing of ["missed by more than 25 %", "missed", "met"] as const) {
    if (standings.includes(standing)) return standing;
  }
  return "reported";
}
