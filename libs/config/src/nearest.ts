// Did you mean: the known word that a mistyped one is nearest to.

/** The nearest of the words, if few enough letters differ for it to be a slip; case and punctuation count nothing. */
export function nearest(wrong: string, words: Iterable<string>): string | undefined {
  const bare = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, "");
  let best: string | undefined;
  let least = 1 + Math.max(1, Math.floor(bare(wrong).length / 3));
  for (const word of words) {
    const steps = distance(bare(wrong), bare(word));
    if (steps < least) [best, least] = [word, steps];
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, replacements, and two neighbours swapped, each one step. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped ? (before[j - 2] ?? 0) + 1 : replaced),
      );
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
