// What became of everything that was said, told from journals alone: lost, doubled, out of order.

/** One message as its sender kept it. Numbers are unique in a conversation. */
export interface Said {
  readonly number: number;
  readonly from: string;
  readonly room: string;
  /** Absent: to everyone else in the room. */
  readonly to?: string;
  /** The server has said that it took the message. */
  acknowledged: boolean;
}

export interface Journals {
  readonly said: readonly Said[];
  /** Names of those in each room. */
  readonly rooms: ReadonlyMap<string, readonly string[]>;
  /** Numbers of messages in the order in which each name heard them. */
  readonly heard: ReadonlyMap<string, readonly number[]>;
}

export interface Verdict {
  readonly said: number;
  readonly acknowledged: number;
  /** Acknowledged messages that at least one addressee never heard. */
  readonly lost: number;
  /** The same, counted once for each addressee who missed it. */
  readonly lostDeliveries: number;
  /** Deliveries beyond the first of the same message to the same addressee. */
  readonly doubled: number;
  /** Pairs of members who heard the messages that both heard in different orders. */
  readonly disagreements: number;
}

export function judge({ said, rooms, heard }: Journals): Verdict {
  let [acknowledged, lost, lostDeliveries, doubled, disagreements] = [0, 0, 0, 0, 0];
  const counts = new Map<string, Map<number, number>>();
  for (const [name, numbers] of heard) {
    const count = new Map<number, number>();
    for (const number of numbers) count.set(number, (count.get(number) ?? 0) + 1);
    counts.set(name, count);
    doubled += numbers.length - count.size;
  }
  for (const message of said) {
    if (!message.acknowledged) continue;
    acknowledged += 1;
    const addressees =
      message.to === undefined ? (rooms.get(message.room) ?? []).filter((name) => name !== message.from) : [message.to];
    const missed = addressees.filter((name) => !counts.get(name)?.has(message.number)).length;
    lostDeliveries += missed;
    if (missed > 0) lost += 1;
  }
  for (const members of rooms.values()) {
    for (const [i, one] of members.entries()) {
      for (const other of members.slice(i + 1)) {
        if (!sameOrder(heard.get(one) ?? [], heard.get(other) ?? [])) disagreements += 1;
      }
    }
  }
  return { said: said.length, acknowledged, lost, lostDeliveries, doubled, disagreements };
}

/** Whether what both heard came in one order; of a doubled message the first counts. */
function sameOrder(one: readonly number[], other: readonly number[]): boolean {
  const [firsts, others] = [new Set(one), new Set(other)];
  const common = [...firsts].filter((number) => others.has(number));
  const theirs = [...others].filter((number) => firsts.has(number));
  return common.every((number, i) => theirs[i] === number);
}
