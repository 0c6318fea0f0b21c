// Spreed WebRTC, contacts: users ask each other, keep what proves it, and hear when the other goes.
import { describe, expect } from "vitest";
import type { SpreedClient } from "./client.ts";
import { inside } from "./client.ts";
import { logIn } from "./rest.ts";
import { withoutContacts, withUsers } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { told } from "./told.ts";

/** Who has logged in is found by user within some seconds. */
const soon = { timeout: 20_000, interval: 200 };

const isRequest = (data: unknown): boolean => inside(data, "Chat", "Status", "ContactRequest") !== undefined;

function request(from: SpreedClient, to: SpreedClient, contact: Readonly<Record<string, unknown>>): void {
  from.chat(to.id, { Message: "Contact", Status: { ContactRequest: { Id: "r1", ...contact } } });
}

async function asked(by: SpreedClient): Promise<unknown> {
  return inside((await by.take("Chat", isRequest)).Data, "Chat", "Status", "ContactRequest");
}

/** Two users on two nodes, each as a session in no room. */
async function users(stage: Stage): Promise<readonly [SpreedClient, SpreedClient]> {
  const [a, b] = await stage.ab();
  // Asked for elsewhere than where they are.
  await logIn(stage.base(2), a, "u1");
  await logIn(stage.base(2), b, "u2");
  await Promise.all([known(a, b, "u2"), known(b, a, "u1")]);
  return [a, b];
}

/** A login is known at the other nodes a moment later: until then a request to that session goes nowhere. */
async function known(by: SpreedClient, of: SpreedClient, userid: string): Promise<void> {
  of.chat(by.id, { Message: "who I am" });
  const { A } = await by.take("Chat", (data) => inside(data, "Chat", "Message") === "who I am");
  await expect
    .poll(
      async () => inside((await by.ask("Sessions", { Type: "session", Token: A })).Data, "Users", 0, "Userid"),
      soon,
    )
    .toBe(userid);
}

/** The token of u1 and u2, as u1 has it when u2 has accepted. */
async function acquainted(a: SpreedClient, b: SpreedClient): Promise<string> {
  request(a, b, { Success: false });
  const wish = await asked(b);
  request(b, a, { Success: true, Token: inside(wish, "Token") });
  return String(inside(await asked(a), "Token"));
}

describe("contacts", () => {
  told(
    "[spreed 52] one asks, the other accepts, and the token finds the other's sessions",
    async (stage) => {
      const [a, b] = await users(stage);
      request(a, b, { Success: false, Userid: "somebody else" });
      const wish = await asked(b);
      expect(wish).toStrictEqual({ Id: "r1", Success: false, Userid: "u1", Token: expect.stringMatching(/./) });
      request(b, a, { Success: true, Token: inside(wish, "Token") });
      const granted = await asked(a);
      expect(granted).toStrictEqual({ Id: "r1", Success: true, Userid: "u2", Token: inside(wish, "Token") });
      const Token = inside(granted, "Token");
      const second = await stage.come(2);
      await logIn(stage.base(0), second, "u2");
      await expect
        .poll(async () => {
          const { Data } = await a.ask("Sessions", { Type: "contact", Token });
          expect(Data).toMatchObject({ Type: "Sessions", Sessions: { Type: "contact", Token } });
          return (Data["Users"] as { Id: string; Userid: string }[]).map(({ Id, Userid }) => [Id, Userid]);
        }, soon)
        // The one that logged in first comes first.
        .toStrictEqual([
          [b.id, "u2"],
          [second.id, "u2"],
        ]);
      // The other way round it is the same token.
      await expect
        .poll(async () => inside((await b.ask("Sessions", { Type: "contact", Token })).Data, "Users", 0, "Id"), soon)
        .toBe(a.id);
      // Nobody else can do anything with it.
      const c = await stage.come(2);
      for (const bad of [Token, "garbage"]) {
        expect((await c.ask("Sessions", { Type: "contact", Token: bad })).Data).toMatchObject({ Type: "Error" });
      }
    },
    withUsers,
  );

  told(
    "[spreed 52] nobody accepts what was asked of another, and no answer that was forged passes",
    async (stage) => {
      const [a, b] = await users(stage);
      const c = await stage.come(2);
      await logIn(stage.base(1), c, "u3");
      await known(a, c, "u3");
      request(a, b, { Success: false });
      const Token = inside(await asked(b), "Token");
      // u3 was not asked, u1 asked himself, and a token must be one of ours.
      request(c, a, { Success: true, Token });
      request(a, b, { Success: true, Token });
      request(b, a, { Success: true, Token: "garbage" });
      request(b, a, { Success: true });
      const guest = await stage.come(1);
      request(guest, a, { Success: false });
      // Nobody asks oneself.
      request(a, a, { Success: false });
      await a.heardAll(guest);
      await a.heardAll(c);
      await b.heardAll(a);
      expect([a.untaken, b.untaken]).toStrictEqual([[], []]);
      // A refusal is told without the token.
      request(b, a, { Success: false, Token });
      expect(await asked(a)).toStrictEqual({ Id: "r1", Success: false, Userid: "u2" });
    },
    withUsers,
  );

  told(
    "[spreed 53] whoever looked a contact up hears when that one's session ends, and is heard of",
    async (stage) => {
      const [a, b] = await users(stage);
      const Token = await acquainted(a, b);
      await expect
        .poll(async () => inside((await a.ask("Sessions", { Type: "contact", Token })).Data, "Users", 0, "Id"), soon)
        .toBe(b.id);
      await a.join("one");
      await b.join("another");
      await b.cut();
      expect(await a.take("Left")).toMatchObject({ From: b.id, Data: { Type: "Left", Id: b.id, Status: "hard" } });
      const { Data } = await a.ask("Sessions", { Type: "contact", Token });
      // Nobody is there: one entry stands for the user.
      expect(Data["Users"]).toMatchObject([{ Userid: "u2", Prio: 100 }]);
      const again = await stage.come(2);
      await logIn(stage.base(0), again, "u2");
      await expect
        .poll(async () => inside((await a.ask("Sessions", { Type: "contact", Token })).Data, "Users", 0, "Id"), soon)
        .toBe(again.id);
      await a.cut();
      expect(await again.take("Left")).toMatchObject({ From: a.id, Data: { Id: a.id, Status: "hard" } });
    },
    withUsers,
  );

  told(
    "[spreed 52] where contacts are off requests are dropped, and nobody is looked up",
    async (stage) => {
      const [a, b] = await users(stage);
      request(a, b, { Success: false });
      await b.heardAll(a);
      expect(b.untaken).toStrictEqual([]);
      expect((await a.ask("Sessions", { Type: "contact", Token: "x" })).Data).toMatchObject({
        Type: "Error",
        Code: "contacts_not_enabled",
      });
    },
    withoutContacts,
  );
});
