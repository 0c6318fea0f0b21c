// Resume: what was missed comes in order, what was unanswered is applied once, and each room gets its verdict.
import type { ServerFrame } from "@heliograph/protocol/schema";
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier, Seat } from "../seat.ts";
import type { Trial } from "../trial.ts";

type Resumed = Extract<ServerFrame, { type: "resumed" }>;

export interface Return {
  readonly seat: Seat;
  readonly resumed: Resumed;
  /** What came between the welcome and the verdict. */
  readonly replayed: readonly ServerFrame[];
}

export function positionOf({ client, room }: Seat): string {
  const position = client.positions.get(room);
  if (position === undefined) throw new Fault(`${client.name} has no position of ${room}`);
  return position;
}

/** Resumes one room, from the seat's own position unless another is given. */
export async function comeBack(trial: Trial, seat: Seat, attempt: number, position?: string): Promise<Return> {
  const rooms = [{ room: seat.room, position: position ?? positionOf(seat) }];
  const client = await trial.resuming(seat.client, attempt, rooms);
  const welcome = await client.welcomedBy({ resumed: true, session: seat.id });
  if (welcome.token === seat.client.welcome.token) throw new Fault("welcome did not bring a new token");
  return verdictOf(client, seat.room);
}

async function verdictOf(client: Client, room: string): Promise<Return> {
  const frames = await client.until({ type: "resumed", room });
  const resumed = frames.pop();
  if (resumed?.type !== "resumed") throw new Fault("no verdict");
  return { seat: new Seat(client, room, resumed.mark), resumed, replayed: frames };
}

function complete({ resumed }: Return): void {
  if (resumed.verdict !== "complete") throw new Fault(`got ${told(resumed)} instead of complete`);
}

/** Bodies of what was said, in order. */
function said(frames: readonly ServerFrame[]): unknown[] {
  return frames.flatMap((frame) => (frame.type === "broadcast" || frame.type === "signal" ? [frame.body] : []));
}

async function goesAway(seat: Seat, ...others: readonly Seat[]): Promise<void> {
  seat.client.cut();
  for (const { client } of others) await client.expect("member", { change: "away", member: { id: seat.id } });
}

async function isBack(seat: Seat, ...others: readonly Seat[]): Promise<void> {
  for (const { client } of others) await client.expect("member", { change: "back", member: { id: seat.id } });
}

export const resuming: readonly Case[] = [
  {
    name: "what was said meanwhile is replayed in order and once, then the verdict: complete",
    section: "resume",
    async run(trial) {
      const [ann, bob, cid] = await trial.three();
      await goesAway(ann, bob, cid);
      const ring = { kind: "ring", call: "while you were out" };
      for (const body of ["one", "two"]) {
        await bob.broadcast(body);
        await cid.hears(bob, body);
      }
      await bob.done({ type: "signal", to: ann.id, body: ring });
      await bob.done({ type: "signal", to: cid.id, body: { kind: "ring", call: "not for ann" } });
      await cid.client.expect("signal");
      await cid.broadcast("three");
      await bob.hears(cid, "three");
      const back = await comeBack(trial, ann, 2);
      complete(back);
      if (told(said(back.replayed)) !== told(["one", "two", ring, "three"])) {
        throw new Fault(`replayed: ${told(back.replayed)}`);
      }
      await isBack(ann, bob, cid);
      await barrier(bob, cid, back.seat);
      await barrier(back.seat, bob, cid);
    },
  },
  {
    name: "changes that were missed come one by one or as a view",
    section: "server-resumed",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await goesAway(bob, ann);
      await ann.done({ type: "data", key: "topic", value: "new" }, { type: "data" });
      await ann.settle({ capacity: 9 });
      const cid = await trial.joinBeside([ann], "cid");
      const back = await comeBack(trial, bob, 2);
      complete(back);
      const { resumed, replayed } = back;
      const view = resumed.verdict === "complete" ? resumed.view : undefined;
      const sees =
        view === undefined
          ? replayed.some((frame) => frame.type === "data" && frame.key === "topic" && frame.value === "new") &&
            replayed.some((frame) => frame.type === "room" && frame.settings.capacity === 9) &&
            replayed.some((frame) => frame.type === "member" && frame.change === "joined" && frame.member.id === cid.id)
          : view.count === 3 && view.settings.capacity === 9 && view.data[0]?.value === "new";
      if (!sees) throw new Fault(`neither: ${told([...replayed, resumed])}`);
      await isBack(bob, ann, cid);
    },
  },
  {
    name: "a command without an answer keeps its n, and is applied once however often it arrives",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const frame = { type: "broadcast", n: 1, room: ann.room, body: "did it arrive?" };
      ann.client.send(frame);
      await bob.hears(ann, "did it arrive?");
      // Read, so that it does not come again with what is replayed; the client behaves as if it had not come.
      await ann.client.expect("ack", { n: 1, room: ann.room });
      const position = positionOf(ann);
      ann.client.cut();
      await bob.client.expect("member", { change: "away" });
      const back = await comeBack(trial, ann, 2, position);
      complete(back);
      await isBack(ann, bob);
      back.seat.client.send(frame);
      await back.seat.client.expect("ack", { n: 1, room: ann.room });
      if (back.resumed.mark !== 1) throw new Fault(`mark ${back.resumed.mark}`);
      await barrier(back.seat, bob);
    },
  },
  {
    name: "a command that never arrived is applied when it comes after the resume",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await goesAway(ann, bob);
      const back = await comeBack(trial, ann, 2);
      if (back.resumed.mark !== 0) throw new Fault(`mark ${back.resumed.mark}`);
      await isBack(ann, bob);
      await back.seat.broadcast("late");
      await bob.hears(back.seat, "late");
    },
  },
  {
    name: "a position tells which commands were answered: acks after it come again, echoes do not",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const position = positionOf(ann);
      for (const body of ["a", "b"]) {
        await ann.broadcast(body);
        await bob.hears(ann, body);
      }
      await goesAway(ann, bob);
      const back = await comeBack(trial, ann, 2, position);
      complete(back);
      const acked = back.replayed.flatMap((frame) => (frame.type === "ack" ? [frame.n] : []));
      if (acked.at(-1) !== 2 || said(back.replayed).length > 0) throw new Fault(`replayed: ${told(back.replayed)}`);
      if (back.resumed.mark !== 2) throw new Fault(`mark ${back.resumed.mark}`);
      await isBack(ann, bob);
    },
  },
  {
    name: "after a silence the asOf of a pong resumes complete, with nothing said",
    section: "heartbeat-degraded-nodes-draining",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.refused({ type: "room", set: { locked: true } }, "forbidden");
      await ann.client.quiet();
      await goesAway(ann, bob);
      const back = await comeBack(trial, ann, 2);
      complete(back);
      if (said(back.replayed).length > 0) throw new Fault(`replayed: ${told(back.replayed)}`);
      await isBack(ann, bob);
    },
  },
  {
    name: "every room of a resume gets its own replay and its own verdict",
    section: "resume",
    async run(trial) {
      const ann = await trial.client();
      const seats = [];
      for (const name of ["bob", "cid"]) {
        const other = await trial.seat(trial.room(), name);
        await ann.join(other.room);
        await other.client.expect("member", { change: "joined" });
        seats.push(other);
      }
      ann.cut();
      for (const { client } of seats) await client.expect("member", { change: "away" });
      for (const seat of seats) await seat.broadcast(`in ${seat.room}`);
      const strange = trial.room();
      const rooms = [...ann.positions].map(([room, position]) => ({ room, position }));
      const again = await trial.resuming(ann, 2, [...rooms, { room: strange, position: rooms[0]?.position ?? "" }]);
      await again.welcomedBy({ resumed: true });
      const verdicts = new Map<string, string>();
      const heard: unknown[] = [];
      while (verdicts.size < 3) {
        const frame = await again.next("three verdicts");
        if (frame.type === "resumed") verdicts.set(frame.room, frame.verdict);
        else if ("room" in frame && frame.room !== undefined && verdicts.has(frame.room)) {
          throw new Fault(`${told(frame)} after the verdict of its room`);
        } else heard.push(...said([frame]));
      }
      const wanted = [...seats.map(({ room }) => [room, "complete"]), [strange, "expired"]].sort();
      if (told([...verdicts].sort()) !== told(wanted)) throw new Fault(`verdicts: ${told([...verdicts])}`);
      if (told(heard.sort()) !== told(seats.map(({ room }) => `in ${room}`).sort())) throw new Fault(told(heard));
      for (const { client } of seats) await client.expect("member", { change: "back" });
    },
  },
  {
    name: "a resume without rooms keeps the session, and a join tells the mark of the earlier stay",
    section: "counters-answers-retries",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await bob.broadcast("from the first page");
      await ann.hears(bob, "from the first page");
      await goesAway(bob, ann);
      const page = await trial.resuming(bob.client, 2, []);
      await page.welcomedBy({ resumed: true, session: bob.id });
      const n = page.count();
      page.send({ type: "join", n, room: bob.room });
      const frames = await page.until({ type: "joined", room: bob.room });
      const joined = frames.at(-1);
      if (joined?.type !== "joined" || joined.mark !== 1) throw new Fault(`got ${told(frames)}`);
      await isBack(bob, ann);
      // What was said to it in its stay may follow once more.
      const m = page.count();
      page.send({ type: "ping", n: m });
      await page.until({ type: "pong", n: m });
      await barrier(new Seat(page, bob.room, joined.mark), ann);
    },
  },
  {
    name: "a stay that was left before the cut: expired, and a join begins anew",
    section: "resume",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const position = positionOf(bob);
      await bob.leave();
      await ann.client.expect("member", { change: "left", id: bob.id });
      bob.client.cut();
      const back = await comeBack(trial, bob, 2, position);
      if (back.resumed.verdict !== "expired") throw new Fault(`got ${told(back.resumed)}`);
      if (back.replayed.length > 0) throw new Fault(`replayed to a stranger: ${told(back.replayed)}`);
      await back.seat.client.join(bob.room);
      await ann.client.expect("member", { change: "joined", member: { id: bob.id } });
    },
  },
  {
    name: "who was removed while away: expired, and nothing of what was said since",
    section: "resume",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      await goesAway(bob, ann);
      await ann.done({ type: "moderate", member: bob.id, action: "remove" }, { type: "moderated", member: bob.id });
      await ann.broadcast("secret");
      const back = await comeBack(trial, bob, 2);
      if (back.resumed.verdict !== "expired") throw new Fault(`got ${told(back.resumed)}`);
      if (said(back.replayed).length > 0) throw new Fault(`replayed to a stranger: ${told(back.replayed)}`);
    },
  },
  {
    name: "many cuts in a row lose nothing and double nothing",
    section: "resume",
    async run(trial) {
      const [ann, bob] = await trial.pair();
      let seat = ann;
      const heard: unknown[] = [];
      const sent: string[] = [];
      for (let attempt = 2; attempt < 8; attempt += 1) {
        await goesAway(seat, bob);
        for (const half of ["a", "b"]) {
          const body = `${attempt}${half}`;
          sent.push(body);
          await bob.broadcast(body);
        }
        const back = await comeBack(trial, seat, attempt);
        complete(back);
        heard.push(...said(back.replayed));
        await isBack(seat, bob);
        seat = back.seat;
      }
      if (told(heard) !== told(sent)) throw new Fault(`heard ${told(heard)} of ${told(sent)}`);
      await barrier(seat, bob);
    },
  },
];
