// Digests of personal channels travel apart, so that a build that cannot read their names loses nothing else.
import type { PlainValue } from "@heliograph/codec";
import type { DigestReport, RoomDigest } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import {
  parseNodeId,
  parseRealm,
  parseRoomName,
  parseSessionId,
  personalRoom,
  type RoomName,
  roomKey,
} from "@heliograph/protocol";
import { expect, test } from "vitest";
import { Inbox } from "./link/inbox.ts";
import type { Delivery, NatsLink } from "./link/nats-link.ts";
import { NatsNodes } from "./nodes.ts";
import { entryCodec } from "./wire/bundle.ts";
import { Fields } from "./wire/fields.ts";

const codec = entryCodec();
const node = parseNodeId("n".repeat(22));
const realm = parseRealm("default");
const owner = parseSessionId("s".repeat(22));
const [tea, lobby] = [parseRoomName("tea"), parseRoomName("lobby")];
if (!node.ok || !realm.ok || !owner.ok || !tea.ok || !lobby.ok) throw new Error("sound names");

const digestOf = (name: RoomName): RoomDigest => ({
  room: roomKey(realm.value, name),
  seq: 7,
  time: 1_700_000_000_000,
  digest: "a digest",
});

/** Every message goes to all that listen to its subject, its sender too, and is kept. */
class Loop implements NatsLink {
  readonly state = "up";
  readonly server = undefined;
  readonly said: Uint8Array[] = [];
  readonly #hearers = new Map<string, (delivery: Delivery) => void>();

  onState(): () => void {
    return () => undefined;
  }

  publish(subject: string, bytes: Uint8Array): void {
    this.said.push(bytes);
    this.#hearers.get(subject)?.({ subject, reply: "", bytes, headerEnd: 0 });
  }

  publishNow(): void {}

  subscribe(subject: string, hear: (delivery: Delivery) => void): { end(): void } {
    this.#hearers.set(subject, hear);
    return { end: () => this.#hearers.delete(subject) };
  }

  async close(): Promise<void> {}
}

test("digests of personal channels are said in messages of their own, which an earlier build drops and nothing else", () => {
  const link = new Loop();
  const nodes = new NatsNodes({
    link,
    inbox: new Inbox(link, "inbox."),
    codec,
    clock: new VirtualClock({ turn: async () => undefined }),
    copies: { load: async () => undefined, replace: async () => "replaced" },
    shards: 4,
    fault: (where, error) => {
      throw new Error(where, { cause: error });
    },
  });
  const heard: DigestReport[] = [];
  nodes.onDigests((report) => heard.push(report));
  const [first, channel, last] = [digestOf(tea.value), digestOf(personalRoom(owner.value)), digestOf(lobby.value)];
  nodes.sayDigests({ node: node.value, digests: [first, channel, last] });
  expect(heard).toStrictEqual([
    { node: node.value, digests: [first, last] },
    { node: node.value, digests: [channel] },
  ]);
  expect(link.said.map(namesIn)).toStrictEqual([["tea", "lobby"], [personalRoom(owner.value)]]);
  nodes.sayDigests({ node: node.value, digests: [first] });
  expect(link.said.slice(2).map(namesIn)).toStrictEqual([["tea"]]);
  nodes.close();
});

function namesIn(bytes: Uint8Array): readonly string[] {
  const fields = new Fields(plain(bytes));
  fields.text();
  return fields.list().map((digest) => new Fields(digest).text().replace("default:", ""));
}

function plain(bytes: Uint8Array): PlainValue {
  const decoded = codec.decode(bytes);
  if (!decoded.ok) throw new Error("what was said is readable");
  return decoded.value;
}
