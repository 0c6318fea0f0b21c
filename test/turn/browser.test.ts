// Calls that have no way but a relay, in real Chromium over a real coturn: they come about, outlive their logins, and wake up.
import { Coturn } from "@heliograph/cluster";
import { demoPagesOf } from "@heliograph/edge";
import type { IceExpiry, IceGrant } from "@heliograph/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { expectNoViolations } from "../kit/axe.ts";
import { fakeDevices, launchChromium } from "../kit/chromium.ts";
import { Edges } from "../kit/edges.ts";
import type { Scene } from "../kit/scene.ts";
import { scene } from "../kit/scene.ts";
import { configured } from "../kit/server.ts";
import { until } from "../kit/until.ts";
import type { Visitor } from "../kit/visitor.ts";
import type { Script } from "./lab-issuer.ts";
import { LabIssuer, serversOf } from "./lab-issuer.ts";
import { labSecrets } from "./relay-clients.ts";

let browser: Browser;
/** Believes every certificate. */
let trusting: Browser;
let coturn: Coturn;

beforeAll(async () => {
  [browser, trusting, coturn] = await Promise.all([
    launchChromium(),
    launchChromium([...fakeDevices, "--ignore-certificate-errors"]),
    Coturn.start({ secrets: [labSecrets[0]] }),
  ]);
});

afterAll(async () => {
  await Promise.all([browser.close(), trusting.close()]);
  await coturn.stop();
});

/** How much faster than ours the clock of some pages goes: a grant serves for minutes, and nobody waits for them. */
const haste = 20;
/** Seconds by that clock. */
const life = 240;
const settings = { LISTEN_PORT: "0", TURN_STUN: "[]" };

interface PageLab {
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

class House {
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

  static async open(scene: Scene, script: Script): Promise<House> {
    const edges = new Edges(settings, { site: await demoPagesOf(configured(settings)) });
    scene.after(() => edges.end());
    const issuer = new LabIssuer(script);
    const { edge } = await edges.start(issuer);
    return new House(scene, edges, issuer, `http://127.0.0.1:${edge.port}/r/relays`);
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
function secureOnly(tag: string): IceGrant {
  const [server] = serversOf(coturn, tag);
  const urls = [`turns:${coturn.host}:${coturn.tlsPort}?transport=tcp`];
  return grantOf(tag, { expiry: "admission", iceServers: [{ ...server, urls }] });
}

function grantOf(tag: string, more: Partial<IceGrant> & { readonly expiry: IceExpiry }, life?: number): IceGrant {
  return { iceServers: serversOf(coturn, tag, life), ttl: 600, degraded: false, ...more };
}

/** How often coturn made an allocation for a user of this tag or username. */
function allocations(of: string): number {
  return coturn.output.split("\n").filter((line) => line.includes("ALLOCATE processed, success") && line.includes(of))
    .length;
}

function refusals(of: string): number {
  return coturn.output.split("\n").filter((line) => line.includes("Cannot find credentials") && line.includes(of))
    .length;
}

/** Candidate types of the selected pairs. */
function selected({ page }: Visitor): Promise<unknown[]> {
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

function errorsOf({ page }: Visitor): Promise<number[]> {
  return page.evaluate(() => globalThis.heliographLab.errors.map(({ code }) => code));
}

/** Milliseconds by the page's own clock. */
function clockOf({ page }: Visitor): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** So much time has passed in the page: whatever it would do at once it has done by then. */
async function passed(visitor: Visitor, ms: number): Promise<void> {
  const since = await clockOf(visitor);
  await until("time has passed", async () => (await clockOf(visitor)) > since + ms);
}

/** Local candidates of all connections. */
function candidatesOf({ page }: Visitor): Promise<number> {
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

scene(
  "[turn 46] two pages that may use nothing but a relay see each other and exchange data",
  () => browser,
  async (scene) => {
    const house = await House.open(scene, (_nth, _wish, session) => grantOf(session, { expiry: "admission" }));
    const [ann, bob] = await house.pair();
    expect([await selected(ann), await selected(bob)]).toStrictEqual([["relay"], ["relay"]]);
    await ann.button("Wave to everyone").click();
    await bob.heard("Ann waves").waitFor({ state: "attached" });
    await until("both tell how they came together", () => {
      const pairs = house.edges.happened.flatMap((each) =>
        each.type === "connection_report" && each.report.state === "connected" ? [each.report.pair] : [],
      );
      return pairs.length >= 2 && pairs.every((pair) => pair === "relay_udp" || pair === "relay_tcp");
    });
    // Both held grants that serve for long.
    expect(house.issuer.questions.map(({ occasion }) => occasion)).toStrictEqual(["greeting", "greeting"]);
  },
);

scene(
  "[turn 46] a login that has ended gives no candidate and 401; the page asks once, and its call comes about",
  () => browser,
  async (scene) => {
    const house = await House.open(scene, (nth, _wish, session) =>
      grantOf(`${session}-${nth}`, { expiry: "admission" }, nth === 1 ? -60 : 600),
    );
    const [ann, bob] = await house.pair();
    for (const [index, visitor] of [ann, bob].entries()) {
      const session = house.session(index);
      await until("the page hears of it", async () => (await errorsOf(visitor)).includes(401));
      expect(house.issuer.of(session).map(({ occasion }) => occasion)).toStrictEqual(["greeting", "request"]);
      expect(allocations(`${session}-1`)).toBe(0);
      expect(refusals(`${session}-1`)).toBeGreaterThan(0);
      expect(allocations(`${session}-2`)).toBeGreaterThan(0);
      await until("401 is reported", () =>
        house.edges.happened.some(
          (each) =>
            each.type === "connection_report" && each.session === session && each.report.turnErrors?.includes(401),
        ),
      );
    }
  },
);

scene(
  "[turn 46] where every login is refused the page asks once and no more, and finds no candidate",
  () => browser,
  async (scene) => {
    const house = await House.open(scene, (nth, _wish, session) =>
      grantOf(`${session}-${nth}`, { expiry: "admission" }, -60),
    );
    const ann = await house.visitor("Ann");
    await ann.join();
    const bob = await house.visitor("Bob");
    await bob.join();
    for (const [index, visitor] of [ann, bob].entries()) {
      const session = house.session(index);
      await until("what came instead was refused too", () => refusals(`${session}-2`) > 0);
      await passed(visitor, 3_000);
      expect(house.issuer.of(session).map(({ occasion }) => occasion)).toStrictEqual(["greeting", "request"]);
      expect(await candidatesOf(visitor)).toBe(0);
      // None where the other's restart served both.
      expect(await visitor.page.evaluate(() => globalThis.heliographLab.restarts.length)).toBeLessThanOrEqual(1);
    }
  },
);

/** A call whose logins are renewed in the middle of their lives. */
async function renewed(scene: Scene, expiry: IceExpiry) {
  let age = "old";
  const house = await House.open(scene, (_nth, _wish, session) => grantOf(`${session}-${age}`, { expiry, ttl: life }));
  const ann = await house.visitor("Ann", haste);
  const before = await clockOf(ann);
  await ann.join();
  const bob = await house.visitor("Bob", haste);
  await bob.join();
  await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
  const [annsNext, bobsNext] = [`${house.session(0)}-new`, `${house.session(1)}-new`];
  age = "new";
  house.issuer.push();
  for (const [visitor, next] of [
    [ann, annsNext],
    [bob, bobsNext],
  ] as const) {
    await until("the new login is in the configuration", async () =>
      visitor.page.evaluate(
        (tag) =>
          globalThis.heliographWitness.connections
            .at(-1)
            ?.getConfiguration()
            .iceServers?.[0]?.username?.endsWith(tag) ?? false,
        next,
      ),
    );
  }
  return { ann, bob, annsNext, bobsNext, before };
}

scene(
  "[turn 47] a relay that ends with its login is made anew when a fifth of that login is left; nothing closes",
  () => browser,
  async (scene) => {
    const { ann, bob, annsNext, bobsNext, before } = await renewed(scene, "hard");
    expect([allocations(annsNext), allocations(bobsNext)]).toStrictEqual([0, 0]);
    await until("both have relays under the new logins", () => allocations(annsNext) > 0 && allocations(bobsNext) > 0);
    // Ann's grant is the older one, and her restart makes Bob's relays anew as well.
    const [first = 0] = await ann.page.evaluate(() => globalThis.heliographLab.restarts);
    expect(first - before).toBeGreaterThan(0.8 * life * 1_000);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    await ann.button("Wave to everyone").click();
    await bob.heard("Ann waves").waitFor({ state: "attached" });
    for (const { page } of [ann, bob]) expect(await page.evaluate(() => globalThis.heliographLab.closed)).toBe(0);
  },
);

scene(
  "[turn 47] a relay that only needed its login to begin goes on without a restart",
  () => browser,
  async (scene) => {
    const { ann, bob, annsNext, bobsNext, before } = await renewed(scene, "admission");
    await until("the first login is over", async () => (await clockOf(ann)) > before + (life + 100) * 1_000, 30_000);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    expect([allocations(annsNext), allocations(bobsNext)]).toStrictEqual([0, 0]);
    for (const { page } of [ann, bob]) {
      const { restarts, closed } = await page.evaluate(() => {
        const { restarts, closed } = globalThis.heliographLab;
        return { restarts, closed };
      });
      expect([restarts, closed]).toStrictEqual([[], 0]);
    }
  },
);

scene(
  "[turn 48] a page that slept past the end of its grant asks before it calls: its first allocation is not refused",
  () => browser,
  async (scene) => {
    let anns: string | undefined;
    const house = await House.open(scene, (nth, _wish, session) => {
      anns ??= session;
      // Ann's first login has ended by the time she wakes.
      return grantOf(`${session}-${nth}`, { expiry: "admission" }, nth === 1 && session === anns ? -60 : 600);
    });
    const ann = await house.visitor("Ann");
    await ann.join();
    await ann.page.evaluate(() => globalThis.heliographLab.sleep(7_200_000));
    const bob = await house.visitor("Bob");
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    const session = house.session(0);
    expect(house.issuer.of(session).map(({ occasion }) => occasion)).toStrictEqual(["greeting", "request"]);
    expect(coturn.output).not.toContain(`${session}-1`);
    expect(allocations(`${session}-2`)).toBeGreaterThan(0);
    expect(await errorsOf(ann)).not.toContain(401);
  },
);

scene(
  "[turn 46] a server that is not reached, as with a certificate that nobody vouches for, leads to no request",
  () => browser,
  async (scene) => {
    const house = await House.open(scene, (_nth, _wish, session) => secureOnly(session));
    const ann = await house.visitor("Ann");
    await ann.join();
    const bob = await house.visitor("Bob");
    await bob.join();
    for (const [index, visitor] of [ann, bob].entries()) {
      await until("it is not reached", async () => (await errorsOf(visitor)).includes(701));
      await passed(visitor, 3_000);
      expect(house.issuer.of(house.session(index)).map(({ occasion }) => occasion)).toStrictEqual(["greeting"]);
      expect(await candidatesOf(visitor)).toBe(0);
    }
    await until("701 is reported", () =>
      house.edges.happened.some((each) => each.type === "connection_report" && each.report.turnErrors?.includes(701)),
    );
  },
);

scene(
  "[turn 46] two pages meet through a relay that is reached over TLS alone, and say so",
  () => trusting,
  async (scene) => {
    const house = await House.open(scene, (_nth, _wish, session) => secureOnly(session));
    await house.pair();
    await until("both tell how they came together", () => {
      const pairs = house.edges.happened.flatMap((each) =>
        each.type === "connection_report" && each.report.state === "connected" ? [each.report.pair] : [],
      );
      return pairs.length >= 2 && pairs.every((pair) => pair === "relay_tls");
    });
  },
);

scene(
  "whoever has more relays than one person may is told so once, and the page does not ask again and again",
  () => browser,
  async (scene) => {
    const tight = await Coturn.start({ secrets: [labSecrets[0]], userQuota: 1 });
    scene.after(() => tight.stop());
    const house = await House.open(scene, (_nth, _wish, session) => ({
      ...grantOf(session, { expiry: "admission" }),
      iceServers: serversOf(tight, session),
    }));
    const ann = await house.visitor("Ann");
    await ann.join();
    // Of two servers each page gets a relay at one.
    const bob = await house.visitor("Bob");
    await bob.join();
    await ann.heard("You use as many relays as one person may.").waitFor({ state: "attached" });
    await passed(ann, 3_000);
    expect(await errorsOf(ann)).toContain(486);
    expect(await ann.heard("You use as many relays as one person may.").count()).toBe(1);
    expect(house.issuer.questions.map(({ occasion }) => occasion)).toStrictEqual(["greeting", "greeting"]);
    expect(await ann.page.evaluate(() => globalThis.heliographLab.restarts)).toStrictEqual([]);
  },
);

scene(
  "a call without relays says so in plain words until there is one",
  () => browser,
  async (scene) => {
    const house = await House.open(scene, () => ({ iceServers: [], ttl: 60, expiry: "never", degraded: true }));
    const ann = await house.visitor("Ann");
    await ann.join();
    const banner = ann.page.locator("[data-banner=relays]");
    await banner.waitFor();
    await expectNoViolations(ann, "a call without relays");
    house.issuer.script = (_nth, _wish, session) => grantOf(session, { expiry: "admission" });
    house.issuer.push();
    await banner.waitFor({ state: "detached" });
  },
);
