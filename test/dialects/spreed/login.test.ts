// Spreed WebRTC, users: how a session becomes a user's, and what only users may do.
import { describe, expect } from "vitest";
import type { SpreedClient } from "./client.ts";
import { inside, typesOf } from "./client.ts";
import { logIn, loginOf, nonceFor, patchSession, rest } from "./rest.ts";
import {
  creatingTakesAccount,
  joiningTakesAccount,
  withRegistration,
  withUsers,
  withUsersByHeader,
} from "./settings.ts";
import { freshRoom, onOne, told } from "./told.ts";

async function authenticate(client: SpreedClient, Userid: string, Nonce: string): Promise<unknown> {
  const { Data } = await client.ask("Authentication", { Userid, Nonce });
  return Data["Type"] === "Error" ? Data["Code"] : Data["Userid"];
}

function saidOf(data: unknown): unknown {
  return inside(data, "Type") === "Error" ? inside(data, "Code") : inside(data, "Type");
}

describe("a login", () => {
  told(
    "[spreed 54] by a proof and the nonce for it is told to the session and to its room",
    async (stage) => {
      const room = freshRoom();
      const [a, b] = await stage.ab();
      a.status({ displayName: "Ann" });
      await a.join(room);
      await b.join(room);
      const login = loginOf("u7");
      const patched = await patchSession(stage.base(0), { id: a.id, sid: a.sid, ...login });
      expect(patched).toMatchObject({ status: 200, json: { userid: "u7", success: true } });
      expect(patched.headers.get("content-type")).toMatch(/^application\/json/);
      const Nonce = String(patched.json?.["nonce"]);
      const { Data } = await a.ask("Authentication", { Userid: "u7", Nonce });
      expect(Data).toMatchObject({ Type: "Self", Id: a.id, Sid: a.sid, Userid: "u7" });
      expect(Data["Suserid"]).toMatch(/./);
      expect(await b.take("Status")).toMatchObject({
        From: a.id,
        Data: { Type: "Status", Id: a.id, Userid: "u7", Rev: 3, Status: { displayName: "Ann" } },
      });
      expect((await b.users()).find(({ Id }) => Id === a.id)).toMatchObject({ Userid: "u7" });
      const c = await stage.come(2);
      await c.join(room);
      await a.ask("Hello", { Name: room });
      expect((await c.take("Joined")).Data).toMatchObject({ Id: a.id, Userid: "u7" });
    },
    withUsers,
  );

  told(
    "[spreed 55] takes the newest nonce of this very session, once",
    async (stage) => {
      const [a, b] = await stage.ab();
      const first = await nonceFor(stage.base(0), a, "u1");
      const second = await nonceFor(stage.base(0), a, "u1");
      const others = await nonceFor(stage.base(1), b, "u1");
      expect(await authenticate(a, "u1", first)).toBe("invalid_session_token");
      expect(await authenticate(a, "u1", others)).toBe("invalid_session_token");
      expect(await authenticate(a, "u1", "garbage")).toBe("invalid_session_token");
      expect(await authenticate(a, "u1", "")).toBe("invalid_session_token");
      expect(await authenticate(a, "u2", second)).toBe("invalid_session_token");
      expect(a.self["Userid"]).toBe("");
      expect(await authenticate(a, "u1", second)).toBe("u1");
      expect(await authenticate(a, "u1", second)).toBe("already_authenticated");
      // A further connection of the session, before its login, has nothing of a nonce that was spent.
      const { token } = b;
      expect(await authenticate(b, "u1", others)).toBe("u1");
      const again = await stage.come(2, { token });
      expect(again.id).toBe(b.id);
      expect(await authenticate(again, "u1", others)).toBe("invalid_session_token");
    },
    withUsers,
  );

  onOne(
    "[spreed 55] takes no nonce that is older than a minute",
    async (stage) => {
      const a = await stage.come(0);
      const young = await nonceFor(stage.base(0), a, "u1");
      stage.pass(61_000);
      expect(await authenticate(a, "u1", young)).toBe("invalid_session_token");
      const next = await nonceFor(stage.base(0), a, "u1");
      stage.pass(50_000);
      expect(await authenticate(a, "u1", next)).toBe("u1");
    },
    withUsers,
  );

  told(
    "[spreed 56] with anything wrong about it is refused with one word for all of it",
    async (stage) => {
      const [a, b] = await stage.ab();
      const right = { id: a.id, sid: a.sid, ...loginOf("u1") };
      const now = Math.floor(Date.now() / 1_000);
      const wrongs = {
        expired: { ...right, ...loginOf("u1", now - 10) },
        "another secret": { ...right, ...loginOf("u1", now + 60, "guessed") },
        "no secret": { ...right, secret: "" },
        "another user's secret": { ...right, useridcombo: loginOf("u2").useridcombo },
        "no user": { ...right, ...loginOf("") },
        "another's sid": { ...right, sid: b.sid },
        "no sid": { ...right, sid: "" },
        "another's id": { ...right, id: b.id },
        "no id of ours": { ...right, id: "x".repeat(22) },
      };
      for (const [what, body] of Object.entries(wrongs)) {
        const answer = await patchSession(stage.base(0), body);
        expect([what, answer.status, answer.json?.["code"], answer.json?.["success"]]).toStrictEqual([
          what,
          403,
          "session_patch_failed",
          false,
        ]);
      }
      const elsewhere = await patchSession(stage.base(0), right, { pathId: b.id });
      expect([elsewhere.status, elsewhere.json?.["code"]]).toStrictEqual([403, "session_patch_failed"]);
      for (const body of ["", "{", "[]", "null", '{"id":7}']) {
        const broken = await rest(stage.base(0), `api/v1/sessions/${a.id}/`, { method: "PATCH", body });
        expect([body, broken.status]).toStrictEqual([body, 403]);
      }
      // Nothing was wrong with the rest of it.
      expect((await patchSession(stage.base(0), right)).status).toBe(200);
    },
    withUsers,
  );

  told(
    "[spreed 56] of a session that is not connected, or is a user's already, is refused",
    async (stage) => {
      const [a, b] = await stage.ab();
      await logIn(stage.base(2), a, "u1");
      expect((await patchSession(stage.base(1), { id: a.id, sid: a.sid, ...loginOf("u1") })).status).toBe(403);
      const body = { id: b.id, sid: b.sid, ...loginOf("u1") };
      await b.close();
      await expect.poll(async () => (await patchSession(stage.base(0), body)).status).toBe(403);
    },
    withUsers,
  );

  told("[spreed 56] is not there where there are no users", async (stage) => {
    const a = await stage.come(0);
    const answer = await patchSession(stage.base(0), { id: a.id, sid: a.sid, ...loginOf("u1") });
    expect(answer.status).toBe(404);
    expect((await a.ask("Authentication", { Userid: "u1", Nonce: "x" })).Data["Type"]).toBe("Error");
  });

  told(
    "[spreed 57] comes along with the token, on any node, and its Suserid is always the same",
    async (stage) => {
      const a = await stage.come(0);
      const { Data } = await logIn(stage.base(1), a, "u7");
      const { Suserid } = Data;
      await a.close();
      for (const place of [1, 2, 0]) {
        const again = await stage.come(place, { token: a.token });
        expect(again.self).toMatchObject({ Id: a.id, Userid: "u7", Suserid });
        expect(await authenticate(again, "u7", "x")).toBe("already_authenticated");
        await again.close();
      }
      // Another session of the same user has the same, another user another.
      const [same, other] = [await stage.come(1), await stage.come(2)];
      expect((await logIn(stage.base(0), same, "u7")).Data["Suserid"]).toBe(Suserid);
      expect((await logIn(stage.base(0), other, "u8")).Data["Suserid"]).not.toBe(Suserid);
    },
    withUsers,
  );

  told(
    "[spreed 57] by the header of a proxy is there with the connection, and needs no nonce",
    async (stage) => {
      const headers = { "x-spreed-user": "u9" };
      const a = await stage.come(0, { headers });
      expect(a.self).toMatchObject({ Userid: "u9", Suserid: expect.stringMatching(/./) });
      expect(await authenticate(a, "u9", "x")).toBe("already_authenticated");
      const b = await stage.come(1, { headers: { "x-other": "u9" } });
      expect(b.self["Userid"]).toBe("");
      // Somebody without an account gets one by a request that the proxy has let through.
      const body = { id: b.id, sid: b.sid, useridcombo: "", secret: "" };
      expect((await patchSession(stage.base(2), body)).status).toBe(403);
      const patched = await patchSession(stage.base(2), body, { headers });
      expect(patched.json).toMatchObject({ userid: "u9", success: true });
      expect(await authenticate(b, "u9", String(patched.json?.["nonce"]))).toBe("u9");
      expect(b.self["Suserid"]).toBe(a.self["Suserid"]);
    },
    withUsersByHeader,
  );

  told(
    "[spreed 54] a user who registers first gets a login, and may use it",
    async (stage) => {
      const a = await stage.come(0);
      const register = (body: unknown) =>
        rest(stage.base(1), "api/v1/users", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      const { status, json = {} } = await register({ id: a.id, sid: a.sid });
      expect(status).toBe(200);
      expect(json).toMatchObject({ success: true, timestamp: expect.anything() });
      const { nonce, userid, useridcombo, secret } = json;
      const wrong = await register({ id: a.id, sid: "x".repeat(32) });
      expect([wrong.status, wrong.json?.["code"]]).toStrictEqual([403, "users_invalid_session"]);
      expect(await authenticate(a, String(userid), String(nonce))).toBe(userid);
      const b = await stage.come(2);
      const login = { useridcombo: String(useridcombo), secret: String(secret) };
      const patched = await patchSession(stage.base(0), { id: b.id, sid: b.sid, ...login });
      expect(patched.json).toMatchObject({ userid, success: true });
    },
    withRegistration,
  );
});

describe("where rooms take an account", () => {
  told(
    "[spreed 28] to be opened, a guest opens none, and joins what a user has opened",
    async (stage) => {
      const room = freshRoom();
      const [guest, user] = await stage.ab();
      expect(saidOf((await guest.hello(room)).Data)).toBe("room_join_requires_account");
      await logIn(stage.base(2), user, "u1");
      await user.join(room);
      await guest.join(room);
      expect(typesOf([await user.take("Joined")])).toStrictEqual(["Joined"]);
    },
    creatingTakesAccount,
  );

  told(
    "[spreed 30] to be opened, public ones take none",
    async (stage) => {
      const guest = await stage.come(0);
      await guest.join("public");
      expect(saidOf((await guest.hello("private")).Data)).toBe("room_join_requires_account");
      expect(saidOf((await guest.hello("publicity")).Data)).toBe("room_join_requires_account");
    },
    creatingTakesAccount,
  );

  told(
    "[spreed 29] to be joined, a guest joins neither a new one nor one that is there",
    async (stage) => {
      const room = freshRoom();
      const [guest, user] = await stage.ab();
      expect(saidOf((await guest.hello(room)).Data)).toBe("room_join_requires_account");
      await logIn(stage.base(2), user, "u1");
      await user.join(room);
      expect(saidOf((await guest.hello(room)).Data)).toBe("room_join_requires_account");
      await user.heardAll(guest);
      expect(user.untaken).toStrictEqual([]);
    },
    joiningTakesAccount,
  );

  told(
    "[spreed 30] to be joined, public ones take none",
    async (stage) => {
      const [a, b] = await stage.ab();
      await a.join("public");
      await b.join("public");
      expect(saidOf((await b.hello("private")).Data)).toBe("room_join_requires_account");
    },
    joiningTakesAccount,
  );
});
