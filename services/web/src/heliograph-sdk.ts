// The SDK as the page uses it: rejections become values, its many events one union per thing.
import type { ClientCodec, Room as SdkRoom } from "@heliograph/client";
import { GeoAnswer, Heliograph, Call as SdkCall } from "@heliograph/client";
import { pageClock } from "./clock.ts";
import { all } from "./off.ts";
import type { Answer, Call, Client, ClientEvent, Joined, Off, Relays, RelayWish, Room, Sdk } from "./sdk.ts";
import { answered, refusalOf } from "./sdk-answer.ts";
import { SdkBackedCall } from "./sdk-call.ts";
import { SdkBackedRoom } from "./sdk-room.ts";
import type { CodecName } from "./settings.ts";

/** The SDK never gives up connecting; a person in front of a button does. */
const patienceToConnect = 12_000;

export class HeliographSdk implements Sdk {
  /** The page's, not a client's: it is asked for once. */
  readonly #geoAnswer = new GeoAnswer();

  async client(url: string, codec: CodecName, wish: RelayWish): Promise<Client> {
    const loaded = await codecOf(codec);
    const client = { name: "heliograph-web", version: "0.1.0" };
    const relays = { iceWish: iceWishOf(wish), noGeo: !wish.geo, geoAnswer: this.#geoAnswer };
    return new SdkBackedClient(new Heliograph({ url, client, ...relays, ...loaded }));
  }
}

function iceWishOf({ zone }: RelayWish): Heliograph["iceWish"] {
  return zone === undefined ? "auto" : { zone };
}

/** MessagePack is a piece of its own, so that pages on JSON do not load it. */
async function codecOf(name: CodecName): Promise<{ codec?: ClientCodec }> {
  if (name === "json") return {};
  const { msgpack } = await import("@heliograph/client/msgpack");
  return { codec: msgpack() };
}

class SdkBackedClient implements Client {
  readonly #client: Heliograph;
  readonly #rooms = new Map<Room, SdkRoom>();

  constructor(client: Heliograph) {
    this.#client = client;
    // Nothing a person could act upon, and just what a developer who opens the console looks for.
    client.on("error", ({ error, where }) => console.warn(`heliograph: ${where}`, error));
  }

  get state(): Client["state"] {
    return this.#client.state;
  }

  get relays(): Relays {
    const { degraded, zone, zones } = this.#client.ice.held;
    return { degraded, zone, zones };
  }

  wishFor(wish: RelayWish): void {
    this.#client.noGeo = !wish.geo;
    this.#client.iceWish = iceWishOf(wish);
  }

  on(listener: (event: ClientEvent) => void): Off {
    return all([
      this.#client.on("state", () => listener({ type: "state" })),
      this.#client.on("degraded", ({ missing }) => listener({ type: "degraded", missing })),
      this.#client.on("ice", () => listener({ type: "relays" })),
      this.#client.on("taken_over", () => listener({ type: "taken_over" })),
    ]);
  }

  async join(name: string, wish: Parameters<Client["join"]>[1]): Promise<Joined> {
    const refusal = await this.#connect();
    if (refusal !== undefined) return { ok: false, refusal };
    try {
      const joined = await this.#client.join(name, wish);
      const room = new SdkBackedRoom(joined);
      this.#rooms.set(room, joined);
      return { ok: true, room };
    } catch (error) {
      return { ok: false, refusal: refusalOf(error) };
    }
  }

  call(room: Room, stream: MediaStream | undefined): Call {
    const joined = this.#rooms.get(room);
    if (joined === undefined) throw new Error("A call needs a room that this client has joined.");
    return new SdkBackedCall(new SdkCall(joined, stream === undefined ? {} : { stream }));
  }

  close(): void {
    this.#client.close();
  }

  async #connect(): Promise<Answer> {
    const late = new Promise<Answer>((resolve) => {
      pageClock.after(patienceToConnect, () => resolve({ reason: "unreachable", retry: true }));
    });
    const refusal = await Promise.race([answered(this.#client.connect()), late]);
    if (refusal?.reason === "unreachable") this.#client.close();
    return refusal;
  }
}
