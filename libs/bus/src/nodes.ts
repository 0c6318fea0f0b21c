// Core's Nodes over core NATS: beats, digests, hints, and questions that end at once where nobody hosts the room.
import type { Codec, PlainValue } from "@heliograph/codec";
import type {
  Beat,
  Clock,
  DigestReport,
  IceHint,
  NodeNumbers,
  Nodes,
  RoomCopies,
  RoomCopy,
  RoomDigest,
} from "@heliograph/core";
import { compareInTime, Listeners, Unreachable } from "@heliograph/core";
import type { NodeId, Position, RoomKey } from "@heliograph/protocol";
import { ownerOf, parseKnownRoomName, parseNodeId, parseRealm, roomKey, roomOf } from "@heliograph/protocol";
import type { Inbox } from "./link/inbox.ts";
import type { Delivery, NatsLink, Subscription } from "./link/nats-link.ts";
import { readStatus } from "./stream/stored-headers.ts";
import { beatSubject, digestSubject, iceSubject, numbersSubject, subjectsOf } from "./stream/subjects.ts";
import { readCopy, writeCopy } from "./wire/copy-bytes.ts";
import { Fields } from "./wire/fields.ts";
import { positionFields, readPosition } from "./wire/vocabulary.ts";

/** Milliseconds after which a question counts as unanswered, and after a host has said that it has nothing yet. */
const askPatience = 500;
const othersPatience = 100;
/** Bytes of the largest state that a host answers by itself; a larger one goes through the memory of rooms. */
const directBytes = 262_144;
/** Digests in one message: after a link loss a node tells of every room it hosts. */
const digestsTogether = 500;
const noResponders = 503;

/** What a host's answer begins with. */
const answers = { nothing: 0, copy: 1, elsewhere: 2 } as const;

export interface NodesPorts {
  readonly link: NatsLink;
  readonly inbox: Inbox;
  readonly codec: Codec;
  readonly clock: Clock;
  readonly copies: Pick<RoomCopies, "load" | "replace">;
  readonly shards: number;
  fault(where: string, error: unknown): void;
}

export class NatsNodes implements Nodes {
  readonly #ports: NodesPorts;
  readonly #beats = new Listeners<Beat>();
  readonly #digests = new Listeners<DigestReport>();
  readonly #iceSets = new Listeners<IceHint>();
  readonly #numbers = new Listeners<NodeNumbers>();
  readonly #hosted = new Set<Subscription>();
  readonly #subscriptions: readonly Subscription[];

  constructor(ports: NodesPorts) {
    this.#ports = ports;
    this.#subscriptions = [
      ports.link.subscribe(beatSubject, (delivery) => this.#heardBeat(delivery)),
      ports.link.subscribe(digestSubject, (delivery) => this.#heardDigests(delivery)),
      ports.link.subscribe(iceSubject, (delivery) => this.#heardIceSet(delivery)),
      ports.link.subscribe(numbersSubject, (delivery) => this.#heardNumbers(delivery)),
    ];
  }

  beat({ node, rules }: Beat): void {
    this.#ports.link.publish(beatSubject, this.#ports.codec.encode([node, rules]));
  }

  onBeat(hear: (beat: Beat) => void): () => void {
    return this.#beats.add(hear);
  }

  sayDigests({ node, digests }: DigestReport): void {
    // Builds before rules 2 read no name of a personal channel, and drop a message that has one: others go without it.
    this.#sayTogether(node, digests.filter(isOfMany));
    this.#sayTogether(
      node,
      digests.filter((digest) => !isOfMany(digest)),
    );
  }

  #sayTogether(node: NodeId, digests: readonly RoomDigest[]): void {
    for (let at = 0; at < digests.length; at += digestsTogether) {
      const some = digests.slice(at, at + digestsTogether).map(digestFields);
      this.#ports.link.publish(digestSubject, this.#ports.codec.encode([node, some]));
    }
  }

  onDigests(hear: (report: DigestReport) => void): () => void {
    return this.#digests.add(hear);
  }

  sayIceSet({ provider, generation }: IceHint): void {
    this.#ports.link.publish(iceSubject, this.#ports.codec.encode([provider, generation]));
  }

  onIceSet(hear: (hint: IceHint) => void): () => void {
    return this.#iceSets.add(hear);
  }

  sayNumbers({ node, rooms, sessions, users, accepted, roomChats, privateChats }: NodeNumbers): void {
    const fields = [node, rooms, sessions, users, accepted, roomChats, privateChats];
    this.#ports.link.publish(numbersSubject, this.#ports.codec.encode(fields));
  }

  onNumbers(hear: (numbers: NodeNumbers) => void): () => void {
    return this.#numbers.add(hear);
  }

  async ask(room: RoomKey): Promise<RoomCopy | undefined> {
    const { link, codec, copies } = this.#ports;
    if (link.state === "down") throw new Unreachable("no other process can be asked");
    const answer = await this.#askHosts(room);
    if (answer === undefined) {
      if (link.state !== "up") throw new Unreachable("no other process can be asked");
      return undefined;
    }
    if (answer[0] === answers.copy) return readCopy(codec, answer.subarray(1));
    // The host has put it where it fits; an older one that stands there still is not what it spoke of.
    const decoded = codec.decode(answer.subarray(1));
    const at = decoded.ok ? readPosition(decoded.value) : undefined;
    const copy = at === undefined ? undefined : await copies.load(room);
    return copy !== undefined && at !== undefined && compareInTime(copy.at, at) >= 0 ? copy : undefined;
  }

  host(room: RoomKey, answer: () => RoomCopy | undefined): () => void {
    const subjects = subjectsOf(room, this.#ports.shards);
    if (subjects === undefined) return () => undefined;
    const subscription = this.#ports.link.subscribe(subjects.host, ({ reply }) => {
      if (reply !== "") void this.#answer(room, reply, answer);
    });
    this.#hosted.add(subscription);
    return () => {
      this.#hosted.delete(subscription);
      subscription.end();
    };
  }

  close(): void {
    this.#beats.clear();
    this.#digests.clear();
    this.#iceSets.clear();
    this.#numbers.clear();
    for (const subscription of [...this.#hosted, ...this.#subscriptions]) subscription.end();
    this.#hosted.clear();
  }

  /** How many rooms this process answers for. */
  get size(): number {
    return this.#hosted.size;
  }

  /** The first answer that is one; undefined: nobody hosts the room, or nobody who does has anything to say. */
  #askHosts(room: RoomKey): Promise<Uint8Array | undefined> {
    const { link, inbox, clock, shards } = this.#ports;
    const subjects = subjectsOf(room, shards);
    if (subjects === undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const over = (answer?: Uint8Array): void => {
        timer.cancel();
        unlisten();
        inbox.forget(reply);
        resolve(answer);
      };
      let timer = clock.after(askPatience, over);
      const unlisten = link.onState(() => over());
      const reply = inbox.expect(({ bytes, headerEnd }) => {
        if (readStatus(bytes, headerEnd) === noResponders) over();
        else if (bytes[headerEnd] === answers.nothing) {
          timer.cancel();
          timer = clock.after(othersPatience, over);
        } else over(bytes.subarray(headerEnd));
      });
      link.publish(subjects.host, nothing, reply);
    });
  }

  async #answer(room: RoomKey, reply: string, answer: () => RoomCopy | undefined): Promise<void> {
    const { link, codec, copies } = this.#ports;
    const copy = answer();
    if (copy === undefined) {
      link.publish(reply, tagged(answers.nothing, nothing));
      return;
    }
    const bytes = writeCopy(codec, copy);
    if (bytes.length <= directBytes) {
      link.publish(reply, tagged(answers.copy, bytes));
      return;
    }
    try {
      await copies.replace(room, copy);
      link.publish(reply, tagged(answers.elsewhere, codec.encode(positionFields(copy.at))));
    } catch (error) {
      // Without the memory of rooms the answer goes by itself, as far as the servers take it.
      const most = link.server?.maxPayload ?? 0;
      if (bytes.length < most) link.publish(reply, tagged(answers.copy, bytes));
      else this.#ports.fault("answer of a large room", error);
    }
  }

  #heardBeat({ bytes, headerEnd }: Delivery): void {
    const fields = this.#fields(bytes.subarray(headerEnd));
    const node = fields.by(parseNodeId);
    const rules = fields.count();
    if (!fields.sound || node === undefined) return;
    this.#beats.tell({ node, rules });
  }

  #heardDigests({ bytes, headerEnd }: Delivery): void {
    const fields = this.#fields(bytes.subarray(headerEnd));
    const node = fields.by(parseNodeId);
    const digests = fields.each(readDigest);
    if (!fields.sound || node === undefined) return;
    this.#digests.tell({ node, digests });
  }

  #heardIceSet({ bytes, headerEnd }: Delivery): void {
    const fields = this.#fields(bytes.subarray(headerEnd));
    const hint = { provider: fields.text(), generation: fields.count() };
    if (!fields.sound) return;
    this.#iceSets.tell(hint);
  }

  #heardNumbers({ bytes, headerEnd }: Delivery): void {
    const fields = this.#fields(bytes.subarray(headerEnd));
    const node = fields.by(parseNodeId);
    const [rooms, sessions, users] = [fields.count(), fields.count(), fields.count()];
    const [accepted, roomChats, privateChats] = [fields.count(), fields.count(), fields.count()];
    if (!fields.sound || node === undefined) return;
    this.#numbers.tell({ node, rooms, sessions, users, accepted, roomChats, privateChats });
  }

  #fields(bytes: Uint8Array): Fields {
    const decoded = this.#ports.codec.decode(bytes);
    return new Fields(decoded.ok ? decoded.value : null);
  }
}

const nothing = new Uint8Array(0);

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const answer = new Uint8Array(1 + bytes.length);
  answer[0] = tag;
  answer.set(bytes, 1);
  return answer;
}

/** And no personal channel. */
function isOfMany({ room }: RoomDigest): boolean {
  return ownerOf(roomOf(room).name) === undefined;
}

function digestFields({ room, seq, time, digest }: RoomDigest): PlainValue {
  return [room, seq, time, digest];
}

function readDigest(value: PlainValue): RoomDigest | undefined {
  const fields = new Fields(value);
  const room = readRoom(fields.text());
  const position: Pick<Position, "seq" | "time"> = { seq: fields.count(), time: fields.count() };
  const digest = fields.text();
  return fields.sound && room !== undefined ? { room, ...position, digest } : undefined;
}

function readRoom(key: string): RoomKey | undefined {
  const colon = key.indexOf(":");
  const realm = parseRealm(key.slice(0, colon));
  const name = parseKnownRoomName(key.slice(colon + 1));
  return realm.ok && name.ok ? roomKey(realm.value, name.value) : undefined;
}
