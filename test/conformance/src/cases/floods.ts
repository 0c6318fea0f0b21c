// Too much at once: told to slow down, then closed; nobody else notices.
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";

/** Frames of one burst, and bursts, before the kit gives up. */
const burst = 2_000;
const bursts = 40;

export const floods: readonly Case[] = [
  {
    name: "more commands than may be outstanding: slow_down with retryIn, and none of them is lost in silence",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const eve = await trial.seat(trial.room(), "eve");
      for (let round = 0; round < bursts; round += 1) {
        const first = eve.n + 1;
        for (let at = 0; at < burst; at += 1) eve.send({ type: "broadcast", body: at });
        const answered = new Set<number>();
        let slowed = 0;
        let acked = first - 1;
        while (!isAnswered(first, eve.n, acked, answered)) {
          const frame = await eve.client.next("an answer to every command of a burst");
          if (frame.type === "ack") acked = frame.n;
          else if (frame.type === "refused" && frame.reason === "slow_down" && frame.n !== undefined) {
            if (frame.retryIn === undefined) throw new Fault(`${told(frame)} does not say how long to wait`);
            answered.add(frame.n);
            slowed += 1;
          } else throw new Fault(`got ${told(frame)}`);
        }
        if (slowed > 0) return;
      }
      throw new Fault(`${burst * bursts} commands without slow_down`);
    },
  },
  {
    name: "a client that goes on after slow_down: 4429",
    section: "close-codes",
    hostile: true,
    async run(trial) {
      const eve = await trial.client("eve");
      let slowed = false;
      for (let round = 0; round < bursts && eve.open; round += 1) {
        eve.burst(Array.from({ length: burst }, (_, at) => ({ type: "ping", n: at + 1 })));
        slowed = (await answersOf(eve)) || slowed;
      }
      if (eve.open) throw new Fault(`${burst * bursts} pings, and still open; slowed down: ${slowed}`);
      await eve.over(4429);
      if (!slowed) throw new Fault("closed without slow_down before");
    },
  },
];

/** Cumulative acks, and refusals one by one. */
function isAnswered(first: number, last: number, acked: number, refused: ReadonlySet<number>): boolean {
  for (let n = Math.max(first, acked + 1); n <= last; n += 1) if (!refused.has(n)) return false;
  return true;
}

/** Reads the answers of a burst, or until the close; whether one of them was slow_down. */
async function answersOf(eve: Client): Promise<boolean> {
  let slowed = false;
  for (let read = 0; read < burst; read += 1) {
    const frame = await eve.next("answers to a flood").catch((error: unknown) => {
      if (eve.open) throw error;
    });
    if (frame === undefined) return slowed;
    if (frame.type === "refused" && frame.reason === "slow_down") slowed = true;
    else if (frame.type !== "pong") throw new Fault(`got ${told(frame)}`);
  }
  return slowed;
}
