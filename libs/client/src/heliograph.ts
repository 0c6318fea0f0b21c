// The client: one session with the cluster, whichever node and connection carry it.
import type { IceWish } from "@heliograph/protocol";
import type { ReportFrame, WireLimits } from "@heliograph/protocol/schema";
import type { ClientCodec } from "./client-codec.ts";
import { json } from "./client-codec.ts";
import type { Listener, Off } from "./emitter.ts";
import { Emitter } from "./emitter.ts";
import type { HeldIce, IceOptions, IceSource } from "./ice.ts";
import type { JoinOptions } from "./joins.ts";
import type { LinkState } from "./link.ts";
import type { CallClient, Room } from "./room.ts";
import { Session } from "./session.ts";
import { StoredSession } from "./stored-session.ts";
import type { Clock, PageEvents, Random, SessionStorageLike, SocketConstructor } from "./surroundings.ts";
import { pageEvents, platformSocket, systemClock, tabStorage } from "./surroundings.ts";

export type ClientState = LinkState;
export type Limits = WireLimits;

export interface HeliographOptions extends IceOptions {
  /** `ws://host/v1/socket`, or one such address per edge: they are tried in turn. */
  readonly url: string | readonly string[];
  /** JSON unless given: `msgpack()` from `@heliograph/client/msgpack`. */
  readonly codec?: ClientCodec;
  /** The application's own credential for `hello`. Not needed to resume. */
  readonly token?: string;
  /** Where a session is kept over a reload. The tab's session storage unless given; `undefined`: nowhere. */
  readonly storage?: SessionStorageLike | undefined;
  /** Which software speaks, for the operators' statistics. */
  readonly client?: { readonly name: string; readonly version: string };
  readonly webSocket?: SocketConstructor;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly page?: PageEvents;
}

export interface ClientEvents {
  state: ClientState;
  /** `resumed`: the session of before goes on; false: a fresh one. */
  welcome: { readonly session: string; readonly resumed: boolean; readonly node: string };
  /** The node is about to stop; the client moves by itself. */
  goaway: { readonly retryIn: number };
  /** What the node is cut off from; empty: all is well again. The client moves by itself. */
  degraded: { readonly missing: readonly ("log" | "memory")[] };
  /** Another page or program goes on with this session: the client is closed. */
  taken_over: { readonly session: string | undefined };
  /** The session was away for too long. Its rooms are left; a fresh session begins by itself. */
  expired: { readonly rooms: readonly string[] };
  /** New ICE servers, for connections that are made from now on and for those that are. */
  ice: HeldIce;
  /** Nothing to act upon: a listener that threw, a frame that could not be read, an address that failed. */
  error: { readonly error: unknown; readonly where: string };
}

export type Report = Omit<ReportFrame, "type" | "n">;

export class Heliograph implements CallClient {
  readonly clock: Clock;
  readonly random: Random;
  readonly #events: Emitter<ClientEvents>;
  readonly #session: Session;

  constructor(options: HeliographOptions) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.#events = new Emitter((error, where) => this.failed(error, where));
    const urls = typeof options.url === "string" ? [options.url] : options.url;
    const storage = "storage" in options ? options.storage : tabStorage();
    const page = options.page ?? pageEvents();
    const parts = {
      ...options,
      urls,
      page,
      clock: this.clock,
      random: this.random,
      socket: options.webSocket ?? platformSocket(),
      codec: options.codec ?? json(),
      stored: new StoredSession(storage, `heliograph:${urls[0] ?? ""}`, json().codec),
    };
    this.#session = new Session(parts, this, this.#events);
  }

  get state(): ClientState {
    return this.#session.linkState;
  }
  /** The public id of the session; also the member id in every room. */
  get session(): string | undefined {
    return this.#session.id;
  }
  /** What the server allows at most; undefined before the first welcome. */
  get limits(): Limits | undefined {
    return this.#session.limits;
  }
  /** For `RTCConfiguration.iceServers`; renewed by itself, see the event `ice`. */
  get iceServers(): RTCIceServer[] {
    return this.ice.held.servers;
  }
  /** What is known of them, and a fresh one before a connection is made. `Call` sees to all of it by itself. */
  get ice(): IceSource {
    return this.#session.ice;
  }
  /** Which zone's TURN servers are wished for. Another wish counts at once, also for connections that are made. */
  get iceWish(): IceWish {
    return this.#session.ice.wish;
  }
  set iceWish(wish: IceWish) {
    this.#session.ice.wish = wish;
  }
  /** No geo call: nobody but the cluster and the TURN servers learns the address of this page. */
  get noGeo(): boolean {
    return this.#session.ice.noGeo;
  }
  set noGeo(off: boolean) {
    this.#session.ice.noGeo = off;
  }
  /** Rooms in which a reloaded page still is: join them again within the grace, or they are left. */
  get heldRooms(): readonly string[] {
    return this.#session.heldRooms;
  }

  on<Type extends keyof ClientEvents>(type: Type, listener: Listener<ClientEvents[Type]>): Off {
    return this.#events.on(type, listener);
  }

  /**
   * Resolves once the server has said welcome, however many attempts that takes. Rejects when no attempt can succeed
   * (`Refusal`, `ConnectionOver`) or the client is closed meanwhile.
   */
  connect(): Promise<void> {
    return this.#session.connect();
  }

  /** Says bye: the session ends, its rooms are left, nothing is kept. */
  close(): void {
    this.#session.close();
  }

  /**
   * Enters a room; in a room already it gives the same `Room`. Rejects with `Refusal` (`full`, `locked`, `pin_required`,
   * `pin_wrong`, `banned`, …). After a reload, `connect` has resumed the stored rooms already: joining one of them gives
   * the room as it is now, followed by what was said since the page went, or a `gap`.
   */
  join(name: string, options: JoinOptions = {}): Promise<Room> {
    return this.#session.join(name, options);
  }

  /** Tells the operators how a peer connection fared. Lost while there is no connection. */
  report(report: Report): void {
    this.#session.report(report);
  }

  /** An error that nobody waits for becomes an event. */
  failed(error: unknown, where: string): void {
    // A listener for errors that throws itself has nobody left to be told.
    if (where !== "error") this.#events.emit("error", { error, where });
  }
}
