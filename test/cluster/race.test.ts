// Two clients race for one session on two real nodes: one of them owns it, in every room alike, and the other is told.
import { LocalCluster } from "@heliograph/cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import WebSocket from "ws";
import { patience } from "../kit/until.ts";
import { Dice } from "./load/dice.ts";

const rounds = 200;
const rooms = ["east", "west"] as const;
type RoomName = (typeof rooms)[number];

interface Frame {
  readonly type: string;
  readonly n?: number;
  readonly room?: RoomName;
  readonly mark?: number;
  readonly position?: string;
  readonly token?: string;
  readonly reason?: string;
  readonly body?: unknown;
}

/** Speaks for the session as soon as it may, in every room: who it is, once. */
class Racer {
  readonly name: string;
  readonly attempt: number;
  readonly heard = new Map<RoomName, string[]>(rooms.map((room) => [room, []]));
  readonly positions = new Map<RoomName, string>();
  readonly answered = new Set<RoomName>();
  token = "";
  closed: number | undefined;
  readonly #socket: WebSocket;
  readonly #changed: () => void;

  /** `token`: resumes from the positions; otherwise says hello and joins. */
  constructor(
    name: string,
    url: string,
    attempt: number,
    changed: () => void,
    resume?: { readonly token: string; readonly positions: ReadonlyMap<RoomName, string> },
  ) {
    this.name = name;
    this.attempt = attempt;
    this.#changed = changed;
    this.#socket = new WebSocket(url, "heliograph.v1.json");
    this.#socket.on("open", () => {
      if (resume === undefined) {
        this.#send({ type: "hello", attempt });
        for (const [i, room] of rooms.entries()) this.#send({ type: "join", n: i + 1, room });
      } else {
        const { token, positions } = resume;
        const named = [...positions].map(([room, position]) => ({ room, position }));
        this.#send({ type: "resume", attempt, token, rooms: named });
      }
    });
    this.#socket.on("message", (data) => this.#read(JSON.parse(String(data))));
    this.#socket.on("close", (code) => {
      this.closed = code;
      changed();
    });
    this.#socket.on("error", () => undefined);
  }

  get open(): boolean {
    return this.closed === undefined;
  }

  /** Said what it is in every room, and it was applied. */
  get owns(): boolean {
    return this.open && this.answered.size === rooms.length;
  }

  end(): void {
    this.#socket.terminate();
  }

  #read(frame: Frame): void {
    const { type, room, position } = frame;
    if (frame.token !== undefined) this.token = frame.token;
    if (room !== undefined && position !== undefined) this.positions.set(room, position);
    if (type === "resumed" && room !== undefined) {
      this.#send({ type: "broadcast", n: (frame.mark ?? 0) + 1, room, body: this.name });
    }
    if (type === "joined" && room !== undefined) this.answered.add(room);
    if (type === "ack" && room !== undefined) this.answered.add(room);
    if (type === "broadcast" && room !== undefined) this.heard.get(room)?.push(String(frame.body));
    this.#changed();
  }

  #send(frame: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}

let cluster: LocalCluster;

beforeAll(async () => {
  cluster = await LocalCluster.start({ edges: 2, keepers: 0, nats: 1, redis: "single" });
});

afterAll(() => cluster.stop());

test(`of two clients that race with one token one owns the session, ${rounds} times`, {
  timeout: 120_000,
}, async () => {
  const urls = cluster.edges.map(({ url }) => url);
  const dice = new Dice(Number(process.env["HELIOGRAPH_SEED"] ?? 20_261_121));
  let looked: () => void = () => undefined;
  const changed = (): void => looked();
  /** Looks at each change, whoever it came to. */
  const comes = (what: string, look: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`it never came to be: ${what}`)), patience);
      looked = () => {
        if (!look()) return;
        looked = () => undefined;
        clearTimeout(late);
        resolve();
      };
      looked();
    });

  const witness = new Racer("witness", urls[0] ?? "", 1, changed);
  await comes("the witness is in", () => witness.owns);
  let owner = new Racer("first", urls[0] ?? "", 1, changed);
  await comes("somebody is in", () => owner.owns);
  let attempt = 1;
  const winners = new Map<string, number>();

  for (let round = 1; round <= rounds; round += 1) {
    const attempts = dice.of([
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const);
    for (const room of rooms) witness.heard.get(room)?.splice(0);
    const { token } = owner;
    const positions = new Map(witness.positions);
    // Who dials first has a head start of some microseconds or, now and then, of everything until the welcome.
    const order = dice.of([
      [0, 1],
      [1, 0],
    ] as const);
    const racers: Racer[] = [];
    for (const node of order) {
      const name = `round ${round} on node ${node}`;
      const racer = new Racer(name, urls[node] ?? "", attempt + attempts[node], changed, { token, positions });
      racers.push(racer);
      if (racers.length === 1 && dice.fraction() < 0.3)
        await comes("it is welcome", () => racer.token !== "" || !racer.open);
    }
    const all = [owner, ...racers];
    await comes(`round ${round} has one owner`, () => {
      const [winner, ...more] = all.filter(({ open }) => open);
      if (winner === undefined || more.length > 0 || !winner.owns) return false;
      return rooms.every((room) => witness.heard.get(room)?.includes(winner.name));
    });
    const winner = all.find(({ open }) => open);
    if (winner === undefined) throw new Error("nobody owns it");
    for (const room of rooms) {
      const said = witness.heard.get(room) ?? [];
      // Whoever owned it for a while spoke once, before; nobody speaks after the one who owns it now.
      expect(said.at(-1), `round ${round} in ${room}`).toBe(winner.name);
      expect(new Set(said).size, `round ${round} in ${room}`).toBe(said.length);
    }
    const losers = all.filter((each) => each !== winner);
    expect(
      losers.map(({ closed }) => closed),
      `round ${round}`,
    ).toStrictEqual(losers.map(() => 4004));
    const highest = Math.max(...racers.map((racer) => racer.attempt));
    expect(winner.attempt, `round ${round}`).toBe(highest);
    winners.set(winner.name.slice(-6), (winners.get(winner.name.slice(-6)) ?? 0) + 1);
    owner = winner;
    attempt = highest;
  }
  expect(winners.size, "both nodes win now and then").toBe(2);
  owner.end();
  witness.end();
});
