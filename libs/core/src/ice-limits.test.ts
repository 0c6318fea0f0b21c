// Who asks for ICE servers too often is given what it has: sessions, users and addresses, through whole nodes.
import { describe, expect, test } from "vitest";
import { Client, credentialOf, House, login, ownLogin, stun } from "../test-kit/ice-house.ts";

describe("whoever asks too often", () => {
  test("[turn 34] is given what it has once more, with the life that is left, and no credential is made", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) expect(ann.ask().limited).toBeUndefined();
    const made = house.turn.questions?.length;
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(900);
    const grant = ann.ask();
    expect(credentialOf(grant)).toBe("one");
    expect(grant).toMatchObject({ ttl: 3599, degraded: false, limited: { retryIn: 29_100 } });
    expect(house.turn.questions).toHaveLength(made ?? -1);
    expect(house.of("ice_limited")).toEqual([{ type: "ice_limited", by: "session" }]);
    await house.clock.advance(29_100);
    expect(credentialOf(ann.ask())).toBe("two");
    expect(ann.ask().limited).toBeDefined();
  });

  test("[turn 34] is given STUN only where the credentials are everybody's, or about to end", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    const made = house.turn.questions?.length;
    const grant = ann.ask();
    expect(grant).toEqual({
      iceServers: [stun],
      ttl: 60,
      expiry: "never",
      degraded: true,
      limited: { retryIn: 30_000 },
    });
    expect(house.turn.questions).toHaveLength(made ?? -1);
    expect(house.of("ice_granted")).toEqual([{ type: "ice_granted", occasion: "request", shortfall: "limited" }]);
    const node = house.node("west");
    for (const [ttl, degraded] of [
      [60, true],
      [61, false],
    ] as const) {
      house.turn.serve({ ...ownLogin("short"), ttl });
      const bob = new Client(house, node).hello();
      for (let i = 0; i < 3; i += 1) bob.ask();
      expect(bob.ask()).toMatchObject({ degraded, limited: { retryIn: 30_000 } });
    }
  });

  test("a TURN server over UDP answers STUN where no STUN server is named", async () => {
    const house = new House();
    const { iceServers } = login("one");
    house.turn.serve({ ...login("one"), iceServers: iceServers.slice(0, 1) });
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask().iceServers).toEqual([{ urls: ["stun:turn.example:3478"] }]);
  });

  test("a user has 20 in ten minutes from all sessions and addresses, and one more on each node that has yet to hear", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const [east, west] = [house.node("east"), house.node("west")];
    const limited: boolean[] = [];
    for (let i = 0; i < 30; i += 1) {
      const client = new Client(house, i % 2 === 0 ? east : west).hello({ user: "ann", address: `a${i}` });
      limited.push(client.welcome.ice.limited !== undefined);
      await house.clock.advance(100);
    }
    // A node hears what the others counted when it counts itself: nothing waits for that.
    expect(limited.indexOf(true)).toBeGreaterThanOrEqual(20);
    expect(limited.filter((is) => !is).length).toBeLessThanOrEqual(21);
    expect(limited.slice(22)).not.toContain(false);
    expect(house.of("ice_limited").every(({ by }) => by === "user")).toBe(true);
    expect(new Client(house, west).hello({ user: "bob", address: "a1" }).welcome.ice.limited).toBeUndefined();
    await house.clock.advance(600_000);
    expect(new Client(house, west).hello({ user: "ann" }).welcome.ice.limited).toBeUndefined();
  });

  test("an address has 120 in ten minutes: a burst is stopped though nobody waits for the counters", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const limited = Array.from({ length: 130 }, () => new Client(house, node).hello().welcome.ice);
    expect(limited.findIndex((ice) => ice.limited !== undefined)).toBe(120);
    expect(limited.at(-1)).toMatchObject({ degraded: true, iceServers: [stun] });
    expect(house.of("ice_limited").every(({ by }) => by === "address")).toBe(true);
  });

  test("a resume is not refused for it: an office may have to move to another node at once", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const [east, west] = [house.node("east"), house.node("west")];
    const clients = Array.from({ length: 121 }, () => new Client(house, east).hello());
    expect(clients.at(-1)?.welcome.ice.limited).toBeDefined();
    for (const client of clients) {
      const { ice } = new Client(house, west).resume(client.welcome.token).welcome;
      expect(credentialOf(ice)).toBe("one");
    }
  });

  test("while the shared memory is out of reach, a session's own bound is the only one", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    house.cluster.reach.set("closed");
    for (let i = 0; i < 200; i += 1) {
      expect(new Client(house, node).hello().welcome.ice.limited).toBeUndefined();
      await house.clock.settle();
    }
    const ann = new Client(house, node).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask().limited).toBeDefined();
  });

  test("where there is no credential to be had, nothing is counted and nothing refused", async () => {
    for (const lose of [true, false]) {
      const house = new House();
      if (lose) house.turn.lose();
      const node = house.node("east");
      const ann = new Client(house, node).hello();
      for (let i = 0; i < 200; i += 1) expect(ann.ask().limited).toBeUndefined();
    }
  });

  test("pushes do not count", async () => {
    const house = new House();
    house.turn.serve({ ...ownLogin("one"), ttl: 60 });
    const node = house.node("east");
    const tabs = [1, 2, 3].map(() => new Client(house, node).hello({ user: "ann" }));
    await house.clock.advance(590_000);
    expect(tabs.flatMap(({ pushes }) => pushes).length).toBeGreaterThan(30);
    for (const tab of tabs) expect(tab.ask().limited).toBeUndefined();
  });
});
