import { expect, test } from "vitest";
import { Chat, longestLine } from "./chat.ts";
import type { Answer } from "./sdk.ts";

const gap = { from: "a", to: "b", reason: "log_restarted" };
const line = (text: string) => ({ kind: "chat", text });

function chatting(answer: () => Promise<Answer> = async () => undefined) {
  const sent: unknown[] = [];
  let now = 1000;
  const chat = new Chat(
    (body) => {
      sent.push(body);
      return answer();
    },
    () => now,
  );
  return { chat, sent, at: (time: number) => (now = time) };
}

test("an own line shows at once and is marked when the room has it", async () => {
  const { chat, sent } = chatting();
  const said = chat.say("Ann", "  hello ");
  expect(chat.lines.value).toMatchObject([{ text: "hello", mine: true, delivery: { state: "sending" } }]);
  await said;
  expect(chat.lines.value).toMatchObject([{ delivery: { state: "sent" } }]);
  expect(sent).toEqual([line("hello")]);
});

test("a refused line says why and can be sent again", async () => {
  const answers: Answer[] = [{ reason: "slow_down", retry: true }, undefined];
  const { chat, sent } = chatting(async () => answers.shift());
  await chat.say("Ann", "hello");
  expect(chat.lines.value).toMatchObject([{ delivery: { state: "failed", why: "too much at once, wait a moment" } }]);
  await chat.sayAgain(chat.lines.value[0]?.id ?? 0);
  expect(chat.lines.value).toMatchObject([{ text: "hello", delivery: { state: "sent" } }]);
  expect(sent).toHaveLength(2);
});

test("a line that was delivered is not sent again", async () => {
  const { chat, sent } = chatting();
  await chat.say("Ann", "hello");
  await chat.sayAgain(chat.lines.value[0]?.id ?? 0);
  expect(sent).toHaveLength(1);
});

test("nothing and far too much is not sent", async () => {
  const { chat, sent } = chatting();
  await chat.say("Ann", "   ");
  await chat.say("Ann", "x".repeat(longestLine + 1));
  expect(sent).toEqual([]);
  expect(chat.lines.value).toEqual([]);
});

test("lines of others are unread until the chat is before the person's eyes", () => {
  const { chat } = chatting();
  chat.hear("Bob", line("one"));
  chat.hear("Bob", line("two"));
  expect(chat.unread.value).toBe(2);
  chat.reading = true;
  expect(chat.unread.value).toBe(0);
  chat.hear("Bob", line("three"));
  expect(chat.unread.value).toBe(0);
});

test("a broadcast that is not chat is not shown", () => {
  const { chat } = chatting();
  for (const body of [
    null,
    "hi",
    7,
    [],
    {},
    { kind: "chat" },
    { kind: "poll", text: "tea?" },
    { kind: "chat", text: 1 },
    { kind: "chat", text: " " },
  ]) {
    expect(chat.hear("Bob", body)).toBeUndefined();
  }
  expect(chat.lines.value).toEqual([]);
});

test("a gap says between which moments something is missing, and why", () => {
  const { chat, at } = chatting();
  at(5000);
  chat.hear("Bob", line("one"));
  at(9000);
  chat.miss(gap);
  expect(chat.lines.value[1]).toMatchObject({ kind: "missed", since: 5000, at: 9000, gap });
  expect(chat.unread.value).toBe(2);
});

test("a long call forgets its oldest lines", () => {
  const { chat } = chatting();
  for (let index = 0; index < 600; index += 1) chat.hear("Bob", line(`line ${index}`));
  expect(chat.lines.value).toHaveLength(500);
  expect(chat.lines.value.at(-1)).toMatchObject({ text: "line 599" });
});
