// Spreed WebRTC, REST: rooms, access codes, numbers, and what integrations look up.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect } from "vitest";
import { inside } from "./client.ts";
import { logIn, loginOf, patchSession, rest } from "./rest.ts";
import { accessCodes, withStatistics, withUsers } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { freshRoom, told } from "./told.ts";

const folder = mkdtempSync(join(tmpdir(), "heliograph-codes-"));
const codes = join(folder, "codes.csv");
writeFileSync(codes, "# codes\nSesame:of somebody\nplain\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function form(fields: Readonly<Record<string, string>>): RequestInit {
  return { method: "POST", body: new URLSearchParams(fields) };
}

async function hub(stage: Stage, place: number): Promise<Readonly<Record<string, number>>> {
  const { json } = await rest(stage.base(place), "api/v1/stats");
  return inside(json, "hub") as Readonly<Record<string, number>>;
}

describe("REST", () => {
  told("[spreed 64] gives names for rooms to whoever asks by POST", async (stage) => {
    const names = new Set<unknown>();
    for (const place of [0, 1, 2]) {
      const { status, json, headers } = await rest(stage.base(place), "api/v1/rooms", { method: "POST" });
      expect(status).toBe(200);
      expect(json).toStrictEqual({ name: expect.stringMatching(/^[0-9a-z]{11}$/), url: `/${json?.["name"]}` });
      expect(headers.get("content-type")).toMatch(/^application\/json/);
      names.add(json?.["name"]);
    }
    expect(names.size).toBe(3);
    const wrong = await rest(stage.base(0), "api/v1/rooms");
    expect([wrong.status, wrong.text]).toStrictEqual([405, ""]);
  });

  told(
    "[spreed 65] knows access codes in any case, refuses others, and does not read long ones",
    async (stage) => {
      const ask = (a: string) => rest(stage.base(1), "api/v1/tokens", form({ a }));
      expect(await ask("sesame")).toMatchObject({ status: 200, json: { token: "sesame", success: true } });
      expect(await ask("SESAME")).toMatchObject({ status: 200, json: { token: "sesame" } });
      expect(await ask("plain")).toMatchObject({ status: 200 });
      for (const wrong of ["unknown", "", "# codes", "of somebody"]) {
        expect(await ask(wrong)).toMatchObject({ status: 403, json: { code: "invalid_token", success: false } });
      }
      expect(await ask("x".repeat(101))).toMatchObject({ status: 413, json: { code: "auth_too_large" } });
    },
    accessCodes(codes),
  );

  told("[spreed 65] without codes knows none", async (stage) => {
    const { status, json } = await rest(stage.base(0), "api/v1/tokens", form({ a: "x" }));
    expect([status, json?.["code"]]).toStrictEqual([403, "invalid_token"]);
  });

  told(
    "[spreed 66] tells the numbers of the whole cluster, wherever it is asked",
    async (stage) => {
      const start = await hub(stage, 0);
      const [a, b] = await stage.ab();
      const c = await stage.come(2);
      const room = freshRoom();
      await a.join(room);
      await b.join(room);
      await c.join(freshRoom());
      a.chat("", { Message: "to all" });
      a.chat("", { Message: "", Status: { Typing: "start" } });
      a.chat(b.id, { Message: "to one" });
      a.chat(b.id, { Message: "", Status: { Typing: "start" } });
      await b.heardAll(a, false);
      const whole = (extra: number) => ({
        connections: 3,
        sessions: 3,
        users: 0,
        rooms: 2,
        count: stage.came,
        broadcastchatmessages: (start["broadcastchatmessages"] ?? 0) + 2,
        unicastchatmessages: (start["unicastchatmessages"] ?? 0) + 1 + extra,
      });
      for (const place of [0, 1, 2])
        await expect.poll(() => hub(stage, place), { timeout: 20_000 }).toMatchObject(whole(1));
      const { headers, json } = await rest(stage.base(1), "api/v1/stats");
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(inside(json, "runtime", "alloc")).toBeGreaterThan(0);
      expect(JSON.stringify(json)).not.toContain(a.id);
    },
    withStatistics,
  );

  told(
    "[spreed 47] counts no chat to the room of whoever is in none, and nobody hears it",
    async (stage) => {
      const room = freshRoom();
      const [a, b, c] = await stage.abc();
      await b.join(room);
      await c.join(room);
      const { broadcastchatmessages = 0 } = await hub(stage, 0);
      a.chat("", { Message: "into the void" });
      a.say("Chat", { To: "", Type: "Chat", Chat: { Message: "echoed" } });
      expect(inside((await a.take("Chat")).Data, "Chat", "Message")).toBe("echoed");
      await b.heardAll(a);
      await c.heardAll(a);
      expect([a.untaken, b.untaken.length - 1, c.untaken]).toStrictEqual([[], 0, []]);
      // One that counts comes after them, and is one more.
      c.chat("", { Message: "heard" });
      await expect
        .poll(async () => (await hub(stage, 0))["broadcastchatmessages"], { timeout: 20_000 })
        .toBe(broadcastchatmessages + 1);
      for (const place of [1, 2]) {
        await expect
          .poll(async () => (await hub(stage, place))["broadcastchatmessages"], { timeout: 20_000 })
          .toBe(broadcastchatmessages + 1);
      }
    },
    withStatistics,
  );

  told("[spreed 66] tells no numbers where they are not asked for", async (stage) => {
    expect((await rest(stage.base(0), "api/v1/stats")).status).toBe(404);
  });

  told("says where it is, and how it is set up", async (stage) => {
    const { status, json } = await rest(stage.base(1), ".well-known/spreed-configuration");
    expect([status, json]).toStrictEqual([200, { "spreed-webrtc_endpoint": stage.base(1).slice(0, -1) }]);
    const config = await rest(stage.base(1), "api/v1/config");
    const a = await stage.come(0);
    expect(config.json).toMatchObject({ Version: a.self["Version"], DefaultRoomEnabled: true, UsersEnabled: false });
    expect(config.text).not.toMatch(/secret/i);
  });

  told(
    "does nothing for pages of foreign origins",
    async (stage) => {
      const a = await stage.come(0);
      const headers = { origin: "https://elsewhere.example" };
      const login = { id: a.id, sid: a.sid, ...loginOf("u1") };
      expect((await patchSession(stage.base(0), login, { headers })).status).toBe(403);
      expect((await rest(stage.base(0), "api/v1/rooms", { method: "POST", headers })).status).toBe(403);
      expect((await rest(stage.base(0), "api/v1/tokens", { ...form({ a: "x" }), headers })).status).toBe(403);
      await logIn(stage.base(0), a, "u1");
    },
    withUsers,
  );
});
