// Commands of one room on their way: numbered, sent, sent again, answered; in order, and once each.
import type { ClientFrame, RefusedFrame } from "@heliograph/protocol/schema";
import { Backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { OutcomeUnknown, Refusal } from "./failure.ts";
import type { Clock, Random } from "./surroundings.ts";

/** How many commands may wait in the SDK itself before it refuses, per room. */
export const waitingCap = 1024;

/** The session's allowance of unanswered commands, shared by its rooms. */
export class Allowance {
  limit = 1;
  #used = 0;
  readonly #freed: () => void;

  constructor(freed: () => void) {
    this.#freed = freed;
  }

  take(): boolean {
    if (this.#used >= this.limit) return false;
    this.#used += 1;
    return true;
  }

  give(count: number): void {
    if (count === 0) return;
    this.#used -= count;
    this.#freed();
  }
}

/**
 * `waiting`: has no n yet. `sent`: unanswered. `kept`: the server could not decide; goes again with the n it has.
 * `renumber`: refused out of order or for haste; goes again with a new n.
 */
type State = "waiting" | "sent" | "kept" | "renumber";

interface Command {
  readonly frame: (n: number) => ClientFrame;
  /** The author hears nothing of it but the answer: no entry of the room comes back with its position. */
  readonly quiet: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  state: State;
  n: number;
  /** With this n it may have been applied before it went last. */
  undecided: boolean;
  refusals: number;
}

export class Outbox {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  readonly #backoff: Backoff;
  #commands: Command[] = [];
  #connection: Connection | undefined;
  #last: number;
  #pause: (() => void) | undefined;
  /** The pause is a short one already, or as long as the server wants it. */
  #hurries = false;

  constructor(clock: Clock, random: Random, allowance: Allowance, mark: number) {
    this.#clock = clock;
    this.#allowance = allowance;
    this.#backoff = new Backoff(random);
    this.#last = mark;
  }

  /** The highest n given so far. */
  get last(): number {
    return this.#last;
  }

  get empty(): boolean {
    return this.#commands.length === 0;
  }

  submit(frame: (n: number) => ClientFrame, quiet: boolean): Promise<void> {
    const answer = new Promise<void>((resolve, reject) => {
      if (this.#commands.length >= waitingCap) {
        reject(new Refusal("slow_down", { detail: `${waitingCap} commands of this room wait already` }));
        return;
      }
      this.#commands.push({ frame, quiet, resolve, reject, state: "waiting", n: 0, undecided: false, refusals: 0 });
      this.flush();
    });
    // Whoever does not look at the outcome must not be stopped by it: in Node an unhandled rejection ends the process.
    answer.catch(() => undefined);
    return answer;
  }

  /** Whether the room has been heard on this connection, and on no later one. */
  speaksOn(connection: Connection): boolean {
    return connection === this.#connection;
  }

  /** Now or never. */
  sendVolatile(frame: ClientFrame): void {
    this.#connection?.send(frame);
  }

  /** The room is heard on this connection: what was not answered goes first, with the n it has. */
  attach(connection: Connection, mark: number): void {
    this.detach();
    this.#connection = connection;
    this.#last = Math.max(this.#last, mark);
    for (const command of [...this.#commands]) {
      if (command.state !== "sent" && command.state !== "kept") continue;
      // Its answer has not come again, and may be among what could not be told.
      if (command.n <= mark) command.undecided = true;
      this.#send(connection, command);
    }
    this.flush();
  }

  /**
   * A state was adopted that may have forgotten what was applied last, and with it the numbers: sent again, a command might
   * be heard twice. What this connection was given for the first time was not applied before; what was refused never was.
   */
  doubt(): void {
    const cut = this.#connection === undefined;
    this.#settle(
      ({ state, undecided }) => undecided || (cut && state === "sent"),
      (command) => command.reject(new OutcomeUnknown("the room's log was lost, or in doubt, before the answer came")),
    );
  }

  /** What the server could not decide it can now: it goes again soon, not when a back-off grown long ends. */
  hurry(): void {
    if (this.#pause === undefined || this.#hurries) return;
    if (this.#commands.some(({ state }) => state === "renumber")) return;
    this.#backoff.reset();
    this.#wait(this.#backoff.next());
    this.#hurries = true;
  }

  /** Answers of this connection count no longer; everything unanswered will go again on the next. */
  detach(): void {
    this.#connection = undefined;
    this.#pause?.();
    this.#pause = undefined;
  }

  /** Returns whether everything up to the position of this answer is known to its author. */
  acknowledge(connection: Connection, n: number): boolean {
    if (connection !== this.#connection) return false;
    let quiet = false;
    this.#settle(
      (command) => command.state === "sent" && command.n <= n,
      (command) => {
        quiet = command.n === n && command.quiet;
        command.resolve();
      },
    );
    this.#backoff.reset();
    this.flush();
    return quiet;
  }

  /** Returns false for an n that is not ours. */
  refuse(connection: Connection, frame: RefusedFrame): boolean {
    const command = this.#commands.find((each) => each.n === frame.n && each.n > 0);
    // Of one that was given up as unknown the answer may still come.
    if (command === undefined) return frame.n !== undefined && frame.n <= this.#last;
    if (connection !== this.#connection || command.state !== "sent") return true;
    command.refusals += 1;
    switch (frame.reason) {
      case "superseded":
        // Either we have moved, and it goes again there; or another client has taken over, and the close says so.
        break;
      case "unavailable":
        command.state = "kept";
        command.undecided = true;
        this.#wait(this.#backoff.next(frame.retryIn));
        break;
      case "slow_down":
        // Not applied this time, and perhaps the time before.
        command.state = command.undecided ? "kept" : "renumber";
        this.#wait(this.#backoff.next(frame.retryIn));
        this.#hurries = true;
        break;
      case "retry":
        command.state = "renumber";
        command.undecided = false;
        if (command.refusals > 2) this.#wait(this.#backoff.next(frame.retryIn));
        break;
      case "unknown":
        this.#fail(command, new OutcomeUnknown("the answer came too late to be known"));
        break;
      default:
        this.#fail(command, new Refusal(frame.reason, frame));
    }
    this.flush();
    return true;
  }

  /** The stay is over: nothing will be answered any more. `error` may differ for what was never sent. */
  abandon(error: (sent: boolean) => Error): void {
    this.detach();
    this.#settle(
      () => true,
      (command) => command.reject(error(command.state !== "waiting")),
    );
  }

  flush(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#pause !== undefined) return;
    if (this.#commands.some((command) => command.state === "kept" || command.state === "renumber")) {
      // Order: whatever was sent behind a refused command is answered first (mostly refused too), then all go again.
      if (this.#commands.some((command) => command.state === "sent")) return;
      const kept = this.#commands.filter((command) => command.state === "kept");
      const again = kept.length > 0 ? kept : this.#commands.filter((command) => command.state === "renumber");
      for (const command of again) {
        if (command.state === "renumber") command.n = this.#number();
        this.#send(connection, command);
      }
      // Those with a new n wait until the ones that kept theirs are answered.
      if (this.#commands.some((command) => command.state === "renumber")) return;
    }
    // A copy: a command that cannot be sent leaves the list.
    for (const command of this.#commands.filter((each) => each.state === "waiting")) {
      if (!this.#allowance.take()) return;
      command.n = this.#number();
      this.#send(connection, command);
    }
  }

  #number(): number {
    this.#last += 1;
    return this.#last;
  }

  #send(connection: Connection, command: Command): void {
    command.state = "sent";
    let failure: Error | undefined;
    try {
      const bytes = connection.encode(command.frame(command.n));
      if (bytes === undefined) failure = new Refusal("too_large", { detail: "the frame" });
      else connection.sendBytes(bytes);
    } catch (cause) {
      failure = new TypeError("This value cannot be encoded.", { cause });
    }
    if (failure === undefined) return;
    // Nothing left, so the number was not used, unless a later one was given already.
    if (command.n === this.#last) this.#last -= 1;
    this.#fail(command, failure);
  }

  #wait(delay: number): void {
    this.#pause?.();
    this.#hurries = false;
    this.#pause = this.#clock.after(delay, () => {
      this.#pause = undefined;
      this.flush();
    });
  }

  #fail(command: Command, error: Error): void {
    this.#settle(
      (each) => each === command,
      () => command.reject(error),
    );
  }

  #settle(which: (command: Command) => boolean, settle: (command: Command) => void): void {
    const done = this.#commands.filter(which);
    if (done.length === 0) return;
    this.#commands = this.#commands.filter((command) => !done.includes(command));
    for (const command of done) settle(command);
    this.#allowance.give(done.filter((command) => command.n > 0).length);
  }
}
