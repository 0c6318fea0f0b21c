// What sessions are told when there is TURN again, and when another provider serves: on a virtual clock, through whole nodes.
import { describe, expect, test } from "vitest";
import { Client, credentialOf, House, login, only, ownLogin } from "../test-kit/ice-house.ts";

describe("sessions that were given STUN only", () => {
  test("[turn 24] each that is still there gets exactly one push within 5 s of the recovery, and nothing is kept for one that left", async () => {
    const house = new House();
    house.turn.lose();
    const node = house.node("east");
    const clients = Array.from({ length: 200 }, (_, i) => new Client(house, node).hello({ address: `a${i}` }));
    const [gone] = clients;
    expect(node.waitingForTurn).toBe(200);
    expect(clients.every((client) => client.welcome.ice.degraded && client.welcome.ice.ttl === 60)).toBe(true);
    gone?.cut();
    expect(node.waitingForTurn).toBe(199);
    await house.clock.advance(300_000);
    const from = house.clock.now();
    house.turn.serve(ownLogin("one"));
    await house.clock.advance(5_000);
    expect(node.waitingForTurn).toBe(0);
    expect(gone?.pushes).toEqual([]);
    const seconds = new Set<number>();
    for (const client of clients.slice(1)) {
      const { at, ice } = only(client.pushes);
      expect(at - from).toBeLessThanOrEqual(5_000);
      expect(credentialOf(ice)).toBe("one");
      seconds.add(Math.floor(at / 1_000));
    }
    // Spread, not all at once.
    expect(seconds.size).toBeGreaterThanOrEqual(4);
    await house.clock.advance(600_000);
    expect(clients.slice(1).every(({ pushes }) => pushes.length === 1)).toBe(true);
    for (const client of clients.slice(1)) client.cut();
    await house.clock.advance(2_000);
    expect(node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
  });

  test("[turn 24] so does one that came while nothing was known yet", async () => {
    const house = new House();
    house.turn.begin();
    const ann = new Client(house, house.node("east")).hello();
    expect(ann.welcome.ice.degraded).toBe(true);
    house.turn.serve(login("one"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["one"]);
  });

  test("one that asks between the recovery and its push is answered, and not told twice", async () => {
    const house = new House();
    house.turn.lose();
    const ann = new Client(house, house.node("east")).hello();
    house.turn.serve(login("one"));
    expect(credentialOf(ann.ask())).toBe("one");
    await house.clock.advance(10_000);
    expect(ann.pushes).toEqual([]);
  });

  test("a recovery that does not last leaves them waiting, and tells them nothing", async () => {
    const house = new House();
    house.turn.lose();
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    house.turn.serve(login("one"));
    house.turn.lose();
    await house.clock.advance(10_000);
    expect(ann.pushes).toEqual([]);
    expect(node.waitingForTurn).toBe(1);
    house.turn.serve(login("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["two"]);
  });

  test("who has credentials keeps them when the provider loses its own, and is told in their last minute", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(1_000_000);
    house.turn.lose();
    await house.clock.advance(2_500_000);
    expect(ann.pushes).toEqual([]);
    await house.clock.advance(100_000);
    expect(only(ann.pushes).ice.degraded).toBe(true);
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual([undefined, "two"]);
  });
});

describe("when another provider serves", () => {
  test("[turn 25] new grants come from it, and nobody is pushed to, neither on the way down nor up", async () => {
    const house = new House();
    house.turn.serve(ownLogin("own"));
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    house.turn.serve(login("twilio"));
    const bob = new Client(house, node).hello();
    await house.clock.advance(60_000);
    house.turn.serve(ownLogin("own again"));
    await house.clock.advance(60_000);
    const cid = new Client(house, node).hello();
    expect([ann, bob, cid].map(({ welcome }) => credentialOf(welcome.ice))).toEqual(["own", "twilio", "own again"]);
    expect([...ann.pushes, ...bob.pushes, ...cid.pushes]).toEqual([]);
  });

  test("what is withdrawn is replaced for everybody at once, a few at a time", async () => {
    const house = new House();
    house.turn.serve(ownLogin("leaked"));
    const node = house.node("east");
    const clients = Array.from({ length: 1_000 }, (_, i) => new Client(house, node).hello({ address: `a${i}` }));
    await house.clock.advance(100_000);
    const from = house.clock.now();
    house.turn.replace(ownLogin("new"));
    await house.clock.advance(1);
    const first = clients.filter(({ pushes }) => pushes.length > 0).length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(1_000);
    await house.clock.advance(1_000);
    for (const client of clients) {
      expect(client.credentials).toEqual(["new"]);
      expect(only(client.pushes).at - from).toBeLessThanOrEqual(1_000);
    }
    await house.clock.advance(1_000_000);
    expect(clients.every(({ pushes }) => pushes.length === 1)).toBe(true);
  });

  test("also of those whose servers had no end, and also when there is only STUN in its place", async () => {
    const house = new House();
    house.turn.serve(login("fixed", { ttl: 0, expiry: "never" }));
    const ann = new Client(house, house.node("east")).hello();
    house.turn.replace(login("other", { ttl: 0, expiry: "never" }));
    await house.clock.advance(1_000);
    expect(ann.credentials).toEqual(["other"]);
    expect(ann.session.ice).toBeUndefined();
    house.turn.replace(ownLogin("own"));
    await house.clock.advance(1_000);
    house.turn.replace();
    await house.clock.advance(1_000);
    expect(ann.credentials).toEqual(["other", "own", undefined]);
    house.turn.serve(ownLogin("own again"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual(["other", "own", undefined, "own again"]);
  });
});
