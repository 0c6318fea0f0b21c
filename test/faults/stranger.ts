// Somebody with a plain connection to NATS, who can say anything where the nodes of a deployment speak.
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import { connect, type NatsConnection } from "@nats-io/transport-node";

const codec = createMsgpackCodec({ maxBytes: 1 << 24, maxDepth: 32, maxKeys: 1 << 16 });

/** One entry as hosts write it: its fields in order, and the bytes of its body. */
export interface Written {
  readonly head: unknown;
  readonly body?: Uint8Array;
}

export class Stranger {
  readonly #connection: NatsConnection;
  readonly #subjects = new Set<string>();

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
    connection.subscribe("hg.out.>", {
      callback: (_error, message) => {
        this.#subjects.add(message.subject);
      },
    });
  }

  static async at(servers: readonly string[]): Promise<Stranger> {
    const stranger = new Stranger(await connect({ servers: [...servers], name: "stranger" }));
    await stranger.#connection.flush();
    return stranger;
  }

  /** Where the entries of this room go in, once something was said there. */
  subjectOf(room: string): string | undefined {
    const out = [...this.#subjects].find((subject) => subject.endsWith(`.default.${room}`));
    return out?.replace("hg.out.", "hg.in.");
  }

  /** Which stream it stands in. */
  shardOf(room: string): string | undefined {
    return this.subjectOf(room)?.split(".")[2];
  }

  /** Stored, as the reply says. */
  async say(subject: string, bytes: Uint8Array): Promise<void> {
    const answer = await this.#connection.request(subject, bytes, { timeout: 10_000 });
    if (!answer.string().includes('"seq"')) throw new Error(`not stored: ${answer.string()}`);
  }

  /** Said to whoever listens, and not stored. */
  async tell(subject: string, bytes: Uint8Array): Promise<void> {
    this.#connection.publish(subject, bytes);
    await this.#connection.flush();
  }

  async end(): Promise<void> {
    await this.#connection.close();
  }
}

/** A bundle as hosts write it: framing, sender, number, then each entry behind its lengths. */
export function bundleOf(entries: readonly Written[], framing = 1): Uint8Array {
  const parts: Buffer[] = [];
  for (const { head, body = new Uint8Array(0) } of entries) {
    const written = codec.encode(plainOf(head));
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(written.length, 0);
    lengths.writeUInt32BE(body.length, 4);
    parts.push(lengths, Buffer.from(written), Buffer.from(body));
  }
  return Buffer.concat([Buffer.from([framing]), Buffer.from("stranger"), Buffer.alloc(4), ...parts]);
}

type Plain = Parameters<typeof codec.encode>[0];

/** Tests write what they like; what the codec cannot say it refuses. */
function plainOf(value: unknown): Plain {
  return JSON.parse(JSON.stringify(value));
}
