// The parts list of the Spreed door on one edge: its sockets, and what stands behind them.
import type { Codec } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import type { Node, Random, Signer, World } from "@heliograph/core";
import type { CodecName, Realm } from "@heliograph/protocol";
import type { Outbound } from "../../outbound.ts";
import type { EdgePictures } from "../../pictures/edge-pictures.ts";
import { belowPath } from "../../socket/below-path.ts";
import type { HttpHandler } from "../../socket/http.ts";
import type { SocketEndpoint } from "../../socket/listener.ts";
import type { Entrance } from "../entrance.ts";
import { Attestations } from "./attestations.ts";
import type { SpreedCaller } from "./caller.ts";
import { ContactTokens } from "./contact-tokens.ts";
import type { Present } from "./counting.ts";
import { Counting } from "./counting.ts";
import { Credentials } from "./credentials.ts";
import { SpreedDoor, spreedFrameBytes, spreedIdleSeconds } from "./door.ts";
import { type GlobalRoom, openGlobalRoom } from "./global-room.ts";
import type { LastingSecrets } from "./lasting-secrets.ts";
import { LoginNonces } from "./login-nonces.ts";
import { PinSeal } from "./pin-seal.ts";
import { restEdge } from "./rest-edge.ts";
import type { BoardParts } from "./room-board.ts";
import { RoomBoards } from "./room-boards.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import { suseridOf } from "./suserid.ts";
import type { UserSettings, Users } from "./users.ts";
import { usersOf } from "./users.ts";
import { Voice } from "./voice.ts";

export interface SpreedOptions {
  /** Below the listener's base path; begins and ends with a slash. */
  readonly path: string;
  /** The listener's: begins and ends with a slash. */
  readonly basePath: string;
  /** Whether the listener itself speaks TLS. */
  readonly tls: boolean;
  readonly realm: Realm;
  /** With the token keys: whatever a client holds and brings back. */
  readonly signer: Signer;
  /** What contact tokens and secret names of users are made with. */
  readonly lasting: LastingSecrets;
  /** Access codes of web clients, one a line. */
  readonly tokenFile: string | undefined;
  /** May be another value after the configuration was read again. */
  readonly settings: () => SpreedSettings;
}

export interface SpreedEdgeParts {
  readonly node: Node;
  readonly world: World;
  readonly outbound: Outbound;
  readonly entrance: Entrance;
  readonly bufferedBytes: number;
  readonly pictures: Pick<EdgePictures, "shelf" | "pages"> | undefined;
  /** For bodies out of the log. */
  readonly stored: ReadonlyMap<CodecName, Codec>;
}

export class SpreedEdge {
  readonly door: SpreedDoor;
  /** What is served over HTTP below the path of the door; undefined for all else. */
  readonly http: HttpHandler;
  readonly #boards: RoomBoards;
  readonly #global: GlobalRoom | undefined;
  readonly #options: SpreedOptions;
  readonly #bufferedBytes: number;
  readonly #heartbeat: number;
  readonly #random: Random;
  readonly #counting: Counting;
  #users: { readonly of: UserSettings | undefined; readonly users: Users | undefined } | undefined;

  constructor(options: SpreedOptions, parts: SpreedEdgeParts) {
    const { realm, signer, lasting, settings } = options;
    const { node, world, outbound, entrance, bufferedBytes, stored } = parts;
    const { clock, random, observer, tokens } = world;
    this.#options = options;
    this.#bufferedBytes = bufferedBytes;
    this.#heartbeat = world.settings.limits.heartbeat;
    this.#random = random;
    this.#counting = new Counting({
      id: world.id,
      nodes: world.nodes,
      clock,
      shown: () => settings().stats,
      present: () => this.#present(),
    });
    const attestations = new Attestations(signer, realm);
    const contacts = new ContactTokens(lasting, random, realm);
    const nonces = new LoginNonces(signer, random, realm);
    const frames = createJsonCodec({ maxBytes: spreedFrameBytes, maxDepth: 64, maxKeys: 65_536 });
    const voice = new Voice({ frames, bodies: stored, attestations, clock });
    const credentials = new Credentials(signer, random, realm);
    const pins = new PinSeal(signer, random);
    const untold = (why: string): void => {
      observer.observe({ type: "refused", reason: "unknown_type", command: `spreed: ${why}` });
    };
    const boardParts: BoardParts = { voice, settings, unseal: (sealed) => pins.open(sealed), untold };
    this.#boards = new RoomBoards(node, realm, boardParts);
    this.#global = openGlobalRoom(node, realm, boardParts, () => this.door.conversations);
    this.door = new SpreedDoor({
      node,
      realm,
      entrance,
      outbound,
      clock,
      observer,
      userOf: (header) => this.#usersNow()?.named(header),
      conversation: {
        node,
        tokens,
        credentials,
        voice,
        boards: this.#boards,
        settings,
        seal: (pin) => pins.close(pin),
        suseridOf: (userid) => suseridOf(userid, lasting),
        globals: () => this.#global?.board,
        contacts,
        nonces,
        pictures: parts.pictures?.shelf,
        lookUps: {
          realm,
          node,
          directory: world.directory,
          attestations,
          contacts,
          voice,
          settings,
          absentId: (userid) => absentId(signer, realm, userid),
        },
        after: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
        // One append must hold it, and what stands around it.
        bodyBytes: world.settings.bundleBytes - 4_096,
        counted: (chat) => this.#counting.chat(chat),
        accepted: () => this.#counting.accepted(),
        untold,
        fault: (error) => observer.observe({ type: "fault", where: "a Spreed conversation", error }),
      },
    });
    const rest = restEdge({
      node,
      realm,
      voice,
      clock,
      random,
      observer,
      credentials,
      nonces,
      statistics: { numbers: () => this.#counting.total },
      settings,
      users: () => this.#usersNow(),
      origins: () => entrance.origins,
      basePath: `${options.basePath.slice(0, -1)}${options.path}`,
      tls: options.tls,
      trustForwarded: entrance.trustForwarded,
      tokenFile: options.tokenFile,
    });
    const { pictures } = parts;
    this.http = belowPath(options.path, (request) => pictures?.pages(request) ?? rest(request));
  }

  /** A room is counted by the node of its first member, a user by each node where it is. */
  #present(): Present {
    let rooms = 0;
    const users = new Set<string>();
    for (const conversation of this.door.conversations) {
      if (conversation.isFirstOfRoom) rooms += 1;
      if (conversation.userid !== "") users.add(conversation.userid);
    }
    return { rooms, sessions: this.door.open.connections.size, users: users.size };
  }

  end(): void {
    this.#counting.end();
  }

  /** Made anew when its settings are others. */
  #usersNow(): Users | undefined {
    const { users } = this.#options.settings();
    if (this.#users === undefined || this.#users.of !== users) {
      this.#users = { of: users, users: users === undefined ? undefined : usersOf(users, this.#random) };
    }
    return this.#users.users;
  }

  /** Rooms that are kept in sight for clients: zero when they are gone. */
  get boards(): number {
    return this.#boards.size;
  }

  endpoint(): SocketEndpoint<SpreedCaller> {
    const { basePath, path } = this.#options;
    return {
      path: `${basePath.slice(0, -1)}${path}ws`,
      handlers: this.door,
      maxFrameBytes: spreedFrameBytes,
      idleTimeoutSeconds: spreedIdleSeconds(this.#heartbeat),
      // One frame of the largest must always fit.
      maxBufferedBytes: Math.max(this.#bufferedBytes, 2 * spreedFrameBytes),
    };
  }
}

/** Of the form of an Id, and nobody's: who is offline stands in lists under the same one for as long as the keys serve. */
function absentId(signer: Signer, realm: Realm, userid: string): string {
  const [bytes] = signer.derive("absent", `${realm}.${userid}`);
  return Buffer.from(bytes.subarray(0, 16)).toString("base64url");
}
