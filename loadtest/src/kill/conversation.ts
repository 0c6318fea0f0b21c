// A conversation of numbered messages through the death of one server, and what the journals say of it afterwards.
import { passed } from "../passed.ts";
import { judge, type Said, type Verdict } from "./judge.ts";
import type { Stage, Talker } from "./talker.ts";

export interface ConversationOptions {
  readonly sessions: number;
  readonly roomSize: number;
  readonly perSecond: number;
  /** Milliseconds of talk before and after the kill. */
  readonly before: number;
  readonly after: number;
  /** Milliseconds without a word, in which whatever is still to come comes. */
  readonly settle: number;
}

export interface Aftermath extends Verdict {
  /** Sessions that were connected to the server that died. */
  readonly cut: number;
  /** How many of these came back as what they were. */
  readonly recovered: number;
}

/**
 * Rooms of five: every fourth has all its members on the server that dies, the others are spread over both. Half of what
 * is said is meant for one member and half for everyone else in the room. The same dice for every stage.
 */
export async function conversation(stage: Stage, options: ConversationOptions): Promise<Aftermath> {
  const talkers: Talker[] = [];
  const rooms = new Map<string, string[]>();
  const heard = new Map<string, number[]>();
  for (let i = 0; i < options.sessions; i += 1) {
    const number = Math.floor(i / options.roomSize);
    const [name, room, server] = [`t${i}`, `kill${number}`, number % 4 === 0 ? 0 : i % 2];
    const journal: number[] = [];
    heard.set(name, journal);
    rooms.set(room, [...(rooms.get(room) ?? []), name]);
    talkers.push(await stage.enter(name, room, server, (text) => journal.push(Number.parseInt(text, 10))));
  }
  const said: Said[] = [];
  const dice = new Dice(7);
  let going = true;
  const talk = async (): Promise<void> => {
    const began = performance.now();
    while (going) {
      const due = ((performance.now() - began) * options.perSecond) / 1_000;
      while (said.length < due) say(said, talkers, rooms, dice);
      await passed(4);
    }
  };
  const talking = talk();
  await passed(options.before);
  await stage.kill(0);
  await passed(options.after);
  going = false;
  await talking;
  await passed(options.settle);
  const cut = talkers.filter(({ server }) => server === 0);
  const result = {
    ...judge({ said, rooms, heard }),
    cut: cut.length,
    recovered: cut.filter(({ returns }) => returns.length > 0 && returns.every((how) => how === "recovered")).length,
  };
  for (const talker of talkers) talker.close();
  return result;
}

function say(said: Said[], talkers: readonly Talker[], rooms: ReadonlyMap<string, string[]>, dice: Dice): void {
  const talker = talkers[dice.below(talkers.length)];
  if (talker === undefined) return;
  const others = (rooms.get(talker.room) ?? []).filter((name) => name !== talker.name);
  const to = dice.below(2) === 0 ? others[dice.below(others.length)] : undefined;
  const { name: from, room } = talker;
  const message: Said = { number: said.length, from, room, ...(to === undefined ? {} : { to }), acknowledged: false };
  said.push(message);
  void talker.say(`${message.number} `.padEnd(270, "x"), to).then((acknowledged) => {
    message.acknowledged = acknowledged;
  });
}

/** xorshift32 (Marsaglia, 2003): small, seeded, good enough to choose who speaks. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }
}
