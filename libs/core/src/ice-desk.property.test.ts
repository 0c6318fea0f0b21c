// Whatever clients, providers and time do in whatever order: nobody is left with credentials that ended, nor without any.
import type { Event, IceGrant, NodeId, Realm, SessionId } from "@heliograph/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Connection } from "./connection.ts";
import { IceDesk } from "./ice-desk.ts";
import { newSessionId } from "./identity.ts";
import { MemoryCluster, MemoryTurnIssuer, SeededRandom, VirtualClock } from "./memory/mod.ts";
import { Session } from "./session.ts";
import { defaultSettings } from "./settings.ts";
import { Signer } from "./signer.ts";
import { Tokens } from "./token.ts";

const node = "node".padEnd(22, "-") as NodeId;
const stun = { urls: ["stun:stun.example"] };

type Act =
  | { readonly act: "come" | "lose" | "fail" | "begin" }
  | { readonly act: "ask" | "cut" | "resume"; readonly who: number }
  | { readonly act: "serve" | "replace"; readonly shared: boolean; readonly ttl: number }
  | { readonly act: "wait"; readonly ms: number };

const ttl = fc.constantFrom(120, 600, 3600);
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    fc.record({ act: fc.constantFrom("come", "come", "lose", "fail", "begin") }),
    fc.record({ act: fc.constantFrom("ask", "cut", "resume"), who: fc.nat(9) }),
    fc.record({ act: fc.constantFrom("serve", "serve", "replace"), shared: fc.boolean(), ttl }),
    fc.record({ act: fc.constant("wait" as const), ms: fc.oneof(fc.nat(10_000), fc.nat(4_000_000)) }),
  ),
  { minLength: 5, maxLength: 40 },
);

class Client implements Connection {
  readonly session: Session;
  readonly #clock: VirtualClock;
  readonly #desk: IceDesk;
  /** What it holds, and since when. */
  ice: IceGrant = { iceServers: [], ttl: 0, expiry: "never", degraded: true };
  since = 0;

  constructor(scene: Scene) {
    this.#clock = scene.clock;
    this.#desk = scene.desk;
    const origin = { realm: "default" as Realm, dialect: "test", grace: 1, address: `${scene.clients.length}` };
    const epoch = { attempt: 1, bump: 0, node };
    this.session = new Session(newSessionId(scene.random), origin, undefined, this, epoch, 1, 0);
    this.#take(this.#desk.give(this.session, "greeting"));
  }

  deliver(event: Event): void {
    if (event.type !== "ice") throw new Error(event.type);
    this.#take(event.ice);
  }

  close(): void {
    throw new Error("nobody closes");
  }

  ask(): void {
    if (this.session.connection === undefined) return;
    const grant = this.#desk.give(this.session, "request");
    // As the SDK does: what it has is better than nothing.
    if (grant.limited === undefined) this.#take(grant);
  }

  cut(): void {
    this.session.connection = undefined;
    this.#desk.rest(this.session);
  }

  resume(): void {
    this.session.connection = this;
    this.#take(this.#desk.give(this.session, "resume"));
  }

  /** Milliseconds. */
  get left(): number {
    return this.ice.ttl === 0 ? Number.POSITIVE_INFINITY : this.since + this.ice.ttl * 1_000 - this.#clock.now();
  }

  #take(ice: IceGrant): void {
    this.ice = ice;
    this.since = this.#clock.now();
  }
}

class Scene {
  readonly random = new SeededRandom(3);
  readonly clock = new VirtualClock({ turn: async () => undefined });
  readonly turn = new MemoryTurnIssuer(this.clock, [stun]);
  readonly desk: IceDesk;
  readonly clients: Client[] = [];
  readonly #sessions = new Map<SessionId, Session>();
  #logins = 0;

  constructor() {
    const cluster = new MemoryCluster({ clock: this.clock, random: this.random });
    this.desk = new IceDesk(
      {
        ...cluster.node(node),
        id: node,
        settings: defaultSettings,
        rules: { version: 1, logLife: defaultSettings.logLife },
        tokens: new Tokens(new Signer([{ id: "k1", secret: new Uint8Array(32).fill(7) }]), 86_400_000),
        turn: this.turn,
        clock: this.clock,
        random: this.random,
        observer: { observe: () => undefined },
      },
      this.#sessions,
    );
  }

  async play(act: Act): Promise<void> {
    switch (act.act) {
      case "come": {
        const client = new Client(this);
        this.clients.push(client);
        this.#sessions.set(client.session.id, client.session);
        return;
      }
      case "ask":
      case "cut":
      case "resume":
        return this.clients[act.who]?.[act.act]();
      case "begin":
      case "lose":
      case "fail":
        return this.turn[act.act]();
      case "serve":
      case "replace":
        this.#logins += 1;
        return this.turn[act.act]({
          iceServers: [{ urls: ["turn:turn.example"], username: "u", credential: `${this.#logins}` }, stun],
          ttl: act.ttl,
          expiry: "hard",
          shared: act.shared,
        });
      case "wait":
        return this.clock.advance(act.ms);
      default:
        return act satisfies never;
    }
  }

  get there(): Client[] {
    return this.clients.filter(({ session }) => session.connection !== undefined);
  }
}

test("whoever is there has credentials that serve, or knows that it has STUN only and is told when there are some", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (story) => {
      const scene = new Scene();
      const timers = scene.clock.timers;
      for (const act of story) {
        await scene.play(act);
        // The calendar is at most a second late, and nobody is later who was told in the last minute.
        for (const { left, ice } of scene.there) if (!ice.degraded) expect(left).toBeGreaterThan(-2_000);
      }
      await scene.play({ act: "serve", shared: true, ttl: 3600 });
      await scene.clock.advance(5_000);
      for (const { ice } of scene.there) expect(ice.degraded).toBe(false);
      for (const client of scene.there) client.cut();
      expect(scene.desk.size).toBe(0);
      scene.turn.serve({ iceServers: [], ttl: 0, expiry: "never", shared: true });
      expect(scene.clock.timers).toBe(timers);
      scene.desk.end();
    }),
    { numRuns: 1_000 },
  );
});
