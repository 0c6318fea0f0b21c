// When ICE servers are renewed, and for whom: on a virtual clock, with a scripted issuer, through whole nodes.
import type { SessionId } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import {
  Client,
  credentialOf,
  House,
  lobby,
  login,
  only,
  originOf,
  ownLogin,
  ProvenOnly,
  stun,
} from "../test-kit/ice-house.ts";
import type { Connection } from "./connection.ts";
import { IceDesk } from "./ice-desk.ts";
import { newSessionId } from "./identity.ts";
import { Session } from "./session.ts";

describe("what nears its end is renewed", () => {
  test.for([true, false])(
    "[turn 27] exactly one push comes when 70 to 80 % of the life have passed (everybody's: %s)",
    async (shared) => {
      const house = new House();
      house.turn.serve({ ...login("one"), shared });
      const ann = new Client(house, house.node("east")).hello();
      const from = house.clock.now();
      await house.clock.advance(1_000_000);
      if (shared) house.turn.serve(login("two"));
      else house.turn.serve(ownLogin("two"));
      await house.clock.advance(0.7 * 3_600_000 - 1_000_000 - 1);
      expect(ann.pushes).toEqual([]);
      await house.clock.advance(0.1 * 3_600_000 + 1_001);
      const { at, ice } = only(ann.pushes);
      expect(at - from).toBeGreaterThanOrEqual(0.7 * 3_600_000);
      expect(at - from).toBeLessThanOrEqual(0.8 * 3_600_000 + 1_000);
      expect(credentialOf(ice)).toBe("two");
      expect(house.of("ice_pushed").map(({ lag }) => lag)).toEqual([0]);
    },
  );

  test("[turn 27] of 10,000 sessions granted at once, no second holds more than 2 % of the pushes", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const bySecond = new Map<number, number>();
    const connection: Connection = {
      deliver: () => {
        const second = Math.floor(house.clock.now() / 1_000);
        bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
      },
      close: () => undefined,
    };
    // Without the rest of a node, whose records of sessions would cost this test nine tenths of its time.
    const sessions = new Map<SessionId, Session>();
    const world = house.world("east");
    const desk = new IceDesk(world, sessions);
    const timers = house.clock.timers;
    for (let i = 0; i < 10_000; i += 1) {
      const epoch = { attempt: 1, bump: 0, node: world.id };
      const origin = originOf({ address: `a${i}` });
      const session = new Session(newSessionId(house.random), origin, undefined, connection, epoch, 1, 0);
      sessions.set(session.id, session);
      desk.give(session, "greeting");
    }
    expect(house.clock.timers - timers).toBe(1);
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(bySecond.size).toBe(0);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    const counts = [...bySecond.values()];
    expect(counts.reduce((a, b) => a + b, 0)).toBe(10_000);
    expect(Math.max(...counts)).toBeLessThanOrEqual(200);
    expect(desk.size).toBe(10_000);
    for (const session of sessions.values()) desk.rest(session);
    expect(desk.size).toBe(0);
    expect(house.clock.timers).toBe(timers);
    desk.end();
  });

  test("a life of seconds is not renewed sooner than 30 s after the last grant", async () => {
    const house = new House();
    house.turn.serve({ ...ownLogin("one"), ttl: 20 });
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(29_999);
    expect(ann.pushes).toHaveLength(0);
    await house.clock.advance(1_001);
    expect(ann.pushes).toHaveLength(1);
  });

  test("whoever asked meanwhile is pushed to by what it was answered last", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(2_000_000);
    ann.ask();
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(ann.pushes).toHaveLength(0);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    expect(ann.pushes).toHaveLength(1);
  });

  test("what does not end is never pushed, and nothing is kept for it", async () => {
    const house = new House();
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.settle();
    expect(ann.session.ice).toBeUndefined();
    house.turn.serve(login("fixed", { ttl: 0, expiry: "never" }));
    const bob = new Client(house, house.node("west")).hello();
    expect(bob.session.ice).toBeUndefined();
    await house.clock.advance(10_000_000);
    expect([...ann.pushes, ...bob.pushes]).toEqual([]);
  });

  test("the same credentials are not sent again: they are looked at every 30 s, and STUN alone is told in the last minute", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    const from = house.clock.now();
    await house.clock.advance(1_800_000);
    house.turn.fail();
    await house.clock.advance(3_539_000 - 1_800_000);
    expect(ann.pushes).toEqual([]);
    // Not asked for as long as there is no news.
    expect(house.asked("push")).toBe(0);
    await house.clock.advance(31_000);
    const { at, ice } = only(ann.pushes);
    expect(at - from).toBeGreaterThanOrEqual(3_540_000);
    expect(at - from).toBeLessThanOrEqual(3_571_000);
    expect(ice).toEqual({ iceServers: [stun], ttl: 60, expiry: "never", degraded: true });
    await house.clock.advance(600_000);
    expect(ann.pushes).toHaveLength(1);
    house.turn.serve(login("two"));
    await house.clock.advance(5_000);
    expect(ann.credentials).toEqual([undefined, "two"]);
  });

  test("other credentials that come late are sent within 30 s", async () => {
    const house = new House();
    house.turn.serve(login("one"));
    const ann = new Client(house, house.node("east")).hello();
    await house.clock.advance(3_300_000);
    expect(ann.pushes).toEqual([]);
    house.turn.serve(login("two"));
    await house.clock.advance(31_000);
    expect(ann.credentials).toEqual(["two"]);
  });

  test("who is barred meanwhile keeps what it has until its last minute, is told STUN then, and waits for nothing", async () => {
    const house = new House((clock) => new ProvenOnly(clock, [stun]));
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello({ user: "ann" });
    if (house.turn instanceof ProvenOnly) house.turn.barred = true;
    await house.clock.advance(3_539_000);
    expect(ann.pushes).toEqual([]);
    await house.clock.advance(61_000);
    expect(only(ann.pushes).ice).toMatchObject({ degraded: true });
    expect(node.waitingForTurn).toBe(0);
    await house.clock.advance(10_000_000);
    expect(ann.pushes).toHaveLength(1);
  });

  test("a slow reader goes without a push while what it has lasts", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    ann.slow = true;
    await house.clock.advance(3_000_000);
    expect(ann.pushes).toHaveLength(0);
    ann.slow = false;
    await house.clock.advance(31_000);
    expect(ann.pushes).toHaveLength(1);
  });
});

describe("a session that goes elsewhere", () => {
  test.for([true, false])(
    "[turn 28] gets a fresh grant there, and the first node pushes nothing any more (half open: %s)",
    async (halfOpen) => {
      const house = new House();
      house.turn.serve(ownLogin("one"));
      const [east, west] = [house.node("east"), house.node("west")];
      const ann = new Client(house, east).hello().join();
      ann.halfOpen = halfOpen;
      await house.clock.advance(1_000_000);
      house.turn.serve(ownLogin("two"));
      // The first connection stands: only the room's log tells the first node.
      const again = new Client(house, west).resume(ann.welcome.token, [{ room: lobby, position: ann.place }]);
      expect(again.welcome.resumed).toBe(true);
      expect(credentialOf(again.welcome.ice)).toBe("two");
      expect(again.welcome.ice.ttl).toBe(3600);
      await house.clock.advance(10_000);
      expect(east.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
      await house.clock.advance(3_000_000);
      expect(ann.pushes).toEqual([]);
      expect(again.pushes).toHaveLength(1);
      expect(house.asked("push")).toBe(1);
    },
  );

  test("a connection that is lost is pushed nothing, also while its member is still in the room", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello();
    ann.cut();
    await house.clock.advance(2_000);
    expect(node.size).toEqual({ sessions: 0, rooms: 0, kept: 0 });
    house.turn.lose();
    house.turn.serve(ownLogin("two"));
    await house.clock.advance(4_000_000);
    expect(house.asked("push")).toBe(0);
  });

  test("a resume on the same node is given anew, and renewed by that", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello().join();
    await house.clock.advance(2_000_000);
    ann.cut();
    const again = new Client(house, node).resume(ann.welcome.token, [{ room: lobby, position: ann.place }]);
    expect(again.welcome.ice.ttl).toBe(3600);
    await house.clock.advance(0.7 * 3_600_000 - 1);
    expect(again.pushes).toEqual([]);
    await house.clock.advance(0.1 * 3_600_000 + 1_001);
    expect(again.pushes).toHaveLength(1);
  });
});

describe("a wish", () => {
  test("is kept for the session, changed at once by a request, and told with every grant", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello({ iceWish: { zone: "eu" } });
    ann.ask();
    ann.ask("geo");
    await house.clock.advance(3_000_000);
    expect(house.turn.questions?.map(({ wish, occasion }) => [occasion, wish])).toEqual([
      ["greeting", { zone: "eu" }],
      ["request", { zone: "eu" }],
      ["request", "geo"],
      ["push", "geo"],
    ]);
  });

  test("is kept also when nothing new may be had for it", async () => {
    const house = new House();
    house.turn.serve(ownLogin("one"));
    const ann = new Client(house, house.node("east")).hello();
    for (let i = 0; i < 3; i += 1) ann.ask();
    expect(ann.ask({ zone: "us" }).limited).toBeDefined();
    await house.clock.advance(3_000_000);
    expect(house.turn.questions?.at(-1)).toMatchObject({ occasion: "push", wish: { zone: "us" } });
  });
});

describe("who proved to be somebody", () => {
  test("[turn 35] is told to the issuer with every grant, and a session without TURN by who it is waits for nothing", async () => {
    const house = new House((clock) => new ProvenOnly(clock, [stun]));
    house.turn.serve(ownLogin("one"));
    const node = house.node("east");
    const ann = new Client(house, node).hello({ user: "ann" });
    const eve = new Client(house, node).hello();
    expect(credentialOf(ann.welcome.ice)).toBe("one");
    expect(credentialOf(ann.ask())).toBe("one");
    expect(eve.welcome.ice).toEqual({ iceServers: [stun], ttl: 0, expiry: "never", degraded: true });
    expect(eve.ask().degraded).toBe(true);
    await house.clock.advance(3_000_000);
    expect(ann.credentials).toEqual(["one"]);
    expect(eve.pushes).toEqual([]);
    expect(node.waitingForTurn).toBe(0);
    const users = house.turn.questions?.map(({ asker, occasion }) => [occasion, asker.user]);
    expect(users).toEqual([
      ["greeting", "ann"],
      ["greeting", undefined],
      ["request", "ann"],
      ["request", undefined],
      ["push", "ann"],
    ]);
  });
});
