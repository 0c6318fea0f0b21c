import { expect, test, vi } from "vitest";
import { emptyShelf, FakeDoor, FakeStream } from "../dev/fake-media.ts";
import { ScriptedSdk } from "../dev/fake-room.ts";
import { ManualClock } from "../dev/manual-clock.ts";
import { LocalMedia } from "./media.ts";
import { Notices } from "./notices.ts";
import { rememberedSettings } from "./settings.ts";
import { Visit } from "./visit.ts";

function visiting(tab = emptyShelf()) {
  const sdk = new ScriptedSdk();
  const door = new FakeDoor();
  const clock = new ManualClock();
  const settings = rememberedSettings(emptyShelf(), "");
  const notices = new Notices(clock);
  const media = new LocalMedia(door, settings, notices, new FakeStream());
  const shown: string[] = [];
  const show = (path: string) => void shown.push(path);
  const visit = new Visit({ sdk, url: "ws://here/v1/socket", media, settings, notices, clock, tab, show }, "tea");
  const meeting = () => {
    const stage = visit.stage.value;
    if (stage.at !== "call") throw new Error(`not in a call but at ${stage.at}`);
    return stage.meeting;
  };
  return { visit, sdk, door, settings, notices, tab, shown, meeting };
}

const refused = (reason: string) => ({ reason, retry: false });

test("joining leads into the call, and the address shows the room", async () => {
  const { visit, shown, meeting } = visiting();
  await visit.join();
  expect(meeting().name).toBe("tea");
  expect(shown).toEqual(["/r/tea"]);
});

test("a PIN is asked for until it is right, over one connection", async () => {
  const { visit, sdk, meeting } = visiting();
  sdk.refusals.push(refused("pin_required"), refused("pin_wrong"));
  await visit.join();
  expect(visit.prompt.value).toMatchObject({ kind: "pin", wrong: false });
  await visit.join("1");
  expect(visit.prompt.value).toMatchObject({ kind: "pin", wrong: true });
  await visit.join("2");
  expect(visit.prompt.value).toBeUndefined();
  expect(meeting().name).toBe("tea");
  expect(sdk.joins.map((join) => join.pin)).toEqual([undefined, "1", "2"]);
  expect(sdk.clients).toHaveLength(1);
});

test("another codec means another connection", async () => {
  const { visit, sdk, settings } = visiting();
  sdk.refusals.push(refused("full"));
  await visit.join();
  settings.codec.value = "msgpack";
  await visit.join();
  expect(sdk.codecs).toEqual(["json", "msgpack"]);
  expect(sdk.clients[0]?.state).toBe("closed");
});

test("leaving tells the room, ends the call, stops every track and closes the connection", async () => {
  const { visit, sdk, door, tab } = visiting();
  await visit.join();
  await visit.leave();
  expect(visit.stage.value).toEqual({ at: "ended", why: "left" });
  expect(sdk.rooms[0]?.asked.at(-1)).toEqual(["leave"]);
  expect(sdk.calls[0]?.closed).toBe(true);
  expect(sdk.clients[0]?.state).toBe("closed");
  expect(door.live).toEqual([]);
  expect(tab.kept.size).toBe(0);
});

test("a page that is reloaded in a call goes straight back into it", async () => {
  const first = visiting();
  await first.visit.join();
  const second = visiting(first.tab);
  await second.visit.start();
  expect(second.meeting().name).toBe("tea");
});

test("a page that was not in a call waits in the lobby", async () => {
  const { visit, sdk } = visiting();
  await visit.start();
  expect(visit.stage.value).toEqual({ at: "lobby" });
  expect(sdk.joins).toEqual([]);
});

test("who is removed sees so, and nothing goes on", async () => {
  const { visit, sdk, door } = visiting();
  await visit.join();
  sdk.rooms[0]?.listeners.tell({ type: "removed", banned: true });
  expect(visit.stage.value).toEqual({ at: "ended", why: "banned" });
  await vi.waitFor(() => expect(door.live).toEqual([]));
  expect(sdk.calls[0]?.closed).toBe(true);
});

test("a call that another tab took over ends here", async () => {
  const { visit, sdk } = visiting();
  await visit.join();
  sdk.clients[0]?.listeners.tell({ type: "taken_over" });
  expect(visit.stage.value).toEqual({ at: "ended", why: "moved" });
});

test("who was away for too long joins anew with the same PIN, keeps the chat and is told of the gap", async () => {
  const { visit, sdk, notices, meeting } = visiting();
  sdk.refusals.push(refused("pin_required"));
  await visit.join();
  await visit.join("1234");
  meeting().chat.hear("Bob", { kind: "chat", text: "hello" });
  const before = meeting();
  sdk.rooms[0]?.listeners.tell({ type: "over" });
  await vi.waitFor(() => expect(meeting()).not.toBe(before));
  expect(sdk.joins.at(-1)).toEqual({ name: "tea", pin: "1234" });
  expect(meeting().chat.lines.value.map((line) => line.kind)).toEqual(["said", "missed"]);
  expect(notices.shown.value.at(-1)?.says).toMatch(/joined anew/u);
});

test("what a room that is over still says is not heard", async () => {
  const { visit, sdk } = visiting();
  await visit.join();
  await visit.leave();
  sdk.rooms[0]?.listeners.tell({ type: "over" });
  sdk.clients[0]?.listeners.tell({ type: "taken_over" });
  expect(visit.stage.value).toEqual({ at: "ended", why: "left" });
  expect(sdk.joins).toHaveLength(1);
});

test("a wish for relays goes to the client that is made, to the one that is, and to none that is gone", async () => {
  const { visit, sdk, settings } = visiting();
  visit.relays.known.value = { degraded: false, zone: "eu", zones: [{ id: "eu" }, { id: "us" }] };
  visit.relays.choose("us");
  await visit.join();
  expect(sdk.wishes).toEqual([{ zone: "us", geo: true }]);
  settings.geo.value = "off";
  expect(sdk.clients[0]?.wishes.at(-1)).toEqual({ zone: "us", geo: false });
  await visit.leave();
  visit.relays.choose("");
  expect(sdk.clients[0]?.wishes.at(-1)).toEqual({ zone: "us", geo: false });
});
