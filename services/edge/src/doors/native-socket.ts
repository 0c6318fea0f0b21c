// The native door: WebSockets that speak heliograph.v1, in JSON or MessagePack.
import type { Node, Observer, Origin } from "@heliograph/core";
import type { Close, Realm } from "@heliograph/protocol";
import { closeOf } from "@heliograph/protocol";
import { ClientConnection } from "../client-connection.ts";
import type { Format } from "../format.ts";
import type { HelloDeadline } from "../hello-deadline.ts";
import type { Inbound } from "../inbound.ts";
import type { Outbound } from "../outbound.ts";
import type { Socket, SocketHandlers, UpgradeAnswer, UpgradeRequest } from "../socket/listener.ts";
import type { Entrance } from "./entrance.ts";
import { OpenConnections } from "./open-connections.ts";

export interface NativeDoorParts {
  readonly node: Node;
  readonly realm: Realm;
  /** Milliseconds; asked for each client, since it may change. */
  grace(): number;
  /** By subprotocol, in the server's order. */
  readonly formats: ReadonlyMap<string, Format>;
  readonly entrance: Entrance;
  readonly deadline: HelloDeadline;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly observer: Observer;
}

/** One client at this door, and what core is told of where it came from: one object, since there are many. */
export class Caller implements Origin {
  readonly realm: Realm;
  readonly dialect: string;
  readonly grace: number;
  readonly address: string;
  readonly format: Format;
  connection: ClientConnection | undefined;

  /** `address` is a mark: the address itself goes no further than the door. */
  constructor(realm: Realm, grace: number, address: string, format: Format) {
    this.realm = realm;
    this.dialect = format.dialect.name;
    this.grace = grace;
    this.address = address;
    this.format = format;
    this.connection = undefined;
  }
}

export class NativeSocketDoor implements SocketHandlers<Caller> {
  readonly open = new OpenConnections<ClientConnection>();
  readonly #parts: NativeDoorParts;

  constructor(parts: NativeDoorParts) {
    this.#parts = parts;
  }

  upgrade(request: UpgradeRequest): UpgradeAnswer<Caller> {
    const { formats, entrance, realm } = this.#parts;
    const admitted = entrance.admit(request);
    if (!admitted.accept) return admitted;
    const subprotocol = request.subprotocols.find((offered) => formats.has(offered));
    const format = subprotocol === undefined ? undefined : formats.get(subprotocol);
    if (subprotocol === undefined || format === undefined) {
      const spoken = [...formats.keys()].join(" or ");
      return { accept: false, status: 400, body: `Offer the WebSocket subprotocol ${spoken}.\n` };
    }
    return { accept: true, subprotocol, context: new Caller(realm, this.#parts.grace(), admitted.address, format) };
  }

  opened(socket: Socket, caller: Caller): void {
    const { outbound, entrance, deadline } = this.#parts;
    const connection = new ClientConnection(socket, caller.format, outbound);
    caller.connection = connection;
    this.open.add(connection);
    entrance.entered(caller.address);
    deadline.opened(connection);
  }

  message(_socket: Socket, caller: Caller, bytes: Uint8Array, binary: boolean): void {
    const { connection } = caller;
    if (connection === undefined) return;
    const greeted = connection.session !== undefined;
    this.#parts.inbound.receive(connection, caller, bytes, binary);
    if (!greeted && connection.session !== undefined) this.#parts.deadline.settled(connection);
  }

  drained(): void {
    // Frames that waited have left. Nothing is held back for it: a reader that is too slow is closed instead.
  }

  ponged(): void {
    // The listener counts it as a sign of life.
  }

  closed(_socket: Socket, caller: Caller, code: number): void {
    const { connection } = caller;
    if (connection === undefined) return;
    caller.connection = undefined;
    this.#parts.entrance.left(caller.address);
    this.#parts.deadline.settled(connection);
    const close = connection.open ? endingOf(code) : (closeOf(code) ?? "cut");
    connection.ended();
    this.open.remove(connection);
    const { session } = connection;
    if (session === undefined) return;
    this.#parts.observer.observe({ type: "session_closed", session: session.id, close });
    this.#parts.node.lost(session, connection);
  }
}

/** How a connection ended that core did not close. A client may claim any of our codes: those it may not use are ours. */
function endingOf(code: number): Close | "cut" {
  return code < 4_000 ? (closeOf(code) ?? "cut") : "cut";
}
