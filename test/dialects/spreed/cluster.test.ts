// Spreed WebRTC on several nodes: what the original never was asked.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until } from "../../kit/until.ts";
import { findChecks } from "../../spec-checks/titles.ts";
import { inside, typesOf } from "./client.ts";
import { nonceFor } from "./rest.ts";
import { withUsers } from "./settings.ts";
import { freshRoom, onThree } from "./told.ts";

test("[spreed 67] every check has a conversation that is held on one node and on three", () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const held = new Set<number>();
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".test.ts"))) {
    const source = readFileSync(`${folder}${name}`, "utf8");
    // What is told is held on both; `onOne` and `onThree` are not.
    const told = source.replaceAll(/\b(onOne|onThree|test)\(\s*"\[spreed \d+\]/g, "$1(");
    for (const { check } of findChecks("spreed", name, told)) held.add(check);
  }
  const checks = Array.from({ length: 66 }, (_, i) => i + 1);
  expect(checks.filter((check) => !held.has(check))).toStrictEqual([]);
});

onThree(
  "[spreed 68] a session that turns up at each node in turn is one session, and its mates miss nothing",
  async (stage) => {
    const room = freshRoom();
    const [a, b] = await stage.ab();
    await a.join(room);
    await b.join(room);
    let current = a;
    for (const place of [1, 2, 0, 1]) {
      const next = await stage.come(place, { token: current.token });
      expect(next.id).toBe(a.id);
      await current.closed;
      // It is not in the room yet, and is written to as soon as its mates' nodes know that.
      const isEarly = (text: unknown) => String(text).startsWith(`early at ${place}`);
      let looks = 0;
      await until("it is written to", () => {
        looks += 1;
        if (looks % 10 === 1) b.chat(a.id, { Message: `early at ${place}` });
        return next.frames.some(({ Data }) => isEarly(inside(Data, "Chat", "Message")));
      });
      const message = `at ${place}`;
      await next.join(room);
      next.chat("", { Message: message });
      await b.take("Chat", (data) => inside(data, "Chat", "Message") === message);
      current = next;
    }
    expect(typesOf(b.frames)).not.toContain("Left");
    expect((await b.users()).map(({ Id }) => Id).toSorted()).toStrictEqual([a.id, b.id].toSorted());
    await current.cut();
    expect((await b.take("Left")).Data).toMatchObject({ Id: a.id, Status: "hard" });
  },
);

onThree(
  "[spreed 68] of two that bring one token to two nodes at once one is left, and it hears everything",
  async (stage) => {
    const a = await stage.come(0);
    const b = await stage.come(1);
    const { token } = a;
    // One may be closed before it was told who it is.
    const both = await Promise.allSettled([stage.come(1, { token }), stage.come(2, { token })]);
    await a.closed;
    const open = both.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    if (open.length === 2) await Promise.race(open.map((each) => each.closed));
    const left = open.find((each) => each.socket.readyState === each.socket.OPEN);
    b.chat(a.id, { Message: "who is it?" });
    await left?.take("Chat", (data) => inside(data, "Chat", "Message") === "who is it?");
    expect(left?.id).toBe(a.id);
  },
);

onThree(
  "[spreed 69] a nonce from any node serves the session on its own",
  async (stage) => {
    for (const [home, asked] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const client = await stage.come(home);
      const Nonce = await nonceFor(stage.base(asked), client, "u1");
      const { Data } = await client.ask("Authentication", { Userid: "u1", Nonce });
      expect(Data).toMatchObject({ Type: "Self", Userid: "u1" });
    }
  },
  withUsers,
);

onThree("[spreed 71] all members of a room see its chats in one order, wherever they were said", async (stage) => {
  const room = freshRoom();
  const speakers = await stage.abc();
  const listeners = await stage.abc();
  const all = [...speakers, ...listeners];
  for (const each of all) await each.join(room);
  const count = 15;
  for (let i = 0; i < count; i += 1)
    for (const [s, each] of speakers.entries()) each.chat("", { Message: `${s}-${i}` });
  const heard = async (by: (typeof all)[number], many: number) => {
    const messages: string[] = [];
    while (messages.length < many) {
      messages.push(String(inside((await by.take("Chat")).Data, "Chat", "Message")));
    }
    return messages;
  };
  const [first, ...others] = await Promise.all(listeners.map((each) => heard(each, count * speakers.length)));
  for (const other of others) expect(other).toStrictEqual(first);
  // Whoever spoke heard the others in the same order.
  for (const [s, each] of speakers.entries()) {
    const own = await heard(each, count * (speakers.length - 1));
    expect(own).toStrictEqual(first?.filter((message) => !message.startsWith(`${s}-`)));
  }
  for (const s of speakers.keys()) {
    const order = first?.filter((message) => message.startsWith(`${s}-`));
    expect(order).toStrictEqual(Array.from({ length: count }, (_, i) => `${s}-${i}`));
  }
});
