// Whose relays a page goes through, in real Chromium: as the geo service says, as the person says, or without asking anybody.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import { launchChromium } from "../kit/chromium.ts";
import type { Scene } from "../kit/scene.ts";
import { scene } from "../kit/scene.ts";
import type { Server } from "../kit/server.ts";
import { startServer } from "../kit/server.ts";
import { spreedAnswer } from "../kit/turn-answers.ts";
import type { ServiceRequest } from "../kit/turn-service.ts";
import { TurnService } from "../kit/turn-service.ts";
import { until } from "../kit/until.ts";
import type { Visitor } from "../kit/visitor.ts";

const geoPath = "/api/v1/turn/geo";
const login = { username: "lab", password: "p&ss=w+rd", ttl: 3_600 };
/** Nobody stands there: nobody calls anybody here. */
const urns = ["turn:127.0.0.1:20001?transport=udp"];
const servers = [
  { id: "eu", prio: 10, label: "Europe", i18n: { de: "Europa" }, urns },
  { id: "us", prio: 20, label: "North America", i18n: { de: "Nordamerika" }, urns },
];

let browser: Browser;
let service: TurnService;
let server: Server;

beforeAll(async () => {
  [browser, service] = await Promise.all([launchChromium(), TurnService.start()]);
  service.answers((request) => {
    if (request.path !== geoPath) return spreedAnswer(request, login, { geo: service.url + geoPath, servers });
    return {
      headers: { "access-control-allow-origin": "*" },
      body: { success: true, nonce: request.form.get("nonce"), geo: { prefer: ["mars", "us"] } },
    };
  });
  server = await startServer({
    TURN_PROVIDERS: `[{ type: spreed, id: remote, url: "${service.url}", clientId: lab-client }]`,
  });
  await until("there are credentials", () => server.happened.some((each) => each.type === "ice_fetched"));
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  await service.stop();
  expect(server.faults).toStrictEqual([]);
});

let asked: () => readonly ServiceRequest[];
let granted: () => readonly (string | undefined)[];

beforeEach(() => {
  const [before, happened] = [service.count, server.happened.length];
  asked = () => service.requests.slice(before).filter(({ path }) => path === geoPath);
  granted = () => server.happened.slice(happened).flatMap((each) => (each.type === "ice_granted" ? [each.zone] : []));
});

async function visitor(scene: Scene, room: string, locale = "en-GB"): Promise<Visitor> {
  const context = await scene.context({ context: { locale } });
  // Cookies know no ports: one of the page would go along to the service.
  await context.addCookies([{ name: "who", value: "ann", url: "http://127.0.0.1" }]);
  return scene.another(context, `http://127.0.0.1:${server.port}/r/${room}`, { name: "Ann" });
}

/** What the settings say while the dialog is open, and what is done there. */
async function inSettings<T>(
  visitor: Visitor,
  look: (dialog: ReturnType<Visitor["dialog"]>) => Promise<T>,
): Promise<T> {
  await visitor
    .button(/^Settings/)
    .first()
    .click();
  const dialog = visitor.dialog("Settings");
  await dialog.waitFor();
  const seen = await look(dialog);
  await visitor.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  return seen;
}

/** The words of the choice that counts. */
function chosen(visitor: Visitor): Promise<string> {
  return inSettings(visitor, (dialog) =>
    dialog
      .getByLabel("Relay servers")
      .evaluate((each) => (each instanceof HTMLSelectElement ? (each.selectedOptions[0]?.text ?? "") : "")),
  );
}

function choose(visitor: Visitor, label: string): Promise<unknown> {
  return inSettings(visitor, (dialog) => dialog.getByLabel("Relay servers").selectOption({ label }));
}

const withoutGeo = /^Do not ask a service/;

scene(
  "[turn 31] the page asks the geo service once, without cookies, and goes by the first zone it knows through every new grant",
  () => browser,
  async (scene) => {
    const ann = await visitor(scene, "near", "de-DE");
    await ann.join();
    await until("the zone is the near one", async () => (await chosen(ann)) === "Automatic (now Nordamerika)");
    expect(asked()).toHaveLength(1);
    const { method, headers, form } = service.last;
    expect(method).toBe("POST");
    expect(Object.keys(headers)).not.toContain("cookie");
    expect(Object.keys(headers)).not.toContain("referer");
    expect([...form.keys()]).toStrictEqual(["nonce", "username", "password"]);
    expect(form.get("nonce")).toMatch(/^[0-9a-f]{32}$/);
    expect([form.get("username"), form.get("password")]).toStrictEqual([login.username, login.password]);

    // Each choice is a new grant; so is another call, with another connection.
    await choose(ann, "Europa");
    await until("the choice counts", async () => granted().length === 2);
    await choose(ann, "Automatic");
    await until("automatic counts again", async () => granted().length === 3);
    await until("the zone is the near one", async () => (await chosen(ann)) === "Automatic (now Nordamerika)");
    await ann.button("Leave the call").click();
    await ann.dialog("Leave the call?").getByRole("button", { name: "Leave", exact: true }).click();
    await ann.button("Join again").click();
    await ann.join();
    await until("another session has a grant", async () => granted().length === 4);
    await until("the zone is the near one", async () => (await chosen(ann)) === "Automatic (now Nordamerika)");
    await passed(ann, 2_000);
    expect(asked()).toHaveLength(1);
  },
);

/** So much time has passed in the page, whose geo call waits a second. */
async function passed({ page }: Visitor, ms: number): Promise<void> {
  const since = await page.evaluate(() => performance.now());
  await until("time has passed", async () => (await page.evaluate(() => performance.now())) > since + ms);
}

scene(
  "no geo request leaves a page whose person does not want it, also after a reload; whoever wants it again gets it",
  () => browser,
  async (scene) => {
    const ann = await visitor(scene, "alone");
    await inSettings(ann, (dialog) => dialog.getByLabel(withoutGeo).check());
    await ann.join();
    for (let visit = 1; visit <= 2; visit += 1) {
      await until("there is a zone", async () => (await chosen(ann)) === "Automatic (now Europe)");
      await passed(ann, 2_000);
      expect(asked()).toStrictEqual([]);
      await ann.page.reload();
      await ann.controls.waitFor();
    }
    expect(await inSettings(ann, (dialog) => dialog.getByLabel(withoutGeo).isChecked())).toBe(true);
    await inSettings(ann, (dialog) => dialog.getByLabel(withoutGeo).uncheck());
    await until("it asks", () => asked().length === 1);
    await until("the zone is the near one", async () => (await chosen(ann)) === "Automatic (now North America)");
  },
);

scene(
  "a zone that was chosen counts at once, after a reload and in another tab, and nobody is asked what is near",
  () => browser,
  async (scene) => {
    const ann = await visitor(scene, "chosen");
    await inSettings(ann, (dialog) => dialog.getByLabel(withoutGeo).check());
    await ann.join();
    await until("there is a zone", async () => (await chosen(ann)) === "Automatic (now Europe)");
    await choose(ann, "North America");
    await until("the choice counts", () => granted().at(-1) === "us");
    expect(granted()).toStrictEqual(["eu", "us"]);

    await ann.page.reload();
    await ann.controls.waitFor();
    expect(await chosen(ann)).toBe("North America");
    await until("it counts on", () => granted().length >= 3);
    expect(granted().at(-1)).toBe("us");

    const [context] = [ann.page.context()];
    const tab = await scene.another(context, `http://127.0.0.1:${server.port}/r/elsewhere`, { name: "Ann" });
    expect(await chosen(tab)).toBe("North America");
    await tab.join();
    await until("it counts there too", () => granted().length >= 4);
    expect(granted().at(-1)).toBe("us");
    await passed(tab, 2_000);
    expect(asked()).toStrictEqual([]);
  },
);
