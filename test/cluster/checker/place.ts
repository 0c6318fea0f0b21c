// Positions as the judge reads them: by the shape they have on the wire, with no code of the cluster's own.

export interface Place {
  readonly seq: number;
  readonly index: number;
  readonly time: number;
}

/** `sequence.index.time`, each in base 36. */
export function placeOf(position: string): Place {
  const [seq, index, time, ...more] = position.split(".").map((part) => Number.parseInt(part, 36));
  if (seq === undefined || index === undefined || time === undefined || more.length > 0) {
    throw new Error(`${JSON.stringify(position)} is no position`);
  }
  if (![seq, index, time].every(Number.isSafeInteger)) throw new Error(`${JSON.stringify(position)} is no position`);
  return { seq, index, time };
}

/** The time of a log never goes back, over its loss and rebirth; sequences do. */
export function compare(a: Place, b: Place): number {
  return a.time - b.time || a.seq - b.seq || a.index - b.index;
}
