// Too much at once: told to slow down, then closed; nobody else notices.
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import type { Seat } from "../seat.ts";

/** Frames after which the kit gives up, and of one burst. */
const most = 80_000;
const burst = 2_000;

export const floods: readonly Case[] = [
  {
    name: "more commands than may be outstanding: slow_down with retryIn, and none of them is lost in silence",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const eve = await trial.seat(trial.room(), "eve");
      // Not so many that the server takes it for a flood.
      const many = eve.client.welcome.limits.outstanding + 100;
      for (let sent = 0; sent < most; sent += many) if (await slowedDown(eve, many)) return;
      throw new Fault(`${most} commands without slow_down`);
    },
  },
  {
    name: "a client that goes on after slow_down: 4429",
    section: "close-codes",
    hostile: true,
    async run(trial) {
      const eve = await trial.client("eve");
      let slowed = false;
      for (let sent = 0; sent < most && eve.open; sent += burst) {
        eve.burst(Array.from({ length: burst }, (_, at) => ({ type: "ping", n: at + 1 })));
        slowed = (await answersOf(eve)) || slowed;
      }
      if (eve.open) throw new Fault(`${most} pings, and still open; slowed down: ${slowed}`);
      await eve.over(4429);
      if (!slowed) throw new Fault("closed without slow_down before");
    },
  },
];

/** Sends so many commands at once and reads an answer to each; whether one of them was slow_down. */
async function slowedDown(eve: Seat, many: number): Promise<boolean> {
  const waiting = new Set<number>();
  for (let at = 0; at < many; at += 1) waiting.add(eve.send({ type: "broadcast", body: at }));
  let slowed = false;
  while (waiting.size > 0) {
    const frame = await eve.client.next("an answer to every command of a burst");
    if (frame.type === "ack") {
      for (const n of waiting) if (n <= frame.n) waiting.delete(n);
    } else if (frame.type === "refused" && frame.reason === "slow_down" && frame.n !== undefined) {
      if (frame.retryIn === undefined) throw new Fault(`${told(frame)} does not say how long to wait`);
      waiting.delete(frame.n);
      slowed = true;
    } else throw new Fault(`got ${told(frame)}`);
  }
  return slowed;
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
