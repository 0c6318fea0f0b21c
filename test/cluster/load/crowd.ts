// Hundreds of people in dozens of rooms who talk at a steady rate, whatever becomes of the cluster.
import { join } from "node:path";
import type { ClientLine } from "../checker/journal.ts";
import { Dice } from "./dice.ts";
import { JournalFile } from "./journal-file.ts";
import { LoadClient } from "./load-client.ts";

export interface CrowdOptions {
  /** Where the journals are written. */
  readonly folder: string;
  readonly seed: number;
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Messages a second, of all together. */
  readonly rate: number;
  /** Where the members of a room connect: one address after another is tried. */
  readonly urlsOf: (room: number) => readonly string[];
}

/** Milliseconds between two looks at what is due. */
const tick = 10;

export class Crowd {
  readonly rooms: readonly (readonly LoadClient[])[];
  readonly #options: CrowdOptions;
  readonly #dice: Dice;
  #offered = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed);
    const { folder, urlsOf } = options;
    this.rooms = Array.from({ length: options.rooms }, (_, room) =>
      Array.from({ length: options.membersPerRoom }, (_, member) => {
        const name = `${roomName(room)}-${member}`;
        const journal = new JournalFile<ClientLine>(join(folder, `client-${name}.jsonl`));
        return new LoadClient({ name, urls: urlsOf(room), speaks: member % 2 === 0 ? "json" : "msgpack", journal });
      }),
    );
  }

  get clients(): readonly LoadClient[] {
    return this.rooms.flat();
  }

  /** How many messages were due so far. */
  get offered(): number {
    return this.#offered;
  }

  get unanswered(): number {
    return this.clients.reduce((sum, { unanswered }) => sum + unanswered, 0);
  }

  /** Whoever serves somebody. */
  get nodes(): ReadonlySet<string> {
    return new Set(this.clients.map(({ node }) => node));
  }

  /** Everybody is heard, and shows everybody else as present. */
  get whole(): boolean {
    const { membersPerRoom } = this.#options;
    return this.clients.every((one) => one.open && one.missing === 0 && one.members === membersPerRoom);
  }

  /** Room after room, so that the first to come is not a stampede. */
  async enter(): Promise<void> {
    for (const [room, members] of this.rooms.entries()) {
      await Promise.all(members.map((member) => member.enter(roomName(room))));
    }
  }

  /**
   * Offers so many messages at the rate, whether or not they are answered, and resolves when the last one is out. `each`
   * hears after how many. A crowd that was held up catches up at twice the rate, never in one burst: what is said in the
   * last moment cannot be answered before it.
   */
  offer(count: number, each: (offered: number) => void = () => undefined): Promise<void> {
    const { rate } = this.#options;
    const most = Math.ceil((2 * rate * tick) / 1_000);
    const begun = performance.now();
    let out = 0;
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(count, out + most, Math.floor(((performance.now() - begun) * rate) / 1_000));
        while (out < due) {
          this.#sayOne();
          out += 1;
        }
        each(out);
        if (out < count) return;
        clearInterval(timer);
        resolve();
      }, tick);
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }

  #sayOne(): void {
    this.#offered += 1;
    const members = this.#dice.of(this.rooms);
    const author = this.#dice.of(members);
    const to = this.#dice.of(members);
    // As many to one as to all; who would talk to itself talks to all.
    author.say(this.#dice.fraction() < 0.5 || to === author ? undefined : to.id);
  }
}

export function roomName(room: number): string {
  return `room-${room}`;
}
