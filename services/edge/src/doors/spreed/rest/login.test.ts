import { describe, expect, test } from "vitest";
import { jsonOf, textOf } from "../../../../contract/paper-request.ts";
import { bySharedSecret, PaperRest, sharedSecret } from "../../../../contract/spreed-rest.ts";

interface Body {
  readonly [name: string]: unknown;
}

const patch = (id: string, body: Body | string, headers: Readonly<Record<string, string>> = {}) => ({
  method: "PATCH",
  path: `/api/v1/sessions/${id}/`,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});

describe("a login", () => {
  test("gives a nonce that the session's connection spends once", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const answer = await rest.ask(patch(id, { id, sid, ...rest.login("ann") }));
    const { nonce, ...others } = jsonOf(answer);
    expect([answer.status, others]).toEqual([200, { userid: "ann", success: true }]);
    const said = { userid: "ann", nonce: String(nonce) };
    expect(rest.waiting.get(id)?.redeem(said, rest.clock.now() + 59_999)).toBe("spent");
    expect(rest.waiting.get(id)?.redeem(said, rest.clock.now() + 59_999)).toBe("unknown");
    expect(rest.refusals).toEqual([]);
  });

  test("gives one for this session and user alone, and the newest replaces the one before", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const first = jsonOf(await rest.ask(patch(id, { id, sid, ...rest.login("ann") })));
    const second = jsonOf(await rest.ask(patch(id, { id, sid, ...rest.login("ann") })));
    const other = rest.session();
    const redeem = (who: typeof id, userid: string, nonce: unknown) =>
      rest.waiting.get(who)?.redeem({ userid, nonce: String(nonce) }, rest.clock.now());
    expect(redeem(id, "ann", first["nonce"])).toBe("unknown");
    expect(redeem(id, "bob", second["nonce"])).toBe("refused");
    expect(redeem(other.id, "ann", second["nonce"])).toBe("refused");
    expect(redeem(id, "ann", second["nonce"])).toBe("spent");
  });

  test("[spreed 56] that is over, of a wrong secret, of a wrong Sid or of another path's session fails like any other", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const other = rest.session();
    const good = { id, sid, ...rest.login("ann") };
    const wrong: readonly (readonly [why: string, path: string, body: Body | string])[] = [
      ["expired", id, { ...good, ...rest.login("ann", 0) }],
      ["unproven", id, { ...good, secret: rest.login("bob").secret }],
      ["unproven", id, { ...good, secret: undefined }],
      ["unproven", id, { ...good, useridcombo: good.useridcombo.replace("ann", "bob") }],
      ["malformed", id, { ...good, ...rest.login("") }],
      ["pair", id, { ...good, sid: other.sid }],
      ["pair", id, { ...good, sid: "" }],
      ["path", other.id, good],
      ["path", "%ff", good],
      ["path", "%2e%2e", good],
      ["body", id, "{"],
      ["body", id, "[]"],
      ["body", id, `{"id":"${id}","id":"${id}"}`],
    ];
    const answers = new Set<string>();
    for (const [why, path, body] of wrong) {
      const answer = await rest.ask(patch(path, body));
      expect([answer.status, jsonOf(answer)["code"], jsonOf(answer)["success"]]).toEqual([
        403,
        "session_patch_failed",
        false,
      ]);
      expect(rest.refusals.pop()).toBe(`login ${why}`);
      answers.add(textOf(answer));
    }
    expect(answers.size).toBe(1);
    expect((await rest.ask(patch(id, good))).status).toBe(200);
  });

  test("fails where the session is not connected, is a user already, or cannot be reached", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const good = { id, sid, ...rest.login("ann") };
    rest.bringing = false;
    expect((await rest.ask(patch(id, good))).status).toBe(403);
    rest.bringing = true;
    rest.waiting.delete(id);
    expect((await rest.ask(patch(id, good))).status).toBe(403);
    expect(rest.refusals).toEqual(["login session", "login session"]);
  });

  test("troubles the cluster only with sessions whose secret it knows", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    await rest.ask(patch(id, { id, sid: "x".repeat(32), ...rest.login("ann") }));
    expect(rest.asked).toEqual([]);
    await rest.ask(patch(id, { id, sid, useridcombo: "x", secret: "x" }));
    expect(rest.asked).toEqual([id]);
  });

  test("is taken with and without the slash, and with the session written in escapes", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const body = { id, sid, ...rest.login("ann") };
    const escaped = `%${id.charCodeAt(0).toString(16)}${id.slice(1)}`;
    for (const path of [`/api/v1/sessions/${id}`, `/api/v1/sessions/${escaped}/`]) {
      expect((await rest.ask({ ...patch(id, body), path })).status).toBe(200);
    }
  });

  test("by a header is of whom the proxy names, whatever the body claims", async () => {
    const rest = new PaperRest({ mode: "httpheader", header: "x-userid" });
    const { id, sid } = rest.session();
    const body = { id, sid, ...rest.login("eve") };
    expect(jsonOf(await rest.ask(patch(id, body, { "x-userid": "ann" })))["userid"]).toBe("ann");
    expect((await rest.ask(patch(id, body))).status).toBe(403);
    expect(rest.faults).toEqual([]);
  });

  test("larger than any is not read", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id } = rest.session();
    const answer = await rest.ask(patch(id, { id, useridcombo: "x".repeat(20_000) }));
    expect([answer.status, jsonOf(answer)["code"]]).toEqual([413, "session_patch_failed"]);
  });

  test("tells nobody a secret: no answer, no refusal and no fault has one", async () => {
    const rest = new PaperRest(bySharedSecret);
    const { id, sid } = rest.session();
    const { useridcombo, secret } = rest.login("ann", 0);
    const answer = await rest.ask(patch(id, { id, sid, useridcombo, secret }));
    const told = JSON.stringify([textOf(answer), rest.refusals, rest.faults]);
    for (const hidden of [sid, secret, sharedSecret, useridcombo]) expect(told).not.toContain(hidden);
  });
});
