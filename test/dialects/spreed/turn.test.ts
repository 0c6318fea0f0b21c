// Spreed WebRTC, ICE servers: what each Self says of them, and what comes by itself.
import { createHmac } from "node:crypto";
import { afterAll, describe, expect } from "vitest";
import { spreedAnswer } from "../../kit/turn-answers.ts";
import { TurnService } from "../../kit/turn-service.ts";
import { inside, typesOf } from "./client.ts";
import { told } from "./told.ts";

const secret = "s".repeat(40);
const urls = ["turn:turn.example.org:3478?transport=udp"];
const login = { username: "everybody", password: "pass", ttl: 600 };

// Before any stage opens, since its settings name their addresses.
const late = await TurnService.start();
const zoned = await TurnService.start();

afterAll(async () => {
  await Promise.all([late.stop(), zoned.stop()]);
});

function remote(service: TurnService) {
  return {
    TURN_PROBE_INTERVAL: "0",
    TURN_PROVIDERS: JSON.stringify([{ type: "spreed", id: "remote", url: service.url, accessToken: "t" }]),
  };
}

describe("TURN", () => {
  told(
    "[spreed 61] by a shared secret is a login for an hour that the server can check",
    async (stage) => {
      const a = await stage.come(0);
      const { username, password, ttl, urls: told } = a.self["Turn"] as Record<string, unknown>;
      const [, expiry, tag] = /^(\d+):(.+)$/.exec(String(username)) ?? [];
      expect(Math.abs(Number(expiry) - Date.now() / 1_000 - 3_600)).toBeLessThan(60);
      expect(password).toBe(createHmac("sha1", secret).update(String(username)).digest("base64"));
      expect(ttl).toBeGreaterThan(3_500);
      expect(ttl).toBeLessThanOrEqual(3_600);
      expect(told).toStrictEqual(urls);
      // Whoever runs the TURN server learns no Id from it, since an Id is all it takes to be called.
      expect(tag).not.toContain(a.id);
      const again = await a.ask("Self", {});
      expect(inside(again.Data, "Turn", "ttl")).toBeGreaterThan(3_500);
    },
    {
      TURN_PROBE_INTERVAL: "0",
      TURN_PROVIDERS: JSON.stringify([{ type: "secret", id: "own", secrets: [secret] }]),
      TURN_ZONES: JSON.stringify([{ id: "all", urls }]),
      TURN_TAG_KEY: "5a".repeat(32),
    },
  );

  told(
    "[spreed 62] of a service that is down comes by itself when it is up, once, to whoever waits for it",
    async (stage) => {
      const [a, b] = await stage.ab();
      for (const each of [a, b]) expect(each.self["Turn"]).toStrictEqual({ username: "", password: "", ttl: 300 });
      await a.join("waiting");
      late.answers((request) => spreedAnswer(request, login));
      for (const each of [a, b]) {
        expect(await each.take("TurnUpdate")).toMatchObject({
          From: each.id,
          Data: { Type: "TurnUpdate", Turn: { username: login.username, password: login.password } },
        });
      }
      const c = await stage.come(2);
      expect(c.self["Turn"]).toMatchObject({ username: login.username });
      await a.heardAll(c);
      await c.heardAll(a);
      for (const each of [a, b, c]) expect(typesOf(each.untaken)).not.toContain("TurnUpdate");
      late.answers({ status: 503 });
    },
    remote(late),
  );

  told(
    "[spreed 63] in several zones names the one with the lowest number to clients that know no zones",
    async (stage) => {
      const zone = (id: string, prio: number) => ({ id, prio, label: id, urns: [`turn:${id}.example.org:3478`] });
      const servers = [zone("far", 30), zone("near", 5), zone("middle", 10)];
      zoned.answers((request) => spreedAnswer(request, login, { servers }));
      const a = await stage.come(0);
      const turn = async () => inside((await a.ask("Self", {})).Data, "Turn");
      await expect.poll(async () => inside(await turn(), "username")).toBe(login.username);
      expect(await turn()).toMatchObject({
        urls: ["turn:near.example.org:3478"],
        servers: [{ id: "near", prio: 5 }, { id: "middle" }, { id: "far" }],
      });
      const left = Number(inside(await turn(), "ttl"));
      expect(left).toBeGreaterThan(500);
      expect(left).toBeLessThanOrEqual(login.ttl);
      // It is what remains, so it is less later on.
      stage.pass(60_000);
      expect(Number(inside(await turn(), "ttl"))).toBeLessThan(left - 50);
    },
    remote(zoned),
  );
});
