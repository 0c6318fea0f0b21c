import { describe, expect, test } from "vitest";
import { jsonOf } from "../../../../contract/paper-request.ts";
import { bySharedSecret, PaperRest } from "../../../../contract/spreed-rest.ts";

const post = (body: string, type = "application/json") => ({
  method: "POST",
  path: "/api/v1/users",
  headers: { "content-type": type },
  body,
});

describe("registration", () => {
  test("gives a user, what proves it for 372 days, and a nonce that logs its session in", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const answer = await rest.ask(post(JSON.stringify({ id, sid }), "application/json; charset=utf-8"));
    const given = jsonOf(answer);
    const userid = String(given["userid"]);
    expect(answer.status).toBe(200);
    expect(Object.keys(given)).toEqual(["nonce", "userid", "useridcombo", "secret", "timestamp", "success"]);
    expect(given["timestamp"]).toBe(Math.floor(rest.clock.now() / 1_000) + 372 * 86_400);
    expect(userid).toMatch(/@local$/);
    const again = { id, sid, useridcombo: given["useridcombo"], secret: given["secret"] };
    const login = { method: "PATCH", path: `/api/v1/sessions/${id}/`, body: JSON.stringify(again) };
    expect(rest.waiting.get(id)?.redeem({ userid, nonce: String(given["nonce"]) }, rest.clock.now())).toBe("spent");
    expect(jsonOf(await rest.ask(login))["userid"]).toBe(userid);
  });

  test("is open to forms", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    expect((await rest.ask(post(`id=${id}&sid=${sid}`, "application/x-www-form-urlencoded"))).status).toBe(200);
  });

  test("says what is wrong with a request", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const offline = rest.credentials.open(undefined, rest.clock.now());
    const body = JSON.stringify({ id, sid });
    const wrong = [
      [400, "users_bad_request", post("{")],
      [400, "users_bad_request", post(JSON.stringify({ id }))],
      [400, "users_bad_request", post("id=%", "application/x-www-form-urlencoded")],
      [413, "users_bad_request", post(JSON.stringify({ id: "x".repeat(20_000) }))],
      [400, "users_invalid_request", post(body, "text/plain")],
      [400, "users_invalid_request", post(body, "")],
      [403, "users_invalid_session", post(JSON.stringify({ id, sid: offline.sid }))],
      [400, "users_request_failed", post(JSON.stringify(offline))],
    ] as const;
    for (const [status, code, paper] of wrong) {
      const answer = await rest.ask(paper);
      expect([answer.status, jsonOf(answer)["code"], jsonOf(answer)["success"]]).toEqual([status, code, false]);
    }
    expect(rest.refusals).toHaveLength(wrong.length);
    rest.bringing = false;
    expect(jsonOf(await rest.ask(post(body)))["code"]).toBe("users_request_failed");
  });

  test("makes nobody where a proxy says who users are", async () => {
    const rest = new PaperRest({ mode: "httpheader", header: "x-userid" });
    const { id, sid } = rest.session();
    const answer = await rest.ask(post(JSON.stringify({ id, sid })));
    expect([answer.status, jsonOf(answer)["code"]]).toEqual([400, "users_create_failed"]);
  });
});
