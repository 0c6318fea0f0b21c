// One case against one server in one codec: its clients, its rooms, and the end of both.
import { randomUUID } from "node:crypto";
import type { CodecName, PlainObject } from "@heliograph/codec";
import { Client, type Knock, knock } from "./client.ts";
import type { Patience } from "./patience.ts";
import { Seat } from "./seat.ts";
import { codecNames } from "./wire.ts";

export class Trial {
  readonly url: string;
  readonly codec: CodecName;
  readonly patience: Patience;
  readonly #clients: Client[] = [];

  constructor(url: string, codec: CodecName, patience: Patience) {
    this.url = url;
    this.codec = codec;
    this.patience = patience;
  }

  /** The codec that is not the case's own. */
  get otherCodec(): CodecName {
    return codecNames.find((name) => name !== this.codec) ?? this.codec;
  }

  /** A room that no other case and no earlier run has. */
  room(): string {
    return `conformance-${randomUUID()}`;
  }

  /** A socket that has not said anything yet. */
  async connect(name = "ann", codec: CodecName = this.codec): Promise<Client> {
    const client = await Client.open(this.url, codec, this.patience, name);
    this.#clients.push(client);
    return client;
  }

  /** A client that is welcome. */
  async client(name = "ann", codec: CodecName = this.codec): Promise<Client> {
    const client = await this.connect(name, codec);
    await client.hello();
    return client;
  }

  async seat(room: string, name: string, more: PlainObject = {}, codec: CodecName = this.codec): Promise<Seat> {
    const client = await this.client(name, codec);
    await client.join(room, more);
    return new Seat(client, room);
  }

  /** Two members of a new room; the first is its moderator and has heard of the second. */
  async pair(codecs: { readonly first?: CodecName; readonly second?: CodecName } = {}): Promise<[Seat, Seat]> {
    const room = this.room();
    const ann = await this.seat(room, "ann", { profile: { name: "Ann" } }, codecs.first ?? this.codec);
    const bob = await this.joinBeside([ann], "bob", { profile: { name: "Bob" } }, codecs.second ?? this.codec);
    return [ann, bob];
  }

  async three(): Promise<[Seat, Seat, Seat]> {
    const [ann, bob] = await this.pair();
    const cid = await this.joinBeside([ann, bob], "cid");
    return [ann, bob, cid];
  }

  /** One more member, of whom those who are there hear. */
  async joinBeside(
    present: readonly Seat[],
    name: string,
    more: PlainObject = {},
    codec: CodecName = this.codec,
  ): Promise<Seat> {
    const room = present[0]?.room ?? this.room();
    const seat = await this.seat(room, name, more, codec);
    for (const { client } of present) {
      await client.expect("member", { room, change: "joined", member: { id: seat.id, state: "present" } });
    }
    return seat;
  }

  /** A second connection of the client's session, which has said resume and nothing has been read of the answer. */
  async resuming(
    former: Client,
    attempt: number,
    rooms: readonly { readonly room: string; readonly position: string }[],
    name = `${former.name} again`,
  ): Promise<Client> {
    const client = await this.connect(name, former.codecName);
    client.send({ type: "resume", attempt, token: former.welcome.token, rooms });
    return client;
  }

  async knock(subprotocols: readonly string[]): Promise<Knock> {
    const answer = await this.patience.wait("an answer to the handshake", knock(this.url, subprotocols));
    if (answer.opened) answer.socket.terminate();
    return answer;
  }

  /** Every connection that is left is alive and has nothing unread. */
  async settled(): Promise<void> {
    for (const client of this.#clients) await client.settled();
  }

  end(): void {
    for (const client of this.#clients) client.cut();
    this.patience.end();
  }
}
