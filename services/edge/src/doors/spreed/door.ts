// The door of Spreed clients: their WebSockets, from the upgrade to the end.
import type { Clock, Node, Observer } from "@heliograph/core";
import type { Realm } from "@heliograph/protocol";
import { closeOf } from "@heliograph/protocol";
import type { Outbound } from "../../outbound.ts";
import type { Socket, SocketHandlers, UpgradeAnswer, UpgradeRequest } from "../../socket/listener.ts";
import type { Entrance } from "../entrance.ts";
import { OpenConnections } from "../open-connections.ts";
import { SpreedCaller } from "./caller.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationParts } from "./conversation-parts.ts";
import { Line } from "./line.ts";
import { Mailbox } from "./mailbox.ts";
import { Openings } from "./openings.ts";

/** Of one message; the dialect's own bound. */
export const spreedFrameBytes = 1_048_576;
/**
 * Seconds without a pong after which a client is dropped: the listener pings before. With the usual heartbeat of 25 s it
 * is a minute, as clients of the dialect know it; never more. The listener takes no less than 8.
 */
export function spreedIdleSeconds(heartbeat: number): number {
  return Math.min(60, Math.max(8, Math.round((2.4 * heartbeat) / 1_000)));
}
/** Bytes of frames that wait until it is their turn. */
const mostWaiting = 2 * spreedFrameBytes;

export interface SpreedDoorParts {
  readonly node: Node;
  readonly realm: Realm;
  readonly entrance: Entrance;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly conversation: ConversationParts;
  /** The user that the request of the upgrade itself names. */
  userOf(header: (name: string) => string | undefined): string | undefined;
}

export class SpreedDoor implements SocketHandlers<SpreedCaller> {
  readonly open = new OpenConnections<Line>();
  readonly #parts: SpreedDoorParts;
  readonly #talking = new Set<Conversation>();
  readonly #openings: Openings;

  constructor(parts: SpreedDoorParts) {
    this.#parts = parts;
    this.#openings = new Openings(parts.clock);
  }

  get conversations(): ReadonlySet<Conversation> {
    return this.#talking;
  }

  upgrade(request: UpgradeRequest): UpgradeAnswer<SpreedCaller> {
    const { entrance, realm, userOf } = this.#parts;
    const admitted = entrance.admit(request);
    if (!admitted.accept) return admitted;
    const token = new URLSearchParams(request.query).get("t") ?? undefined;
    const user = userOf((name) => request.header(name));
    return { accept: true, context: new SpreedCaller(realm, admitted.address, token, user) };
  }

  opened(socket: Socket, caller: SpreedCaller): void {
    const { outbound, entrance, clock, conversation: parts } = this.#parts;
    const line = new Line(socket, outbound);
    caller.line = line;
    this.open.add(line);
    entrance.entered(caller.address);
    const { resumed: _, ...known } = parts.credentials.open(caller.token, parts.voice.now);
    const conversation = new Conversation(line, caller, caller.identityOf(known), parts);
    caller.conversation = conversation;
    this.#talking.add(conversation);
    caller.mailbox = new Mailbox({
      clock,
      capBytes: mostWaiting,
      handle: (bytes) => conversation.handle(bytes),
      overflow: () => line.close("slow_consumer"),
    });
    this.#openings.add(conversation);
  }

  /** Binary frames are not spoken here, and nobody is told so. */
  message(_socket: Socket, { mailbox, line }: SpreedCaller, bytes: Uint8Array, binary: boolean): void {
    if (!binary && line?.open === true) mailbox?.receive(bytes);
  }

  drained(): void {
    // Frames that waited have left. Nothing is held back for it: a reader that is too slow is closed instead.
  }

  ponged(): void {
    // The listener counts it as a sign of life.
  }

  closed(_socket: Socket, caller: SpreedCaller, code: number): void {
    const { line, conversation } = caller;
    if (line === undefined || conversation === undefined) return;
    const { node, observer, entrance } = this.#parts;
    const byUs = !line.open;
    const { session } = conversation;
    line.ended();
    caller.mailbox?.end();
    caller.line = undefined;
    caller.conversation = undefined;
    this.#talking.delete(conversation);
    this.#openings.remove(conversation);
    entrance.left(caller.address);
    conversation.ended(!byUs);
    this.open.remove(line);
    if (session === undefined) return;
    observer.observe({ type: "session_closed", session: session.id, close: byUs ? (closeOf(code) ?? "cut") : "cut" });
    // Whom we cut comes back in a moment, and its mates need not know. Who went by itself is gone, in this dialect.
    if (byUs) node.lost(session, conversation);
    else node.depart(session, conversation);
  }
}
