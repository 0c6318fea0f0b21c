// The way in: one frame of one client becomes a command of its session, or a refusal, before the callback returns.
import type { Node, Origin } from "@heliograph/core";
import type { ReadRefusal } from "@heliograph/dialects";
import type { Close, Command, Reason, RoomName } from "@heliograph/protocol";
import type { ClientConnection } from "./client-connection.ts";
import type { PictureShelf } from "./pictures/picture-shelf.ts";
import { withPictureShelved } from "./pictures/shelved-profile.ts";

/** Readable frames that are no command, or a second hello, after which the socket is closed: a program gone wrong, or a probe. */
const mistakesAllowed = 20;

export class Inbound {
  readonly #node: Node;
  readonly #shelf: PictureShelf | undefined;

  /** Without a shelf pictures stay in the profiles they came with. */
  constructor(node: Node, shelf?: PictureShelf) {
    this.#node = node;
    this.#shelf = shelf;
  }

  receive(connection: ClientConnection, origin: Origin, bytes: Uint8Array, binary: boolean): void {
    if (!connection.open) return;
    const { format } = connection;
    if (binary !== format.codec.binary) {
      connection.deliver({ type: "refused", reason: "malformed", detail: binary ? "a binary frame" : "a text frame" });
      return connection.close("protocol");
    }
    const reading = format.read(bytes);
    if (reading.ok) return this.#obey(connection, origin, reading.value);
    const { reason, detail } = reading.refusal;
    const about = reading.unreadable ? {} : placeOf(reading.refusal);
    connection.deliver({ type: "refused", reason, ...(detail === undefined ? {} : { detail }), ...about });
    if (reading.unreadable) connection.close("malformed");
    else this.#mistaken(connection);
  }

  #mistaken(connection: ClientConnection): void {
    connection.mistakes += 1;
    if (connection.mistakes > mistakesAllowed) connection.close("malformed");
  }

  #obey(connection: ClientConnection, origin: Origin, command: Command): void {
    const { session } = connection;
    if (command.type === "hello" || command.type === "resume") {
      if (session !== undefined) {
        connection.deliver({ type: "refused", reason: "already" });
        return this.#mistaken(connection);
      }
      const opened = this.#node.open(connection, command, origin);
      if (!opened.ok) return connection.close(closeAfter(opened.reason));
      connection.session = opened.value;
      if (command.type === "resume") this.#shelf?.adopt(origin.realm, opened.value.id);
      return;
    }
    if (session === undefined) {
      connection.deliver({ type: "refused", reason: "too_early" });
      return connection.close("malformed");
    }
    if (this.#shelf === undefined) return this.#node.command(session, command);
    const shelved = withPictureShelved(command, this.#shelf, session);
    if (shelved.ok) return this.#node.command(session, shelved.command);
    const { n, room } = shelved;
    connection.deliver({ type: "refused", reason: "malformed", detail: "profile.picture", n, room });
    this.#mistaken(connection);
  }
}

function placeOf({ n, room }: ReadRefusal): { readonly n?: number; readonly room?: RoomName } {
  return { ...(n === undefined ? {} : { n }), ...(room === undefined ? {} : { room }) };
}

/** What a client does after a refused opening is the close code's to say. */
function closeAfter(reason: Reason): Close {
  switch (reason) {
    case "unauthorized":
      return "unauthorized";
    case "superseded":
      return "taken_over";
    case "expired":
      return "expired";
    case "unavailable":
      return "unavailable";
    default:
      return "malformed";
  }
}
