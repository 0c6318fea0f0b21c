// What stands between a simulated process and the world: it can be stopped for a while, or for good.
import type { Clock, Follower, Log, Nodes, RoomCopies, RoomCopy, Timer, Whisper } from "@heliograph/core";
import type { MemoryNode } from "@heliograph/core/memory";
import type { RoomKey } from "@heliograph/protocol";

/** Paused as by SIGSTOP: whatever comes meanwhile waits in the kernel, and comes at once when the process goes on. */
export class Gate {
  #state: "running" | "paused" | "dead" = "running";
  #waiting: (() => void)[] = [];
  #timers = new Set<Timer>();
  readonly #clock: Clock;
  #skew: number;
  readonly #thrown: (error: unknown) => void;

  /** `skew`: milliseconds by which the process's clock is wrong. */
  constructor(clock: Clock, skew: number, thrown: (error: unknown) => void) {
    this.#clock = clock;
    this.#skew = skew;
    this.#thrown = thrown;
  }

  get state(): "running" | "paused" | "dead" {
    return this.#state;
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Someone sets the process's clock. */
  jump(ms: number): void {
    this.#skew += ms;
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  wake(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) this.pass(call);
  }

  kill(): void {
    this.#state = "dead";
    this.#waiting = [];
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Into the process: now, later or never. */
  pass(call: () => void): void {
    if (this.#state === "dead") return;
    if (this.#state === "paused") {
      this.#waiting.push(call);
      return;
    }
    try {
      call();
    } catch (error) {
      this.#thrown(error);
    }
  }

  through<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.pass(() => resolve(value)),
        (error: unknown) => this.pass(() => reject(error)),
      );
    });
  }

  get clock(): Clock {
    return {
      now: () => this.#clock.now() + this.#skew,
      endOfTurn: (call) => this.#clock.endOfTurn(() => this.pass(call)),
      after: (ms, call) => this.#after(ms, call),
    };
  }

  #after(ms: number, call: () => void): Timer {
    let cancelled = false;
    const inner = this.#clock.after(ms, () => {
      this.pass(() => {
        this.#timers.delete(timer);
        if (!cancelled) call();
      });
    });
    const timer: Timer = {
      cancel: () => {
        cancelled = true;
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return timer;
  }
}

/** The ports of one process behind its gate, and the state of each room that it hosts. */
export interface Gated {
  readonly log: Log;
  readonly nodes: Nodes;
  readonly whisper: Whisper;
  readonly copies: RoomCopies;
  readonly hosted: ReadonlyMap<RoomKey, () => RoomCopy | undefined>;
}

export function behind(gate: Gate, ports: MemoryNode): Gated {
  const hosted = new Map<RoomKey, () => RoomCopy | undefined>();
  const { log, nodes, whisper, copies } = ports;
  return {
    hosted,
    log: {
      append: (room, bundle) => gate.through(log.append(room, bundle)),
      open: (room, bundle) => gate.through(log.open(room, bundle)),
      follow: (room, follower) => followThrough(gate, log, room, follower),
      read: (room, after, upTo) => gate.through(log.read(room, after, upTo)),
      tail: (room) => gate.through(log.tail(room)),
      first: (room) => gate.through(log.first(room)),
      get link() {
        return log.link;
      },
      onLink: (listener) => log.onLink((state) => gate.pass(() => listener(state))),
    },
    nodes: {
      beat: (beat) => nodes.beat(beat),
      onBeat: (hear) => nodes.onBeat((beat) => gate.pass(() => hear(beat))),
      sayDigests: (report) => nodes.sayDigests(report),
      onDigests: (hear) => nodes.onDigests((report) => gate.pass(() => hear(report))),
      sayIceSet: (hint) => nodes.sayIceSet(hint),
      onIceSet: (hear) => nodes.onIceSet((hint) => gate.pass(() => hear(hint))),
      sayNumbers: (numbers) => nodes.sayNumbers(numbers),
      onNumbers: (hear) => nodes.onNumbers((numbers) => gate.pass(() => hear(numbers))),
      ask: (room) => gate.through(nodes.ask(room)),
      host: (room, answer) => {
        hosted.set(room, answer);
        const unhost = nodes.host(room, () => (gate.state === "running" ? answer() : undefined));
        return () => {
          if (hosted.get(room) === answer) hosted.delete(room);
          unhost();
        };
      },
    },
    whisper: {
      send: (room, message, reach) => whisper.send(room, message, reach),
      follow: (room, hear) => whisper.follow(room, (message) => gate.pass(() => hear(message))),
    },
    copies: {
      load: (room) => gate.through(copies.load(room)),
      advance: (room, from, changes) => gate.through(copies.advance(room, from, changes)),
      replace: (room, copy, options) => gate.through(copies.replace(room, copy, options)),
      forget: (room, upTo) => gate.through(copies.forget(room, upTo)),
      get link() {
        return copies.link;
      },
      onLink: (listener) => copies.onLink((state) => gate.pass(() => listener(state))),
      onLoss: (listener) => copies.onLoss(() => gate.pass(listener)),
    },
  };
}

function followThrough(gate: Gate, log: Log, room: RoomKey, follower: Follower): ReturnType<Log["follow"]> {
  let over = false;
  const told = (call: () => void): void =>
    gate.pass(() => {
      if (!over) call();
    });
  const follow = log.follow(room, {
    stored: (bundle) => told(() => follower.stored(bundle)),
    broken: (why) => told(() => follower.broken(why)),
  });
  return {
    proved: gate.through(follow.proved),
    start: (after) => follow.start(after),
    mention: (seq) => follow.mention(seq),
    end: () => {
      over = true;
      follow.end();
    },
  };
}
