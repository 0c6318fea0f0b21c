// Pages in real browsers that have no way but a relay, by a clock that may hurry: what they are granted, and what came of it.
import type { Coturn } from "@heliograph/cluster";
import { demoPagesOf } from "@heliograph/edge";
import type { IceExpiry, IceGrant } from "@heliograph/protocol";
import { Edges } from "../kit/edges.ts";
import type { Scene } from "../kit/scene.ts";
import { configured } from "../kit/server.ts";
import { until } from "../kit/until.ts";
import type { Visitor } from "../kit/visitor.ts";
import type { Script } from "./lab-issuer.ts";
import { LabIssuer, serversOf } from "./lab-issuer.ts";

const settings = { LISTEN_PORT: "0", TURN_STUN: "[]" };

export interface PageLab {
  /** Milliseconds by the page's own clock. */
  sleep(ms: number): void;
  readonly channels: RTCDataChannel[];
  closed: number;
  readonly errors: { readonly code: number; readonly url: string }[];
  /** When each ICE restart was wanted, by the page's clock. */
  readonly restarts: number[];
}

declare global {
  /** Written by `relayOnly`. */
  var heliographLab: PageLab;
}

/** Runs in the page, before its own scripts, behind the witness of the kit: no path but a relay, and a clock that hurries. */
function relayOnly(haste: number): void {
  let slept = 0;
  const sleep = (ms: number): void => {
    slept += ms;
  };
  const now = performance.now.bind(performance);
  const day = Date.now;
  const later = globalThis.setTimeout;
  performance.now = () => now() * haste + slept;
  Date.now = () => day() + slept;
  Object.assign(globalThis, {
    setTimeout: (call: () => void, ms = 0) => later(call, ms / haste),
  });
  const lab: PageLab = { sleep, channels: [], closed: 0, errors: [], restarts: [] };
  globalThis.heliographLab = lab;
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: "relay" });
      this.addEventListener("icecandidateerror", ({ errorCode: code, url }) => lab.errors.push({ code, url }));
    }
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init);
      lab.channels.push(channel);
      // Two that call each other at once make a connection too many, whose channel never opened.
      channel.addEventListener("open", () =>
        channel.addEventListener("close", () => {
          lab.closed += 1;
        }),
      );
      return channel;
    }
    override restartIce(): void {
      lab.restarts.push(performance.now());
      super.restartIce();
    }
  };
}

export class RelayHouse {
  readonly url: string;
  readonly issuer: LabIssuer;
  readonly edges: Edges;
  readonly #scene: Scene;

  private constructor(scene: Scene, edges: Edges, issuer: LabIssuer, url: string) {
    this.#scene = scene;
    this.edges = edges;
    this.issuer = issuer;
    this.url = url;
  }

  static async open(scene: Scene, script: Script): Promise<RelayHouse> {
    const edges = new Edges(settings, { site: await demoPagesOf(configured(settings)) });
    scene.after(() => edges.end());
    const issuer = new LabIssuer(script);
    const { edge } = await edges.start(issuer);
    return new RelayHouse(scene, edges, issuer, `http://127.0.0.1:${edge.port}/r/relays`);
  }

  async visitor(name: string, pace = 1): Promise<Visitor> {
    const context = await this.#scene.context();
    await context.addInitScript(relayOnly, pace);
    return this.#scene.another(context, this.url, { name });
  }

  /** Both in the room and in each other's sight. */
  async pair(pace = 1): Promise<readonly [Visitor, Visitor]> {
    const ann = await this.visitor("Ann", pace);
    await ann.join();
    const bob = await this.visitor("Bob", pace);
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    return [ann, bob];
  }

  /** In the order of their coming. */
  session(index: number): string {
    const session = this.issuer.sessions[index];
    if (session === undefined) throw new Error("nobody came");
    return session;
  }
}

/** By nothing but TLS, with a certificate that its server signed itself. */
export function secureOnly(coturn: Coturn, tag: string): IceGrant {
  const [server] = serversOf(coturn, tag);
  const urls = [`turns:${coturn.host}:${coturn.tlsPort}?transport=tcp`];
  return grantOf(coturn, tag, { expiry: "admission", iceServers: [{ ...server, urls }] });
}

export function grantOf(
  coturn: Coturn,
  tag: string,
  more: Partial<IceGrant> & { readonly expiry: IceExpiry },
  life?: number,
): IceGrant {
  return { iceServers: serversOf(coturn, tag, life), ttl: 600, degraded: false, ...more };
}

/** How often coturn made an allocation for a user of this tag or username. */
export function allocations(coturn: Coturn, of: string): number {
  return coturn.output.split("\n").filter((line) => line.includes("ALLOCATE processed, success") && line.includes(of))
    .length;
}

export function refusals(coturn: Coturn, of: string): number {
  return coturn.output.split("\n").filter((line) => line.includes("Cannot find credentials") && line.includes(of))
    .length;
}

/** Candidate types of the selected pairs. */
export function selected({ page }: Visitor): Promise<unknown[]> {
  return page.evaluate(async () => {
    const pairs: unknown[] = [];
    for (const connection of globalThis.heliographWitness.connections) {
      const stats = await connection.getStats();
      const entries = new Map<string, Record<string, unknown>>();
      stats.forEach((value: Record<string, unknown>, id) => void entries.set(id, value));
      for (const entry of entries.values()) {
        if (entry["type"] !== "transport") continue;
        const pair = entries.get(String(entry["selectedCandidatePairId"]));
        pairs.push(entries.get(String(pair?.["localCandidateId"]))?.["candidateType"]);
      }
    }
    return pairs;
  });
}

export function errorsOf({ page }: Visitor): Promise<number[]> {
  return page.evaluate(() => globalThis.heliographLab.errors.map(({ code }) => code));
}

/** Milliseconds by the page's own clock. */
export function clockOf({ page }: Visitor): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** So much time has passed in the page: whatever it would do at once it has done by then. */
export async function passed(visitor: Visitor, ms: number): Promise<void> {
  const since = await clockOf(visitor);
  await until("time has passed", async () => (await clockOf(visitor)) > since + ms);
}

/** Local candidates of all connections. */
export function candidatesOf({ page }: Visitor): Promise<number> {
  return page.evaluate(async () => {
    let found = 0;
    for (const connection of globalThis.heliographWitness.connections) {
      (await connection.getStats()).forEach((entry: { type?: string }) => {
        if (entry.type === "local-candidate") found += 1;
      });
    }
    return found;
  });
}
