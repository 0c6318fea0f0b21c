// Two connections race for one session on two nodes, ten thousand times: one of them owns it, and the other knows.
import type { Connection, Origin, Session } from "@heliograph/core";
import type { Close, Event, Position, RoomName } from "@heliograph/protocol";
import { parseRealm, parseRoomName } from "@heliograph/protocol";
import { expect, test } from "vitest";
import { Dice } from "./dice.ts";
import { type Edge, House } from "./house.ts";
import { writeBody } from "./membership.ts";

const rounds = 10_000;
const [realm, room] = [parseRealm("default"), parseRoomName("lobby")];
if (!realm.ok || !room.ok) throw new Error("names of this test");
const lobby: RoomName = room.value;
const origin: Origin = { realm: realm.value, dialect: "simulation", grace: 8_000, address: "here" };

/** A door without a network: what the node delivers is heard at once. */
class Racer implements Connection {
  readonly edge: Edge;
  readonly attempt: number;
  closed: Close | "refused" | undefined;
  answered = false;
  token = "";
  at: Position | undefined;
  readonly heard: { readonly attempt: number; readonly edge: string }[] = [];
  #session: Session | undefined;

  constructor(edge: Edge, attempt: number) {
    this.edge = edge;
    this.attempt = attempt;
  }

  open(token?: string, position?: Position): void {
    const { attempt } = this;
    const rooms = position === undefined ? [] : [{ room: lobby, position }];
    const opened = this.edge.node.open(
      this,
      token === undefined ? { type: "hello", attempt } : { type: "resume", attempt, token, rooms },
      origin,
    );
    if (opened.ok) this.#session = opened.value;
    else this.closed ??= "refused";
  }

  join(): void {
    this.#command({ type: "join", n: 1, room: lobby, profile: {} });
  }

  /** As soon as it owns the session it says who it is. */
  #claim(n: number): void {
    const body = writeBody({ id: this.edge.name, attempt: this.attempt });
    this.#command({ type: "broadcast", n, room: lobby, body });
  }

  #command(command: Parameters<Edge["node"]["command"]>[1]): void {
    if (this.#session !== undefined) this.edge.node.command(this.#session, command);
  }

  deliver(event: Event): void {
    if (this.closed !== undefined) return;
    if ("position" in event && event.position !== undefined) this.at = event.position;
    if (event.type === "welcome") this.token = event.token;
    if (event.type === "ack") this.answered = true;
    if (event.type === "resumed") this.edge.gate.clock.endOfTurn(() => this.#claim(event.mark + 1));
    if (event.type === "broadcast") {
      const { id, attempt } = JSON.parse(new TextDecoder().decode(event.body.bytes));
      this.heard.push({ edge: id, attempt });
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

test("of two connections that race for a session one owns it, at every moment", { timeout: 120_000 }, async () => {
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
    const position = witness.at;
    const racers = [one, two].map((at, i) => new Racer(edges[at] ?? first, attempt + (attempts[i] ?? 1)));
    witness.heard.length = 0;
    for (const racer of racers) house.clock.after(dice.between(0, 15), () => racer.open(token, position));
    await house.clock.advance(120);
    const open = [owner, ...racers].filter(({ closed }) => closed === undefined);
    const last = witness.heard.at(-1);
    const said = witness.heard.map(({ edge, attempt: by }) => `${edge} ${by}`);
    expect(open, `round ${round}`).toHaveLength(1);
    const [winner] = open;
    if (winner === undefined) break;
    // It owns what was said last; whoever spoke before it is not heard again, and each spoke at most once.
    expect(`${last?.edge} ${last?.attempt}`, `round ${round}`).toBe(`${winner.edge.name} ${winner.attempt}`);
    expect(winner.answered).toBe(true);
    expect(new Set(said).size).toBe(said.length);
    owner = winner;
    attempt += 2;
  }
  expect(house.troubles).toEqual([]);
  for (const edge of edges) edge.end();
});
