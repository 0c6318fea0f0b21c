// One node's link to the message plane: everything its Log, Whisper and Nodes say or hear passes here.
import { Listeners } from "../listeners.ts";
import type { Clock } from "../ports/clock.ts";
import type { LinkState } from "../ports/log.ts";
import type { Random } from "../ports/random.ts";
import type { Misbehaviour, Range } from "./misbehaviour.ts";
import { wellBehaved } from "./misbehaviour.ts";

export class MemoryLink {
  readonly clock: Clock;
  readonly #random: Pick<Random, "fraction">;
  readonly #listeners = new Listeners<LinkState>();
  #misbehaviour: Misbehaviour = wellBehaved;
  #state: LinkState = "up";
  #stalled = false;
  /** Raised by a cut: what was under way before it never arrives. */
  #life = 0;
  /** Under way in order; timers say when the first of them arrives, not which. */
  #underWay: { readonly life: number; readonly arrive: () => void }[] = [];
  #late: (() => void)[] = [];
  #plain = true;

  constructor(clock: Clock, random: Pick<Random, "fraction">) {
    this.clock = clock;
    this.#random = random;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Half-open: looks up, carries nothing. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Up, with nothing wrong and nothing under way: whoever asks may skip the link's lanes. */
  get plain(): boolean {
    return this.#plain && this.#underWay.length === 0;
  }

  get misbehaviour(): Misbehaviour {
    return this.#misbehaviour;
  }

  misbehave(how: Partial<Misbehaviour>): void {
    this.#misbehaviour = { ...wellBehaved, ...how };
    this.#judge();
  }

  /** Cuts the link, known at once. What is under way is lost. */
  cut(): void {
    this.#life += 1;
    this.#late = [];
    this.#stalled = false;
    this.#turn("down");
  }

  /** Half-open: nothing passes, nobody knows. `mend` delivers it all, late; `cut` loses it. */
  stall(): void {
    this.#stalled = true;
    this.#judge();
  }

  mend(): void {
    this.#stalled = false;
    const late = this.#late;
    this.#late = [];
    this.#turn("up");
    for (const arrive of late) arrive();
  }

  onState(listener: (state: LinkState) => void): () => void {
    return this.#listeners.add(listener);
  }

  chance(of: number): boolean {
    return of > 0 && this.#random.fraction() < of;
  }

  /** Whole milliseconds within a range. */
  draw(range: Range): number {
    const [least, most] = range;
    return most <= least ? least : least + Math.floor(this.#random.fraction() * (most - least + 1));
  }

  /** Carries one message: at most once, after those before it; lost only with the link. */
  pass(arrive: () => void): void {
    if (this.#state === "down") return;
    const life = this.#life;
    this.#underWay.push({ life, arrive });
    this.clock.after(this.draw(this.#misbehaviour.delay), () => {
      const first = this.#underWay.shift();
      if (first !== undefined) this.#arrive(first.life, first.arrive);
    });
  }

  /** Carries one message of no account: as `pass`, but it may be lost. */
  passOrLose(arrive: () => void): void {
    if (!this.chance(this.#misbehaviour.drop)) this.pass(arrive);
  }

  /** Carries a live copy: perhaps not, perhaps twice, perhaps out of order. */
  copy(arrive: () => void): void {
    const { drop, double, reorder, delay } = this.#misbehaviour;
    if (this.chance(drop) || this.#state === "down") return;
    for (let times = this.chance(double) ? 2 : 1; times > 0; times -= 1) {
      if (!this.chance(reorder)) this.pass(arrive);
      else {
        const life = this.#life;
        this.clock.after(3 * this.draw(delay), () => this.#arrive(life, arrive));
      }
    }
  }

  #arrive(life: number, arrive: () => void): void {
    if (life !== this.#life) return;
    if (this.#stalled) this.#late.push(arrive);
    else arrive();
  }

  #turn(state: LinkState): void {
    const was = this.#state;
    this.#state = state;
    this.#judge();
    if (was !== state) this.#listeners.tell(state);
  }

  #judge(): void {
    const now = this.#misbehaviour;
    const good = Object.values(now).every((value: number | Range) =>
      typeof value === "number" ? value === 0 : value[1] === 0,
    );
    this.#plain = good && this.#state === "up" && !this.#stalled;
  }
}
