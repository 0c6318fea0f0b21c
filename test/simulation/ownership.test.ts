// Two connections race for one session on two nodes, ten thousand times: one of them owns it in every room it is in.
import type { Connection, Origin, Session } from "@heliograph/core";
import type { Close, Event, Position, RoomName } from "@heliograph/protocol";
import { parseRealm, parseRoomName } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { Dice } from "./dice.ts";
import { type Edge, House } from "./house.ts";
import { writeBody } from "./membership.ts";

const rounds = 10_000;
const realm = parseRealm("default");
if (!realm.ok) throw new Error("the default realm has a name");
const rooms: readonly RoomName[] = ["lobby", "attic"].map((raw) => {
  const room = parseRoomName(raw);
  if (!room.ok) throw new Error(raw);
  return room.value;
});
const origin: Origin = { realm: realm.value, dialect: "simulation", grace: 8_000, address: "here" };

/** A door without a network: what the node delivers is heard at once. */
class Racer implements Connection {
  readonly edge: Edge;
  readonly attempt: number;
  closed: Close | "refused" | undefined;
  readonly answered = new Set<RoomName>();
  token = "";
  readonly at = new Map<RoomName, Position>();
  /** What each connection said, by room, in the order of its log. */
  readonly heard = new Map<RoomName, string[]>();
  readonly #counters = new Map<RoomName, number>();
  #session: Session | undefined;

  constructor(edge: Edge, attempt: number) {
    this.edge = edge;
    this.attempt = attempt;
  }

  get name(): string {
    return `${this.edge.name} ${this.attempt}`;
  }

  open(token?: string, places: ReadonlyMap<RoomName, Position> = new Map()): void {
    const { attempt } = this;
    const named = [...places].map(([room, position]) => ({ room, position }));
    const opened = this.edge.node.open(
      this,
      token === undefined ? { type: "hello", attempt } : { type: "resume", attempt, token, rooms: named },
      origin,
    );
    if (opened.ok) this.#session = opened.value;
    else this.closed ??= "refused";
  }

  join(): void {
    for (const room of rooms) this.#command({ type: "join", n: 1, room, profile: {} });
  }

  /** Says who it is, in every room where it has ever been answered. */
  claim(): void {
    for (const room of this.#counters.keys()) this.#claim(room);
  }

  #claim(room: RoomName): void {
    const n = (this.#counters.get(room) ?? 0) + 1;
    this.#counters.set(room, n);
    const body = writeBody({ id: this.name, attempt: this.attempt });
    this.#command({ type: "broadcast", n, room, body });
  }

  #command(command: Parameters<Edge["node"]["command"]>[1]): void {
    // A door reads nothing more from a socket that it has closed.
    if (this.#session !== undefined && this.closed === undefined) this.edge.node.command(this.#session, command);
  }

  deliver(event: Event): void {
    if (this.closed !== undefined) return;
    if ("position" in event && event.position !== undefined && "room" in event) this.at.set(event.room, event.position);
    if (event.type === "welcome") this.token = event.token;
    if (event.type === "ack") this.answered.add(event.room);
    if (event.type === "joined") this.#counters.set(event.room, event.mark);
    if (event.type === "resumed") {
      this.#counters.set(event.room, event.mark);
      // As soon as it owns the session there it speaks, and goes on as long as it thinks so.
      this.edge.gate.clock.endOfTurn(() => this.#claim(event.room));
    }
    if (event.type === "broadcast") {
      const { id } = JSON.parse(new TextDecoder().decode(event.body.bytes));
      this.heard.set(event.room, [...(this.heard.get(event.room) ?? []), id]);
    }
  }

  close(why: Close): void {
    if (this.closed !== undefined) return;
    this.closed = why;
    this.edge.gate.clock.endOfTurn(() => {
      if (this.#session !== undefined) this.edge.node.lost(this.#session, this);
    });
  }
}

/** Who spoke, each once for all it said without another between. */
function turnsOf(said: readonly string[]): string[] {
  return said.filter((name, i) => name !== said[i - 1]);
}

test("of two connections that race for a session one owns it, at every moment, in every room", {
  timeout: 120_000,
}, async () => {
  const dice = new Dice(7);
  const house = new House(dice.fork());
  const edges = [house.edge(), house.edge(), house.edge()];
  for (const edge of edges) edge.ports.link.misbehave({ delay: [0, 6], double: 0.1, reorder: 0.1, appendTwice: 0.05 });
  const [first] = edges;
  if (first === undefined) throw new Error("three nodes");
  const witness = new Racer(first, 1);
  witness.open();
  witness.join();
  await house.clock.advance(200);
  let owner = new Racer(first, 1);
  owner.open();
  owner.join();
  await house.clock.advance(200);
  let attempt = 1;
  for (let round = 0; round < rounds; round += 1) {
    house.turns = 0;
    const one = dice.between(0, 2);
    const two = (one + dice.between(1, 2)) % 3;
    const attempts = dice.pick([
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const) ?? [1, 1];
    const { token } = owner;
    const places = new Map(witness.at);
    const racers = [one, two].map((at, i) => new Racer(edges[at] ?? first, attempt + (attempts[i] ?? 1)));
    witness.heard.clear();
    for (const racer of racers) house.clock.after(dice.between(0, 15), () => racer.open(token, places));
    // All three speak whenever they think that they own the session.
    for (const each of [owner, ...racers]) house.clock.after(dice.between(5, 40), () => each.claim());
    await house.clock.advance(140);
    const open = [owner, ...racers].filter(({ closed }) => closed === undefined);
    expect(open, `round ${round}`).toHaveLength(1);
    const [winner] = open;
    if (winner === undefined) break;
    for (const room of rooms) {
      const turns = turnsOf(witness.heard.get(room) ?? []);
      // Whoever was heard and then another is never heard again: at every place of the log there is one owner.
      expect(new Set(turns).size, `round ${round}: ${turns}`).toBe(turns.length);
      // And the last one is the same in every room, knows it, and is the only one left.
      expect(turns.at(-1), `round ${round}`).toBe(winner.name);
      expect(winner.answered.has(room)).toBe(true);
    }
    owner = winner;
    attempt += 2;
  }
  expect(house.troubles).toEqual([]);
  for (const edge of edges) edge.end();
});
