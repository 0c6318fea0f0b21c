// What happens to servers and links while nodes talk: leaders die, everything dies, storage is lost, links fall silent.
import { type Bus, openBus, shardOf, streamName } from "@heliograph/bus";
import { Gate, NatsServers } from "@heliograph/cluster";
import { type Entry, type Follower, Room, type Stored, Unreachable } from "@heliograph/core";
import { parseMemberId, parseNodeId, parseRealm, parseRoomName, type RoomKey, roomKey } from "@heliograph/protocol";
import { systemRandom } from "@heliograph/system";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../kit/until.ts";
import { Admin, plainOptions, SharedCopies, shards, type Witness, witness } from "./bus-stage.ts";

function must<T>(outcome: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!outcome.ok) throw new Error("a sound name was refused");
  return outcome.value;
}

let rooms = 0;

function freshRoom(): RoomKey {
  rooms += 1;
  return roomKey(must(parseRealm("faults")), must(parseRoomName(`room ${rooms}`)));
}

function said(by: number, n: number, text = String(n)): Entry {
  return {
    kind: "broadcast",
    from: must(parseMemberId(`member-${by}`)),
    epoch: { attempt: 1, bump: 0, node: must(parseNodeId(`node-${by}`.padEnd(22, "-"))) },
    n,
    body: { codec: "json", bytes: new TextEncoder().encode(text) },
  };
}

class Journal implements Follower {
  readonly places: string[] = [];
  readonly words: string[] = [];
  broke: "lost" | "reborn" | undefined;

  stored({ seq, time, entries }: Stored): void {
    this.places.push(`${seq} ${time}`);
    for (const entry of entries) this.words.push("n" in entry ? `${entry.from} ${entry.n}` : entry.kind);
  }

  broken(why: "lost" | "reborn"): void {
    this.broke = why;
  }
}

async function followed(bus: Bus, room: RoomKey): Promise<Journal> {
  const journal = new Journal();
  const follow = bus.log.follow(room, journal);
  await follow.proved;
  follow.start(undefined);
  return journal;
}

/** What one member said, by its first mention: an append that outlived its acknowledgement may stand twice. */
function wordsOf(journal: Journal, by: number): readonly string[] {
  return [...new Set(journal.words.filter((word) => word.startsWith(`member-${by} `)))];
}

/** Asked until it is answered: a replica may stand still. */
async function tailOf(bus: Bus | undefined, room: RoomKey): Promise<number> {
  let tail: number | undefined;
  await until("the room's tail", async () => {
    tail = await bus?.log.tail(room).catch(() => undefined);
    return tail !== undefined;
  });
  return tail ?? 0;
}

function range(by: number, to: number): readonly string[] {
  return Array.from({ length: to }, (_, i) => `member-${by} ${i + 1}`);
}

describe("three servers", () => {
  let servers: NatsServers;
  let admin: Admin;
  let buses: Bus[];
  let witnesses: Witness[];

  beforeAll(async () => {
    servers = await NatsServers.start({ count: 3 });
    admin = await Admin.of(servers);
    witnesses = [witness(), witness(), witness()];
    // Each begins at a server of its own.
    const random = { ...systemRandom, fraction: () => 0 };
    buses = await Promise.all(
      witnesses.map(({ ports }, i) => {
        const urls = [...servers.urls.slice(i), ...servers.urls.slice(0, i)];
        return openBus({ ...plainOptions, servers: urls, replicas: 3 }, { ...ports, random });
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await admin.close();
    await servers.stop();
  });

  /** Every bus says `count` words into the room, one after the other as lanes do; resolves when all are acknowledged. */
  async function conversation(room: RoomKey, count: number, meanwhile: () => Promise<void>): Promise<void> {
    let said1 = 0;
    const speaking = buses.map(async (bus, by) => {
      for (let n = 1; n <= count; n += 1) {
        await bus.log.append(room, [said(by, n)]);
        said1 += 1;
      }
    });
    await until("the first words", () => said1 > 30);
    await meanwhile();
    await Promise.all(speaking);
  }

  async function expectWhole(room: RoomKey, journals: readonly Journal[], count: number): Promise<void> {
    await until("everybody to hear everything", () =>
      journals.every((journal) => buses.every((_, by) => wordsOf(journal, by).length === count)),
    );
    const tail = await tailOf(buses[0], room);
    await until("everybody to stand at the tail", () =>
      journals.every(({ places }) => places.at(-1)?.startsWith(`${tail} `) === true),
    );
    for (const journal of journals) {
      expect(journal.broke).toBeUndefined();
      expect(journal.places).toEqual(journals[0]?.places);
      for (const [by] of buses.entries()) expect(wordsOf(journal, by)).toEqual(range(by, count));
    }
  }

  test("a proved follow hears what another node appends at once, whichever servers they are connected to", async () => {
    const rounds = Array.from({ length: 480 }, async (_, i) => {
      const [speaker, hearer] = [buses[i % 3], buses[(i + 1) % 3]];
      if (speaker === undefined || hearer === undefined) throw new Error("three buses were opened");
      const room = freshRoom();
      const journal = new Journal();
      const follow = hearer.log.follow(room, journal);
      await follow.proved;
      const stored = speaker.log.append(room, [said(0, 1)]);
      follow.start(undefined);
      await stored;
      // Nothing else would reveal it: no successor, no mention, no lost link.
      await until("the live copy", () => journal.words.length === 1);
      follow.end();
    });
    await Promise.all(rounds);
  });

  test("the leader of a stream dies under load: nothing is lost, every sender's order stands, every append resolves", async () => {
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    const stream = streamName(shardOf(room, shards));
    const leader = await servers.leaderOf(stream);
    await conversation(room, 200, () => servers.server(leader).kill());
    await expectWhole(room, journals, 200);
    await servers.server(leader).start();
    await servers.healthy();
  });

  test("the leader is asked to stop under load, and hands over", async () => {
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    const leader = await servers.leaderOf(streamName(shardOf(room, shards)));
    await conversation(room, 200, () => servers.server(leader).terminate());
    await expectWhole(room, journals, 200);
    await servers.server(leader).start();
    await servers.healthy();
  });

  test("a server stands still: whoever is connected to it goes elsewhere", async () => {
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    const leader = await servers.leaderOf(streamName(shardOf(room, shards)));
    await conversation(room, 100, async () => servers.server(leader).pause());
    await expectWhole(room, journals, 100);
    servers.server(leader).wake();
    await servers.healthy();
  });

  test("all servers are gone and come back with what they stored: appends wait, followers miss nothing", async () => {
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    await conversation(room, 60, async () => {
      await Promise.all(servers.servers.map((server) => server.kill()));
      await until("all links down", () => buses.every(({ log }) => log.link === "down"));
      await Promise.all(servers.servers.map((server) => server.start()));
    });
    await expectWhole(room, journals, 60);
  });

  test("all servers lose their storage: the streams are made again, and every follower is told", async () => {
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    for (let n = 1; n <= 20; n += 1) await buses[0]?.log.append(room, [said(0, n)]);
    await until("everybody to hear it", () => journals.every(({ words }) => words.length >= 20));
    await servers.loseStorage();
    await buses[1]?.log.append(room, [said(1, 1)]);
    await until("everybody to be told", () => journals.every(({ broke }) => broke === "reborn"));
    expect(await tailOf(buses[2], room)).toBeGreaterThan(0);
    for (const journal of journals) expect(wordsOf(journal, 0)).toEqual(range(0, 20));
  });

  test("whoever leaves leaves nothing behind", async () => {
    const stay = buses.map(({ size }) => size.follows);
    for (let i = 0; i < 20; i += 1) {
      const room = freshRoom();
      const follows = buses.map((bus) => bus.log.follow(room, new Journal()));
      const ends = buses.map((bus) => bus.whisper.follow(room, () => undefined));
      const hosts = buses.map((bus) => bus.nodes.host(room, () => undefined));
      await buses[0]?.log.append(room, [said(0, 1)]);
      for (const each of follows) each.end();
      for (const end of [...ends, ...hosts]) end();
    }
    await until("nothing under way", () =>
      buses.every(({ size }) => size.appends + size.reads + size.proofs + size.questions === 0),
    );
    // Follows that broke or stayed in the cases before, and nothing of this one.
    expect(buses.map(({ size }) => size.follows)).toEqual(stay);
    expect(buses.map(({ size }) => [size.whispers, size.hosted])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("one server", () => {
  let servers: NatsServers;
  let admin: Admin;
  beforeAll(async () => {
    servers = await NatsServers.start({ count: 1 });
    admin = await Admin.of(servers);
  });
  afterAll(async () => {
    await admin.close();
    await servers.stop();
  });

  const open = (port: number, { ports }: Witness) =>
    openBus({ ...plainOptions, servers: [`nats://127.0.0.1:${port}`], replicas: 1 }, ports);

  test("a link that falls silent is given up, and what came meanwhile is heard once it is back", async () => {
    const gate = await Gate.before("127.0.0.1", servers.server(0).port);
    const [near, far] = [await open(servers.server(0).port, witness()), await open(gate.port, witness())];
    const room = freshRoom();
    const journal = await followed(far, room);
    await near.log.append(room, [said(0, 1)]);
    await until("the first word", () => journal.words.length === 1);
    const states: string[] = [];
    far.log.onLink((state) => states.push(state));
    gate.blackhole();
    const waiting = far.log.append(room, [said(1, 1)]);
    await near.log.append(room, [said(0, 2)]);
    await until("the link to be given up", () => states.includes("down"));
    gate.mend();
    await waiting;
    await until("everything to be heard", () => new Set(journal.words).size === 3);
    expect(wordsOf(journal, 0)).toEqual(range(0, 2));
    expect(states).toEqual(["down", "up"]);
    await Promise.all([near.close(), far.close()]);
    await gate.close();
  });

  test("a stream that is removed under followers is made again by whoever appends", async () => {
    const one = witness();
    const bus = await open(servers.server(0).port, one);
    const room = freshRoom();
    const journal = await followed(bus, room);
    await bus.log.append(room, [said(0, 1)]);
    await bus.log.append(room, [said(0, 2)]);
    await admin.removeStreams();
    await bus.log.append(room, [said(0, 3)]);
    await until("the follower to be told", () => journal.broke === "reborn");
    const info = await admin.ask(`STREAM.INFO.${streamName(shardOf(room, shards))}`);
    expect(info).toMatchObject({ config: { allow_direct: true, metadata: { "heliograph.shards": String(shards) } } });
    await bus.close();
  });

  test("junk in a room's log is skipped by every host alike, counted once, and the talk goes on", async () => {
    const [one, two] = [witness(), witness()];
    const buses = [await open(servers.server(0).port, one), await open(servers.server(0).port, two)];
    const [speaker, reader] = buses;
    const room = freshRoom();
    const journals = await Promise.all(buses.map((bus) => followed(bus, room)));
    await speaker?.log.append(room, [said(0, 1)]);
    const subject = `hg.in.${shardOf(room, shards)}.faults.${room.slice(room.indexOf(":") + 1).replace(" ", "=20")}`;
    for (const junk of ["", "junk", "\u0001", `\u0001${"x".repeat(40)}`]) {
      admin.publish(subject, new TextEncoder().encode(junk));
    }
    await admin.flush();
    const last = await speaker?.log.append(room, [said(0, 2)]);
    await until("both to have heard it", () => journals.every(({ words }) => words.includes("member-0 2")));
    for (const { words, places } of journals) {
      expect(words).toEqual(["member-0 1", "unreadable", "unreadable", "unreadable", "unreadable", "member-0 2"]);
      expect(places).toEqual(journals[0]?.places);
    }
    const read = await reader?.log.read(room, undefined, last?.seq ?? 0);
    expect(read?.bundles.flatMap(({ entries }) => entries.map(({ kind }) => kind))).toEqual([
      "broadcast",
      "unreadable",
      "unreadable",
      "unreadable",
      "unreadable",
      "broadcast",
    ]);
    for (const { happenings } of [one, two]) expect(happenings.filter(({ type }) => type === "fault")).toHaveLength(1);
    await Promise.all(buses.map((bus) => bus.close()));
  });

  test("a bundle larger than the servers take is refused loudly, and holds nobody up", async () => {
    const one = witness();
    const bus = await open(servers.server(0).port, one);
    const room = freshRoom();
    const tooLarge = bus.log.append(room, [said(0, 1, "x".repeat(2 << 20))]);
    await expect(tooLarge).rejects.toMatchObject({ name: "TooLarge", message: expect.stringContaining("max_payload") });
    expect(one.happenings).toHaveLength(1);
    expect((await bus.log.append(room, [said(0, 2)])).seq).toBeGreaterThan(0);
    await bus.close();
  });

  test("a host's state that is too large for a message goes through the memory of rooms, or nowhere", async () => {
    const copies = new SharedCopies();
    const [one, two] = [witness(copies), witness(copies)];
    const [host, asker] = [await open(servers.server(0).port, one), await open(servers.server(0).port, two)];
    const room = freshRoom();
    const fresh = Room.fresh(room, { version: 1, logLife: 300_000 }).toCopy();
    const value = { codec: "json" as const, bytes: systemRandom.bytes(2 << 20) };
    const copy = { ...fresh, at: { seq: 7, index: 0, time: 70 }, data: [{ key: "large", version: 1, value }] };
    host.nodes.host(room, () => copy);
    let answer: unknown;
    // The servers hear of a host a moment later.
    await until("an answer", async () => {
      answer = await asker.nodes.ask(room);
      return answer !== undefined;
    });
    expect(answer).toEqual(copy);
    // What stands there is older than what the host spoke of: it is no answer.
    copies.replace = async () => "replaced";
    copies.kept.set(room, fresh);
    expect(await asker.nodes.ask(room)).toBeUndefined();
    copies.replace = () => Promise.reject(new Unreachable("no memory"));
    expect(await asker.nodes.ask(room)).toBeUndefined();
    expect(one.happenings).toMatchObject([{ type: "fault", where: "answer of a large room" }]);
    await Promise.all([host.close(), asker.close()]);
  });

  test("what is said while the connection stands still is bounded, and what comes after it is heard", async () => {
    const gate = await Gate.before("127.0.0.1", servers.server(0).port);
    const [still, other] = [await open(gate.port, witness()), await open(servers.server(0).port, witness())];
    const room = freshRoom();
    const heard: number[] = [];
    other.whisper.follow(room, ({ asOf }) => heard.push(asOf.seq));
    const whisper = (seq: number, length: number): void => {
      const body = { codec: "json", bytes: new Uint8Array(length) } as const;
      const [from, node] = [must(parseMemberId("member-0")), must(parseNodeId("node-0".padEnd(22, "-")))];
      const epoch = { attempt: 1, bump: 0, node };
      still.whisper.send(room, { from, epoch, body, asOf: { seq, index: 0, time: 1 } }, "everywhere");
    };
    await until("a whisper is heard", () => {
      whisper(1, 1);
      return heard.length > 0;
    });
    gate.blackhole();
    for (let i = 0; i < 1_500; i += 1) whisper(2, 60_000);
    // In the turn after this one they have left, or not.
    await new Promise((resolve) => setImmediate(resolve));
    gate.mend();
    await until("what comes after it is heard", () => {
      whisper(3, 1);
      return heard.includes(3);
    });
    const passed = heard.filter((seq) => seq === 2).length * 60_000;
    expect(passed).toBeGreaterThan(16 << 20);
    expect(passed).toBeLessThan(33 << 20);
    await Promise.all([still.close(), other.close(), gate.close()]);
  });

  test("after the end everything that waited is told", async () => {
    const gate = await Gate.before("127.0.0.1", servers.server(0).port);
    const bus = await open(gate.port, witness());
    const room = freshRoom();
    gate.blackhole();
    const [append, tail] = [bus.log.append(room, [said(0, 1)]), bus.log.tail(room)];
    const outcomes = Promise.allSettled([append, tail]);
    await bus.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(bus.log.append(room, [said(0, 2)])).rejects.toThrow("closed");
    await gate.close();
  });
});
