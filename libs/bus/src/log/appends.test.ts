// Appends over a link that loses, doubles and refuses: sent again as they are, placed by the log's time, told once.
import { createJsonCodec } from "@heliograph/codec";
import type { Entry, LinkState } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import type { Position } from "@heliograph/protocol";
import { expect, test } from "vitest";
import type { Inbox } from "../link/inbox.ts";
import type { Delivery, NatsLink } from "../link/nats-link.ts";
import { BundleCodec } from "../wire/bundle.ts";
import { Appends } from "./appends.ts";

const subject = "hg.in.0.r.room";
const entries: readonly Entry[] = [{ kind: "upgrade", rules: 2 }];
const utf8 = new TextEncoder();

function stage({ followed = true } = {}) {
  const clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  const sent: Uint8Array[] = [];
  const headers: (readonly string[] | undefined)[] = [];
  const faults: unknown[] = [];
  const landed: Position[] = [];
  const waiting = new Map<string, (delivery: Delivery) => void>();
  const state = { link: "up" as LinkState, suspected: 0, stored: new Map<number, number>() };
  const first: { payload: Uint8Array | undefined } = { payload: undefined };
  const link: NatsLink = {
    get state() {
      return state.link;
    },
    server: { version: "2.15.1", maxPayload: 1000, jetStream: true },
    onState: () => () => undefined,
    publish: () => undefined,
    publishNow: (_, payload, __, header) => {
      if (state.link !== "up") return;
      sent.push(payload);
      headers.push(header);
    },
    subscribe: () => ({ end: () => undefined }),
    close: async () => undefined,
  };
  const inbox: Pick<Inbox, "expect" | "forget"> = {
    expect: (hear) => {
      const reply = `reply ${waiting.size}`;
      waiting.set(reply, hear);
      return reply;
    },
    forget: (reply) => void waiting.delete(reply),
  };
  const bundles = new BundleCodec(new Uint8Array(8));
  const appends = new Appends({
    link,
    inbox,
    bundles,
    json: createJsonCodec({ maxBytes: 1000, maxDepth: 8, maxKeys: 100 }),
    gets: {
      bySeq: async (_, seq) => {
        const time = state.stored.get(seq);
        return time === undefined ? undefined : { subject, seq, time, payload: new Uint8Array(0) };
      },
      firstOf: async () =>
        first.payload === undefined ? undefined : { subject, seq: 3, time: 300, payload: first.payload },
    },
    clock,
    isFollowed: () => followed,
    landed: (_, position) => landed.push(position),
    suspect: () => {
      state.suspected += 1;
    },
    fault: (_, error) => faults.push(error),
  });
  const answer = (text: string, headerEnd = 0): void => {
    const bytes = utf8.encode(text);
    for (const hear of [...waiting.values()]) hear({ subject: "", reply: "", bytes, headerEnd });
  };
  const acknowledge = (seq: number): void => answer(`{"stream":"HG_0","seq":${seq}}`);
  const refuse = (): void => answer("NATS/1.0 503\r\n\r\n", 16);
  const refuseAsLater = (): void => {
    answer('{"error":{"code":400,"err_code":10071,"description":"wrong last sequence: 3"},"stream":"HG_0","seq":0}');
  };
  return {
    first,
    headers,
    refuseAsLater,
    clock,
    sent,
    faults,
    landed,
    state,
    appends,
    bundles,
    answer,
    acknowledge,
    refuse,
    waiting,
  };
}

test("the live copy tells the time, before the acknowledgement or after it, and gives the entries back", async () => {
  for (const copyFirst of [true, false]) {
    const { appends, landed, acknowledge, waiting } = stage();
    const append = appends.append(0, subject, entries);
    if (!copyFirst) acknowledge(7);
    expect(appends.heard(1, subject, 7, 1234)).toBe(entries);
    if (copyFirst) acknowledge(7);
    expect(await append).toEqual({ seq: 7, index: 0, time: 1234 });
    expect(landed).toEqual([{ seq: 7, index: 0, time: 1234 }]);
    expect([appends.size, waiting.size]).toEqual([0, 0]);
  }
});

test("without an answer it is sent again, byte for byte", async () => {
  const { clock, appends, sent, acknowledge } = stage();
  const append = appends.append(0, subject, entries);
  await clock.advance(2500);
  expect(sent.length).toBeGreaterThanOrEqual(2);
  for (const bytes of sent) expect(bytes).toEqual(sent[0]);
  // Stored twice, acknowledged as the second: its own copy tells its time.
  appends.heard(1, subject, 5, 100);
  acknowledge(6);
  appends.heard(1, subject, 6, 200);
  expect(await append).toEqual({ seq: 6, index: 0, time: 200 });
});

test("while nobody takes the subject it is tried again soon, and the stream is doubted", async () => {
  const { clock, appends, sent, state, refuse, acknowledge } = stage();
  const append = appends.append(0, subject, entries);
  for (let i = 0; i < 5; i += 1) {
    refuse();
    await clock.advance(300);
  }
  expect(sent.length).toBeGreaterThanOrEqual(5);
  expect(state.suspected).toBeGreaterThan(0);
  acknowledge(3);
  appends.heard(1, subject, 3, 9);
  expect((await append).seq).toBe(3);
});

test("a refusal is told once and is no failure", async () => {
  const { clock, appends, faults, answer, acknowledge } = stage();
  const append = appends.append(0, subject, entries);
  for (let i = 0; i < 3; i += 1) {
    answer('{"error":{"code":503,"err_code":10047,"description":"insufficient storage"},"stream":"HG_0","seq":0}');
    await clock.advance(300);
  }
  expect(faults).toHaveLength(1);
  acknowledge(3);
  appends.heard(1, subject, 3, 9);
  expect((await append).seq).toBe(3);
});

test("without a follow, or when the copy does not come, the time is read where it is stored", async () => {
  for (const followed of [true, false]) {
    const { clock, appends, state, acknowledge } = stage({ followed });
    let position: Position | undefined;
    void appends.append(0, subject, entries).then((at) => {
      position = at;
    });
    acknowledge(7);
    await clock.advance(100);
    expect(position).toBeUndefined();
    state.stored.set(7, 4321);
    await clock.advance(300);
    expect(position).toEqual({ seq: 7, index: 0, time: 4321 });
  }
});

test("while the link is down nothing is sent, and once it is back everything is, as it was", async () => {
  const { clock, appends, sent, state, acknowledge } = stage();
  state.link = "down";
  const append = appends.append(0, subject, entries);
  await clock.advance(5000);
  expect(sent).toEqual([]);
  state.link = "up";
  appends.resume();
  expect(sent).toHaveLength(1);
  acknowledge(2);
  appends.heard(1, subject, 2, 5);
  expect((await append).time).toBe(5);
});

test("what is larger than a message is refused at once, and the end of the log ends what waits", async () => {
  const { appends, faults } = stage();
  const huge: Entry = { kind: "upgrade", rules: 1 };
  await expect(appends.append(0, subject, Array<Entry>(200).fill(huge))).rejects.toThrow("max_payload of 1000");
  expect(faults).toHaveLength(1);
  const append = appends.append(0, subject, entries);
  appends.close();
  await expect(append).rejects.toThrow("closed");
  await expect(appends.append(0, subject, entries)).rejects.toThrow("closed");
  expect(appends.size).toBe(0);
});

test("what opens a subject says so, and is told when another stands there", async () => {
  const { appends, headers, first, bundles, refuseAsLater, waiting } = stage();
  const open = appends.open(0, subject, entries);
  expect(headers).toEqual([["Nats-Expected-Last-Subject-Sequence", "0"]]);
  first.payload = bundles.write(77, entries);
  refuseAsLater();
  expect(await open).toBeUndefined();
  expect([appends.size, waiting.size]).toEqual([0, 0]);
});

test("what opened its subject by an attempt that nobody acknowledged is found there", async () => {
  const { clock, appends, sent, faults, landed, first, refuseAsLater } = stage();
  const open = appends.open(0, subject, entries);
  // In its way, and not stored yet on the replica that is asked.
  refuseAsLater();
  await clock.advance(300);
  expect(sent).toHaveLength(2);
  first.payload = sent[0];
  refuseAsLater();
  expect(await open).toEqual({ seq: 3, index: 0, time: 300 });
  expect(landed).toHaveLength(1);
  expect(faults).toEqual([]);
});
