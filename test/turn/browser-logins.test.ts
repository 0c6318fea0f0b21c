// Relayed calls and their logins, in real Chromium over a real coturn: calls outlive them, wake up after them, and get others.
import { Coturn } from "@heliograph/cluster";
import type { IceExpiry } from "@heliograph/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { launchChromium } from "../kit/chromium.ts";
import type { Scene } from "../kit/scene.ts";
import { scene } from "../kit/scene.ts";
import { until } from "../kit/until.ts";
import { labSecrets } from "./relay-clients.ts";
import {
  allocations,
  candidatesOf,
  clockOf,
  errorsOf,
  grantOf,
  passed,
  RelayHouse,
  refusals,
} from "./relayed-pages.ts";

let browser: Browser;
let coturn: Coturn;

beforeAll(async () => {
  [browser, coturn] = await Promise.all([launchChromium(), Coturn.start({ secrets: [labSecrets[0]] })]);
});

afterAll(async () => {
  await browser.close();
  await coturn.stop();
});

/** How much faster than ours the clock of some pages goes: a grant serves for minutes, and nobody waits for them. */
const haste = 20;
/** Seconds by that clock. */
const life = 240;

scene(
  "[turn 46] a login that has ended gives no candidate and 401; the page asks once, and its call comes about",
  () => browser,
  async (scene) => {
    const house = await RelayHouse.open(scene, (nth, _wish, session) =>
      grantOf(coturn, `${session}-${nth}`, { expiry: "admission" }, nth === 1 ? -60 : 600),
    );
    const [ann, bob] = await house.pair();
    for (const [index, visitor] of [ann, bob].entries()) {
      const session = house.session(index);
      await until("the page hears of it", async () => (await errorsOf(visitor)).includes(401));
      expect(house.issuer.of(session).map(({ occasion }) => occasion)).toStrictEqual(["greeting", "request"]);
      expect(allocations(coturn, `${session}-1`)).toBe(0);
      expect(refusals(coturn, `${session}-1`)).toBeGreaterThan(0);
      expect(allocations(coturn, `${session}-2`)).toBeGreaterThan(0);
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
    const house = await RelayHouse.open(scene, (nth, _wish, session) =>
      grantOf(coturn, `${session}-${nth}`, { expiry: "admission" }, -60),
    );
    const ann = await house.visitor("Ann");
    await ann.join();
    const bob = await house.visitor("Bob");
    await bob.join();
    for (const [index, visitor] of [ann, bob].entries()) {
      const session = house.session(index);
      await until("what came instead was refused too", () => refusals(coturn, `${session}-2`) > 0);
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
  const house = await RelayHouse.open(scene, (_nth, _wish, session) =>
    grantOf(coturn, `${session}-${age}`, { expiry, ttl: life }),
  );
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
    expect([allocations(coturn, annsNext), allocations(coturn, bobsNext)]).toStrictEqual([0, 0]);
    await until(
      "both have relays under the new logins",
      () => allocations(coturn, annsNext) > 0 && allocations(coturn, bobsNext) > 0,
    );
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
    expect([allocations(coturn, annsNext), allocations(coturn, bobsNext)]).toStrictEqual([0, 0]);
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
    const house = await RelayHouse.open(scene, (nth, _wish, session) => {
      anns ??= session;
      // Ann's first login has ended by the time she wakes.
      return grantOf(coturn, `${session}-${nth}`, { expiry: "admission" }, nth === 1 && session === anns ? -60 : 600);
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
    expect(allocations(coturn, `${session}-2`)).toBeGreaterThan(0);
    expect(await errorsOf(ann)).not.toContain(401);
  },
);
