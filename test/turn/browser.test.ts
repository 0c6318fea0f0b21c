// Calls that have no way but a relay, in real Chromium over a real coturn: which come about, and what is said of the others.
import { Coturn } from "@heliograph/cluster";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import { expectNoViolations } from "../kit/axe.ts";
import { fakeDevices, launchChromium } from "../kit/chromium.ts";
import { scene } from "../kit/scene.ts";
import { until } from "../kit/until.ts";
import { serversOf } from "./lab-issuer.ts";
import { labSecrets } from "./relay-clients.ts";
import { candidatesOf, errorsOf, grantOf, passed, RelayHouse, secureOnly, selected } from "./relayed-pages.ts";

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

scene(
  "[turn 46] two pages that may use nothing but a relay see each other and exchange data",
  () => browser,
  async (scene) => {
    const house = await RelayHouse.open(scene, (_nth, _wish, session) =>
      grantOf(coturn, session, { expiry: "admission" }),
    );
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
  "[turn 46] a server that is not reached, as with a certificate that nobody vouches for, leads to no request",
  () => browser,
  async (scene) => {
    const house = await RelayHouse.open(scene, (_nth, _wish, session) => secureOnly(coturn, session));
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
    const house = await RelayHouse.open(scene, (_nth, _wish, session) => secureOnly(coturn, session));
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
    const house = await RelayHouse.open(scene, (_nth, _wish, session) => ({
      ...grantOf(coturn, session, { expiry: "admission" }),
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
    const house = await RelayHouse.open(scene, () => ({ iceServers: [], ttl: 60, expiry: "never", degraded: true }));
    const ann = await house.visitor("Ann");
    await ann.join();
    const banner = ann.page.locator("[data-banner=relays]");
    await banner.waitFor();
    await expectNoViolations(ann, "a call without relays");
    house.issuer.script = (_nth, _wish, session) => grantOf(coturn, session, { expiry: "admission" });
    house.issuer.push();
    await banner.waitFor({ state: "detached" });
  },
);
