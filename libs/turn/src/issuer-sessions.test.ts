// The issuer behind core's nodes: what sessions are told while credentials are renewed, rotated, withdrawn and lost.
import type { Connection, Session } from "@heliograph/core";
import { defaultSettings, Node, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { Event, IceGrant, NodeId, Realm } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { iceSet, issuerSettings } from "../contract/fixtures.ts";
import { secretA, secretB, signing } from "../contract/issuer-stage.ts";
import { unprobed } from "../contract/probed-zones.ts";
import { ScriptedSource } from "../contract/scripted-source.ts";
import type { IceSource } from "./ice-source.ts";
import { IceIssuer } from "./issuer.ts";
import { SecretSource } from "./providers/secret.ts";

class House {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly issuer: IceIssuer;
  readonly node: Node;

  constructor(sources: (clock: VirtualClock) => readonly IceSource[]) {
    const { clock } = this;
    const random = new SeededRandom(5);
    const observer = { observe: () => undefined };
    const id = "node".padEnd(22, "-") as NodeId;
    const settings = issuerSettings();
    this.issuer = new IceIssuer({ clock, observer, sources: sources(clock), settings, health: unprobed });
    this.node = new Node({
      ...new MemoryCluster({ clock, random }).node(id),
      id,
      settings: defaultSettings,
      rules: { version: 1, logLife: defaultSettings.logLife },
      tokens: new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), 86_400_000),
      turn: this.issuer,
      clock,
      random,
      observer,
    });
  }

  client(user?: string): Client {
    return new Client(this, user);
  }
}

class Client implements Connection {
  readonly grants: IceGrant[] = [];
  readonly session: Session;

  constructor(house: House, user: string | undefined) {
    const origin = { realm: "default" as Realm, dialect: "test", grace: 0, address: "a" };
    const opened = house.node.open(
      this,
      { type: "hello", attempt: 1 },
      { ...origin, ...(user === undefined ? {} : { user }) },
    );
    if (!opened.ok) throw new Error(opened.reason);
    this.session = opened.value;
  }

  deliver(event: Event): void {
    if (event.type === "welcome" || event.type === "ice") this.grants.push(event.ice);
  }

  close(): void {
    throw new Error("nobody closes");
  }

  get usernames(): (string | undefined)[] {
    return this.grants.map(({ iceServers }) => iceServers.find(({ username }) => username !== undefined)?.username);
  }
}

describe("sessions of a node", () => {
  test("are pushed logins of their own, under the same tag, before they end", async () => {
    const house = new House((clock) => [new SecretSource("own", signing(), clock)]);
    const ann = house.client("ann");
    await house.clock.advance(6_000_000);
    const [first = "", second = ""] = ann.usernames;
    expect(ann.grants).toHaveLength(3);
    expect(second.split(":")[1]).toBe(first.split(":")[1]);
    expect(Number(second.split(":")[0])).toBeGreaterThan(Number(first.split(":")[0]));
    expect(ann.grants.every(({ ttl, degraded }) => ttl === 3_600 && !degraded)).toBe(true);
  });

  test("hear nothing of a rotation until they are due, and at once of a secret that was taken out", async () => {
    let own: SecretSource | undefined;
    const house = new House((clock) => {
      own = new SecretSource("own", signing(), clock);
      return [own];
    });
    const ann = house.client();
    own?.replace(signing({ secrets: [secretB, secretA] }));
    await house.clock.advance(60_000);
    expect(ann.grants).toHaveLength(1);
    own?.replace(signing({ secrets: [secretB] }));
    await house.clock.advance(1_000);
    expect(ann.grants).toHaveLength(2);
    expect(ann.grants[1]?.iceServers[0]?.credential).not.toBe(ann.grants[0]?.iceServers[0]?.credential);
  });

  test("[turn 23] whose service is down keep its login to the last minute, then have STUN, and are told once of the next", async () => {
    let service: ScriptedSource | undefined;
    const house = new House((clock) => {
      service = new ScriptedSource("svc", clock);
      return [service];
    });
    const early = house.client();
    expect(early.grants).toMatchObject([{ ttl: 60, degraded: true }]);
    service?.serve(iceSet({ username: "first" }), 540_000);
    await house.clock.advance(5_000);
    expect(early.usernames).toEqual([undefined, "first"]);
    service?.fail();
    await house.clock.advance(300_000);
    const late = house.client();
    expect(late.grants).toMatchObject([{ ttl: 235, degraded: false }]);
    await house.clock.advance(174_000);
    expect([early.grants.length, late.grants.length]).toEqual([2, 1]);
    await house.clock.advance(62_000);
    service?.tell();
    expect(house.issuer.state).toBe("stun-only");
    expect([early, late].map(({ grants }) => grants.at(-1)?.degraded)).toEqual([true, true]);
    expect(house.node.waitingForTurn).toBe(2);
    service?.serve(iceSet({ username: "second" }), 540_000);
    await house.clock.advance(5_000);
    expect(early.usernames).toEqual([undefined, "first", undefined, "second"]);
    expect(late.usernames).toEqual(["first", undefined, "second"]);
  });

  test("[turn 25] are given what the next provider has, and pushed nothing when the first is back", async () => {
    let service: ScriptedSource | undefined;
    const house = new House((clock) => {
      service = new ScriptedSource("svc", clock);
      return [service, new SecretSource("own", signing(), clock)];
    });
    const below = house.client();
    service?.serve(iceSet({ username: "svc" }), 7_200_000);
    const above = house.client();
    await house.clock.advance(60_000);
    expect(below.usernames[0]).toMatch(/^\d+:/);
    expect(above.usernames).toEqual(["svc"]);
    expect(below.grants).toHaveLength(1);
  });
});
