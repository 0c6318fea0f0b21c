import { expect, test, vi } from "vitest";
import { emptyShelf, FakeDoor, FakeStream } from "../dev/fake-media.ts";
import { ScriptedCall, ScriptedClient, ScriptedRoom, ScriptedSdk } from "../dev/fake-room.ts";
import { ManualClock } from "../dev/manual-clock.ts";
import { Chat } from "./chat.ts";
import { LocalMedia } from "./media.ts";
import { Meeting } from "./meeting.ts";
import { Notices } from "./notices.ts";
import { rememberedSettings } from "./settings.ts";

async function meeting() {
  const clock = new ManualClock();
  const room = new ScriptedRoom("tea");
  room.put("ann", "Ann", "moderator");
  room.put("bob", "  ");
  const call = new ScriptedCall();
  const client = new ScriptedClient(new ScriptedSdk());
  const notices = new Notices(clock);
  const media = new LocalMedia(new FakeDoor(), rememberedSettings(emptyShelf(), ""), notices, new FakeStream());
  await media.start();
  const chat = new Chat(
    (body) => room.broadcast(body),
    () => clock.now(),
  );
  const meet = new Meeting({ client, room, call, media, chat, notices, clock });
  const says = () => notices.shown.value.map((notice) => notice.says);
  return { meet, room, call, client, clock, notices, media, says };
}

test("everyone in the room is shown, the nameless as guests", async () => {
  const { meet } = await meeting();
  expect(meet.people.value.map((person) => person.name)).toEqual(["Maya", "Ann", "Guest"]);
  expect(meet.host.value).toBe(true);
});

test("what others share about their devices is shown; nonsense is not believed", async () => {
  const { meet, room } = await meeting();
  room.values.set("media:ann", { audio: false, video: true, screen: true });
  room.values.set("media:bob", "loud");
  room.listeners.tell({ type: "data" });
  expect(meet.people.value.map((person) => person.media)).toMatchObject([
    {},
    { audio: false, video: true, screen: true },
    { audio: true, video: true, screen: false },
  ]);
});

test("the room is told of every change of the own devices, and the call gets the tracks", async () => {
  const { room, media, call } = await meeting();
  await media.toggleMicrophone();
  await media.toggleCamera();
  expect(room.asked.filter(([what]) => what === "share").map((asked) => asked[2])).toEqual([
    { audio: true, video: true, screen: false },
    { audio: false, video: true, screen: false },
    { audio: false, video: false, screen: false },
  ]);
  expect(call.streams).toBe(2);
});

test("a mute request mutes, says who asked, and can be undone with one press", async () => {
  const { room, notices, media, says } = await meeting();
  room.listeners.tell({ type: "muted", by: "ann", member: "me", media: "audio" });
  expect(media.state.value.audio).toBe(false);
  expect(says()).toEqual(["Ann muted you."]);
  notices.shown.value[0]?.action?.run();
  expect(media.state.value.audio).toBe(true);
});

test("a mute request to somebody else is not obeyed", async () => {
  const { room, media, says } = await meeting();
  room.listeners.tell({ type: "muted", by: "ann", member: "bob", media: "audio" });
  expect(media.state.value.audio).toBe(true);
  expect(says()).toEqual([]);
});

test("coming and going is told by name", async () => {
  const { room, says } = await meeting();
  const member = room.put("cid", "Cid");
  room.listeners.tell({ type: "arrived", member });
  room.members.delete("cid");
  room.listeners.tell({ type: "left", member });
  expect(says()).toEqual(["Cid joined", "Cid left"]);
});

test("a refused wish says why, and nothing claims to have happened", async () => {
  const { meet, room, says } = await meeting();
  room.answer = { reason: "forbidden", retry: false };
  const bob = meet.people.value.find((person) => person.id === "bob");
  expect(bob === undefined ? undefined : await meet.askToMute(bob, "audio")).toBe(false);
  expect(says()).toEqual(["Guest was not muted: only a host may do that."]);
});

test("the path of a connected peer is measured again and again, and forgotten when it breaks", async () => {
  const { meet, call, clock } = await meeting();
  call.connect("ann", "connected");
  clock.advance(2000);
  await vi.waitFor(() => expect(meet.ties.value.get("ann")?.route).toMatchObject({ local: "host", roundTrip: 3 }));
  call.connect("ann", "disconnected");
  expect(meet.ties.value.get("ann")).toMatchObject({ state: "disconnected", route: undefined });
});

test("a connection that takes too long says so, and can be tried again", async () => {
  const { meet, call, clock } = await meeting();
  call.connect("ann", "connecting");
  clock.advance(8000);
  await vi.waitFor(() => expect(meet.ties.value.get("ann")).toMatchObject({ slow: false }));
  clock.advance(4000);
  await vi.waitFor(() => expect(meet.ties.value.get("ann")).toMatchObject({ state: "connecting", slow: true }));
  meet.reconnect("ann");
  expect(call.sent).toEqual(["restart ann"]);
  call.connect("ann", "connected");
  expect(meet.ties.value.get("ann")).toMatchObject({ slow: false });
});

test("a wave shows for a while; other texts over the data channel are none", async () => {
  const { meet, call, clock, notices } = await meeting();
  call.listeners.tell({ type: "message", from: "ann", text: "hm" });
  expect(meet.waving.value.size).toBe(0);
  call.listeners.tell({ type: "message", from: "ann", text: "wave" });
  expect([...meet.waving.value]).toEqual(["ann"]);
  expect(notices.whispered.value).toBe("Ann waves");
  clock.advance(5000);
  expect(meet.waving.value.size).toBe(0);
});

test("a line of chat is read aloud while the chat is closed, and counted as unread", async () => {
  const { meet, room, notices } = await meeting();
  room.listeners.tell({ type: "broadcast", from: "ann", body: { kind: "chat", text: "hi" } });
  expect(notices.whispered.value).toBe("Ann says: hi");
  expect(meet.chat.unread.value).toBe(1);
  meet.toggle("chat");
  expect(meet.chat.unread.value).toBe(0);
});

test("a gap ends up in the chat, with people and settings as they are now", async () => {
  const { meet, room, says } = await meeting();
  room.members.delete("bob");
  room.settings = { ...room.settings, locked: true };
  room.listeners.tell({ type: "gap", gap: { from: "1", to: "9", reason: "too_old" } });
  expect(meet.chat.lines.value).toMatchObject([{ kind: "missed", gap: { from: "1", to: "9" } }]);
  expect(meet.people.value).toHaveLength(2);
  expect(says()).toEqual(["The room is locked"]);
});

test("the state of the connection is shown as it changes", async () => {
  const { meet, client } = await meeting();
  client.state = "reconnecting";
  client.listeners.tell({ type: "state" });
  expect(meet.link.value).toBe("reconnecting");
  client.listeners.tell({ type: "degraded", missing: ["log"] });
  expect(meet.degraded.value).toBe(true);
});

test("once it has ended, nothing is heard, sent or measured any more", async () => {
  const { meet, room, call, media, clock, says } = await meeting();
  await meet.leave();
  const asked = room.asked.length;
  room.listeners.tell({ type: "arrived", member: room.put("cid", "Cid") });
  await media.toggleMicrophone();
  clock.advance(10_000);
  expect(says()).toEqual([]);
  expect(room.asked).toHaveLength(asked);
  expect(call.closed).toBe(true);
});

test("a call without relays says so until there is one", async () => {
  const { meet, client } = await meeting();
  expect(meet.relayless.value).toBe(false);
  client.hear({ degraded: true, zone: undefined, zones: [] });
  expect(meet.relayless.value).toBe(true);
  client.hear({ degraded: false, zone: "eu", zones: [] });
  expect(meet.relayless.value).toBe(false);
});

test("a relay server that is full is told once a call, one that is not reached not at all", async () => {
  const { call, says } = await meeting();
  for (const code of [701, 486, 701, 486]) call.listeners.tell({ type: "no-relay", code });
  expect(says()).toEqual([
    "You use as many relays as one person may. Whoever needs a further one may stay dark and silent.",
  ]);
});
