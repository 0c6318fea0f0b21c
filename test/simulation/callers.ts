// The callers of one conversation, and what is promised to them: no letter twice, each in its order, none lost in peace.
import type { RoomKey } from "@heliograph/protocol";
import { parseRealm, personalRoom, roomKey } from "@heliograph/protocol";
import { Caller, type SentLetter } from "./caller.ts";
import type { Dice } from "./dice.ts";
import type { House } from "./house.ts";
import type { Wire } from "./wire.ts";

export class Callers {
  readonly all: readonly Caller[];
  /** No process and no link failed, though links may be bad. */
  calm = false;
  readonly #house: House;
  readonly #dice: Dice;

  constructor(house: House, dice: Dice) {
    this.#house = house;
    this.#dice = dice;
    const names = ["Gus", "Hal", "Ida"].slice(0, dice.chance(0.5) ? dice.between(2, 3) : 0);
    this.all = names.map((name) => new Caller(name, house, dice.fork()));
  }

  /** They come, write and stumble for so many milliseconds. */
  begin(ms: number): void {
    const { clock } = this.#house;
    const dice = this.#dice;
    for (const caller of this.all) {
      clock.after(dice.between(0, 5_000), () => caller.connect());
      for (let left = dice.between(5, 40); left > 0; left -= 1) {
        clock.after(dice.between(1_000, ms), () => this.#write(caller, dice.between(1, 4)));
      }
      for (let left = dice.between(0, 6); left > 0; left -= 1) {
        clock.after(dice.between(2_000, ms - 3_000), () => caller.stumble());
      }
    }
  }

  #write(caller: Caller, times: number): void {
    const to = this.#dice.pick(this.all);
    for (let left = times; left > 0 && to !== undefined; left -= 1) caller.write(to);
  }

  doubt(): void {
    for (const caller of this.all) caller.doubt();
  }

  /** Everyone writes to everyone, themselves included. */
  async exchange(): Promise<void> {
    for (let round = 0; round < 2; round += 1) {
      for (const from of this.all) for (const to of this.all) from.write(to);
      await this.#house.clock.advance(2_000);
    }
  }

  get channels(): readonly RoomKey[] {
    const realm = parseRealm("default");
    if (!realm.ok) throw new Error("the default realm has a name");
    return this.all.flatMap(({ session }) =>
      session === undefined ? [] : [roomKey(realm.value, personalRoom(session))],
    );
  }

  /** `peace`: whatever was sent from then on has reached whoever was there. */
  broken(peace: number): string[] {
    return this.all.flatMap((reader) => [...this.#onceAndInOrder(reader), ...this.#noneLost(reader, peace)]);
  }

  #onceAndInOrder(reader: Caller): string[] {
    const broken: string[] = [];
    const sent = new Map(this.all.flatMap((writer) => writer.sent.map((letter) => [letter.id, letter] as const)));
    const ids = new Set<string>();
    /** By the connections on both ends: what comes by a former one may be late behind its successor's. */
    const last = new Map<Wire, Map<Wire, SentLetter>>();
    for (const { id, wire, from } of reader.read) {
      const letter = sent.get(id);
      const writer = this.all.find(({ session }) => session === from);
      if (letter === undefined || letter.to !== reader.name || writer?.sent.includes(letter) !== true) {
        broken.push(`a letter is what was written: ${reader.name} read ${id} of ${from}`);
        continue;
      }
      if (ids.has(id)) broken.push(`no letter comes twice: ${reader.name} read ${id} again`);
      ids.add(id);
      const here = last.get(wire) ?? new Map<Wire, SentLetter>();
      last.set(wire, here);
      const before = here.get(letter.wire);
      if (before !== undefined && before.count > letter.count)
        broken.push(`letters come in order: ${reader.name} read ${id} after ${before.id}`);
      here.set(letter.wire, letter);
    }
    return broken;
  }

  /** What was said later by its connection has arrived. */
  #wasAlive({ wire, count }: SentLetter): boolean {
    const sent = this.all.flatMap((writer) => writer.sent);
    const later = new Set(sent.flatMap((one) => (one.wire === wire && one.count > count ? [one.id] : [])));
    return this.all.some(({ read }) => read.some(({ id }) => later.has(id)));
  }

  #noneLost(reader: Caller, peace: number): string[] {
    const ids = new Set(reader.read.map(({ id }) => id));
    const since = reader.openSince ?? Number.POSITIVE_INFINITY;
    return this.all.flatMap(({ sent }) =>
      sent
        .filter((letter) => letter.to === reader.name && letter.at >= since && !ids.has(letter.id))
        .filter((letter) => letter.at >= peace || (this.calm && this.#wasAlive(letter)))
        .map(({ id }) => `no letter is lost to who is there: ${reader.name} did not read ${id}`),
    );
  }
}
