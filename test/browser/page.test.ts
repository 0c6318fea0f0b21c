// What a person does at the page, and what the page tells: prompts, hosts, screens, devices, keys, small screens, tabs.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { expectNoViolations } from "../kit/axe.ts";
import { fakeDevices, launchChromium } from "../kit/chromium.ts";
import { scene } from "../kit/scene.ts";
import type { Server } from "../kit/server.ts";
import { startServer } from "../kit/server.ts";
import { until } from "../kit/until.ts";
import type { Visitor } from "../kit/visitor.ts";

/** A name that is not this machine's own: browsers give pages over plain HTTP from there no devices. */
const elsewhere = "calls.example.org";

let browser: Browser;
let server: Server;

beforeAll(async () => {
  const args = [...fakeDevices, `--host-resolver-rules=MAP ${elsewhere} 127.0.0.1`];
  // By that name the page is not this machine's own either: that it may connect is said, as behind a proxy.
  [browser, server] = await Promise.all([launchChromium(args), startServer({ OWN_PAGE: "true" })]);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
  expect(server.faults).toStrictEqual([]);
});

const at = (room: string, host = "127.0.0.1") => `http://${host}:${server.port}/r/${room}`;

async function openPeople(host: Visitor): Promise<void> {
  const list = host.page.getByRole("heading", { name: "People" });
  if (!(await list.isVisible())) await host.button(/^People/).click();
  await list.waitFor();
}

async function openDoor(host: Visitor): Promise<void> {
  await openPeople(host);
  await host.button("Lock, PIN and seats").click();
  await host.dialog("Lock, PIN and seats").waitFor();
}

const close = (visitor: Visitor) => visitor.page.keyboard.press("Escape");

scene(
  "a PIN, a full room and a locked one are prompts that can be got past",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("door"), { name: "Ann" });
    await ann.join();
    await openDoor(ann);
    const door = ann.dialog("Lock, PIN and seats");
    await door.getByLabel("PIN").fill("2026");
    await door.getByRole("button", { name: "Set PIN" }).click();
    await ann.heard("The room has a PIN now").waitFor();

    const bob = await scene.visitor(at("door"), { name: "Bob", codec: "msgpack" });
    await bob.ask();
    const pin = bob.dialog("PIN, please");
    await pin.getByLabel("PIN").fill("1999");
    await pin.getByRole("button", { name: "Join" }).click();
    await pin.getByRole("alert").getByText("That PIN is not right").waitFor();
    await pin.getByLabel("PIN").fill("2026");
    await pin.getByRole("button", { name: "Join" }).click();
    await bob.controls.waitFor();
    await door.getByRole("button", { name: "Remove PIN" }).click();
    await ann.heard("The room has no PIN any more").waitFor();

    await door.getByLabel("Seats").fill("2");
    await door.getByRole("button", { name: "Set seats" }).click();
    await ann.heard("The room has 2 seats").waitFor();
    const cat = await scene.visitor(at("door"), { name: "Cat" });
    await cat.ask();
    const full = cat.dialog("The room is full");
    await full.waitFor();
    await bob.button("Leave the call").click();
    await bob.dialog("Leave the call?").getByRole("button", { name: "Leave", exact: true }).click();
    await ann.heard("Bob left").waitFor();
    await full.getByRole("button", { name: "Try again" }).click();
    await cat.controls.waitFor();

    await door.getByLabel("Seats").fill("");
    await door.getByRole("button", { name: "Set seats" }).click();
    await door.getByLabel("Lock the room").click();
    await cat.heard("The room is locked").waitFor();
    await bob.button("Join again").click();
    await bob.ask();
    const locked = bob.dialog("The room is locked");
    await locked.waitFor();
    await door.getByLabel("Lock the room").click();
    await cat.heard("The room is open again").waitFor();
    await locked.getByRole("button", { name: "Try again" }).click();
    await bob.controls.waitFor();
    await Promise.all([ann.connectedTo(bob, cat), bob.connectedTo(ann, cat)]);
  },
);

scene(
  "a host asks for silence and shows somebody out",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("host"), { name: "Ann" });
    await ann.join();
    const bob = await scene.visitor(at("host"), { name: "Bob", codec: "msgpack" });
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await openPeople(ann);
    await ann.button("Options for Bob").click();
    await ann.dialog("Bob").getByRole("button", { name: "Mute microphone" }).click();
    await bob.heard("Ann muted you.").waitFor();
    await bob.button("Unmute microphone").waitFor();
    await ann.tile("Bob").and(ann.page.locator('[aria-label*="microphone off"]')).waitFor();
    const sounding = await bob.page.evaluate(
      () => globalThis.heliographWitness.tracks.filter(({ kind, enabled }) => kind === "audio" && enabled).length,
    );
    expect(sounding).toBe(0);
    // Guests have no such buttons.
    await openPeople(bob);
    expect(await bob.button(/^Options for/).count()).toBe(0);

    await ann.button("Options for Bob").click();
    await ann.dialog("Bob").getByRole("button", { name: "Remove from the room" }).click();
    await bob.page.getByRole("heading", { name: "A host removed you" }).waitFor();
    expect(await bob.liveTracks()).toBe(0);
    await ann.connectedTo();
  },
);

scene(
  "the screen takes the camera's place and gives it back, and nothing is negotiated",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("screen"), { name: "Ann" });
    await ann.join();
    const bob = await scene.visitor(at("screen"), { name: "Bob" });
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await bob.sees(ann);
    const before = [await ann.connections(), await bob.connections()];
    await ann.button("Share screen").click();
    await ann.button("Stop sharing screen").waitFor();
    await bob.tile("Ann").and(bob.page.locator('[aria-label*="shares the screen"]')).waitFor();
    await bob.sees(ann);
    await ann.button("Stop sharing screen").click();
    await bob.tile("Ann").and(bob.page.locator('[aria-label*="camera on"]')).waitFor();
    await bob.sees(ann);
    expect([await ann.connections(), await bob.connections()]).toStrictEqual(before);
    // The screen's own track is given back; camera and microphone go on.
    expect(await ann.liveTracks()).toBe(2);
  },
);

scene(
  "a page over plain HTTP from another host says why nobody sees the person, who can join all the same",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("plain", elsewhere), { name: "Ann" });
    expect(await ann.page.evaluate(() => isSecureContext)).toBe(false);
    await ann.page.getByText("No camera or microphone on this page").waitFor();
    await ann.page.getByText("only to pages opened over https, or from localhost").waitFor();
    await ann.join();
    const bob = await scene.visitor(at("plain"), { name: "Bob" });
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await ann.sees(bob);
    await ann.say("I can read you");
    await expect.poll(() => bob.texts()).toStrictEqual(["I can read you"]);
    expect(await bob.tile("Ann").getAttribute("aria-label")).toContain("camera off");
  },
);

scene(
  "a device that is plugged in is offered, and one that is pulled out is made up for",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("plug"), {
      name: "Ann",
      before: () => {
        const { mediaDevices } = navigator;
        const list = mediaDevices.enumerateDevices.bind(mediaDevices);
        const plugged = { deviceId: "usb", groupId: "usb", kind: "videoinput" as const, label: "USB camera" };
        mediaDevices.enumerateDevices = async () => {
          const known = await list();
          return "usbCamera" in window ? [...known, { ...plugged, toJSON: () => plugged }] : known;
        };
      },
    });
    await ann.join();
    await ann.page.evaluate(() => {
      Object.assign(window, { usbCamera: true });
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    });
    await ann.heard("USB camera was plugged in.").waitFor();
    await ann.button("Settings and devices").click();
    const camera = ann.dialog("Settings").getByLabel("Camera");
    await until("it can be chosen", async () =>
      (await camera.locator("option").allTextContents()).includes("USB camera"),
    );
    await close(ann);

    await ann.page.evaluate(() => {
      for (const track of globalThis.heliographWitness.tracks) {
        if (track.kind !== "video" || track.readyState !== "live") continue;
        // Ended by the system, unlike `stop`, is told to the page.
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
    });
    await ann.heard("Your camera went away. Another one took its place.").waitFor();
    expect(await ann.liveTracks()).toBe(2);
  },
);

scene(
  "a whole call by keyboard alone",
  () => browser,
  async (scene) => {
    const bob = await scene.visitor(at("keys"), { name: "Bob" });
    await bob.join();
    const ann = await scene.visitor(at("keys"), { name: "Ann" });
    const { keyboard } = ann.page;
    await ann.button("Join the room").waitFor();
    await keyboard.type("Ann");
    await keyboard.press("Enter");
    await ann.controls.waitFor();
    await ann.connectedTo(bob);
    await keyboard.press("m");
    await ann.button("Unmute microphone").waitFor();
    await keyboard.press("v");
    await ann.button("Turn camera on").waitFor();
    await keyboard.press("v");
    await ann.button("Turn camera off").waitFor();
    await keyboard.press("w");
    await bob.heard("Ann waves").waitFor({ state: "attached" });
    await keyboard.press("c");
    await ann.page.getByRole("log", { name: "Messages" }).waitFor();
    await keyboard.type("mvw? typed, not done");
    await keyboard.press("Enter");
    await expect.poll(() => bob.texts()).toStrictEqual(["mvw? typed, not done"]);
    await ann.button("Unmute microphone").waitFor();
    await keyboard.press("Escape");
    await ann.page.getByRole("log", { name: "Messages" }).waitFor({ state: "detached" });
    await keyboard.press("p");
    await ann.page.getByRole("heading", { name: "People" }).waitFor();
    await keyboard.press("Escape");
    await keyboard.press("?");
    await ann.dialog("Keys and shortcuts").waitFor();
    // Behind a dialog no key does anything.
    await keyboard.press("m");
    await keyboard.press("Escape");
    await ann.dialog("Keys and shortcuts").waitFor({ state: "detached" });
    await ann.button("Unmute microphone").waitFor();
    await keyboard.press("q");
    await ann.dialog("Leave the call?").waitFor();
    await keyboard.press("Enter");
    await ann.page.getByRole("heading", { name: "You left the call" }).waitFor();
    expect(await ann.liveTracks()).toBe(0);
    await bob.heard("Ann left").waitFor();
  },
);

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  scene(
    "axe finds nothing wrong in the lobby, the call, its panels and dialogs",
    () => browser,
    async (scene) => {
      const room = `axe-${colorScheme}`;
      const ann = await scene.visitor(at(room), { name: "Ann", context: { colorScheme } });
      await ann.button("Join the room").waitFor();
      await expectNoViolations(ann, "the lobby");
      await ann.button("Settings").click();
      await ann.dialog("Settings").waitFor();
      await expectNoViolations(ann, "the settings");
      await close(ann);
      await ann.join();
      await expectNoViolations(ann, "the call alone");
      const bob = await scene.visitor(at(room), { name: "Bob", context: { colorScheme } });
      await bob.join();
      await ann.connectedTo(bob);
      await expectNoViolations(ann, "the call");
      await ann.say("Hello");
      await bob.say("Hello Ann");
      await expectNoViolations(ann, "the chat");
      await openDoor(ann);
      await expectNoViolations(ann, "the room's door");
      await close(ann);
      await ann.button("Options for Bob").click();
      await expectNoViolations(ann, "a person's dialog");
      await close(ann);
      await expectNoViolations(ann, "the people");
      await ann.button("Keys and shortcuts").click();
      await expectNoViolations(ann, "the keys");
      await close(ann);
      await ann.button("Leave the call").click();
      await expectNoViolations(ann, "the question before leaving");
      await ann.dialog("Leave the call?").getByRole("button", { name: "Leave", exact: true }).click();
      await ann.page.getByRole("heading", { name: "You left the call" }).waitFor();
      await expectNoViolations(ann, "the farewell");
    },
  );
});

scene(
  "on a screen of 360 pixels nothing has to be scrolled sideways",
  () => browser,
  async (scene) => {
    const context = { viewport: { width: 360, height: 640 } };
    const ann = await scene.visitor(at("narrow"), { name: "Ann-with-a-rather-long-name-that-must-be-cut", context });
    const fits = async (where: string) => {
      const widest = await ann.page.evaluate(() => document.documentElement.scrollWidth);
      expect(widest, where).toBeLessThanOrEqual(360);
    };
    await ann.button("Join the room").waitFor();
    await fits("the lobby");
    await ann.join();
    await fits("the call alone");
    const bob = await scene.visitor(at("narrow"), { name: "Bob", context });
    await bob.join();
    await ann.connectedTo(bob);
    await fits("the call");
    await ann.say(`A long word: ${"x".repeat(200)}`);
    await fits("the chat");
    await close(ann);
    await ann.button("More").click();
    await ann.dialog("More").waitFor();
    await fits("more");
    await ann.dialog("More").getByRole("button", { name: "Settings and devices" }).click();
    await ann.dialog("Settings").waitFor();
    await fits("the settings");
    await close(ann);
    await openDoor(ann);
    await fits("the room's door");
  },
);

scene(
  "a page that is reloaded goes straight back into the call, as the same member",
  () => browser,
  async (scene) => {
    const ann = await scene.visitor(at("reload"), { name: "Ann", codec: "msgpack" });
    await ann.join();
    const bob = await scene.visitor(at("reload"), { name: "Bob" });
    await bob.join();
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    const self = () => ann.page.locator("[data-self=true]").getAttribute("data-peer");
    const before = await self();
    await ann.page.reload();
    await ann.controls.waitFor();
    expect(await self()).toBe(before);
    await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
    await Promise.all([ann.sees(bob), bob.sees(ann)]);
    await ann.say("back again");
    await expect.poll(() => bob.texts()).toStrictEqual(["back again"]);
    expect(await bob.heard("Ann left").count()).toBe(0);
  },
);

scene(
  "a duplicated tab takes the call over, and the first one is told and can bring it back",
  () => browser,
  async (scene) => {
    const context = await scene.context();
    const ann = await scene.another(context, at("twice"), { name: "Ann" });
    await ann.join();
    const bob = await scene.visitor(at("twice"), { name: "Bob" });
    await bob.join();
    await bob.connectedTo(ann);
    const opened = context.waitForEvent("page");
    // A tab that a page opens begins with a copy of its session storage, as a duplicated one does.
    await ann.page.evaluate(() => void window.open(location.href));
    const twin = scene.popup("Ann", await opened);
    await twin.controls.waitFor();
    await ann.page.getByRole("heading", { name: "The call went on elsewhere" }).waitFor();
    expect(await ann.liveTracks()).toBe(0);
    await Promise.all([twin.connectedTo(bob), bob.connectedTo(twin)]);
    await bob.sees(twin);
    await ann.button("Bring it back here").waitFor();
  },
);

describe("where the person has said no", () => {
  let denying: Browser;

  beforeAll(async () => {
    denying = await launchChromium(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"]);
  });

  afterAll(() => denying.close());

  scene(
    "a refused camera is explained, and joining goes on without",
    () => denying,
    async (scene) => {
      const ann = await scene.visitor(at("denied"), { name: "Ann" });
      await ann.page.getByText("Your microphone and camera are blocked").waitFor();
      await ann.page.getByText("You can also join without.").waitFor();
      await ann.join();
      const bob = await scene.visitor(at("denied"), { name: "Bob" });
      await bob.join();
      await Promise.all([ann.connectedTo(bob), bob.connectedTo(ann)]);
      await ann.say("without a face");
      await expect.poll(() => bob.texts()).toStrictEqual(["without a face"]);
    },
  );
});
