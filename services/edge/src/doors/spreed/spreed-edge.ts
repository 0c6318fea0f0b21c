// The parts list of the Spreed door on one edge: its sockets, and what stands behind them.
import type { Codec } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import type { Node, Signer, World } from "@heliograph/core";
import type { CodecName, Realm } from "@heliograph/protocol";
import type { ConnectionCount } from "../../connection-count.ts";
import type { OriginPolicy } from "../../origin-policy.ts";
import type { Outbound } from "../../outbound.ts";
import type { SocketEndpoint } from "../../socket/listener.ts";
import { Attestations } from "./attestations.ts";
import type { SpreedCaller } from "./caller.ts";
import { Credentials } from "./credentials.ts";
import { SpreedDoor, spreedFrameBytes, spreedIdleSeconds } from "./door.ts";
import { PinSeal } from "./pin-seal.ts";
import { RoomBoards } from "./room-boards.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import { Voice } from "./voice.ts";

export interface SpreedOptions {
  /** Below the listener's base path; begins and ends with a slash. */
  readonly path: string;
  readonly realm: Realm;
  /** With the token keys: whatever a client holds and brings back. */
  readonly signer: Signer;
  /** May be another value after the configuration was read again. */
  readonly settings: () => SpreedSettings;
}

export interface SpreedEdgeParts {
  readonly node: Node;
  readonly world: World;
  readonly outbound: Outbound;
  readonly count: ConnectionCount;
  readonly origins: OriginPolicy;
  readonly trustForwarded: number;
  readonly bufferedBytes: number;
  /** For bodies out of the log. */
  readonly stored: ReadonlyMap<CodecName, Codec>;
}

export class SpreedEdge {
  readonly door: SpreedDoor;
  readonly #boards: RoomBoards;
  readonly #options: SpreedOptions;
  readonly #bufferedBytes: number;

  constructor(options: SpreedOptions, parts: SpreedEdgeParts) {
    const { realm, signer, settings } = options;
    const { node, world, outbound, count, origins, trustForwarded, bufferedBytes, stored } = parts;
    const { clock, random, observer, tokens } = world;
    this.#options = options;
    this.#bufferedBytes = bufferedBytes;
    const voice = new Voice({
      frames: createJsonCodec({ maxBytes: spreedFrameBytes, maxDepth: 64, maxKeys: 65_536 }),
      bodies: stored,
      attestations: new Attestations(signer, realm),
      clock,
    });
    const pins = new PinSeal(signer, random);
    const untold = () => undefined;
    this.#boards = new RoomBoards(node, realm, {
      voice,
      settings,
      unseal: (sealed) => pins.open(sealed),
      untold,
    });
    this.door = new SpreedDoor({
      node,
      realm,
      origins,
      trustForwarded,
      count,
      outbound,
      clock,
      observer,
      userOf: () => undefined,
      conversation: {
        node,
        tokens,
        credentials: new Credentials(signer, random, realm),
        voice,
        boards: this.#boards,
        settings,
        seal: (pin) => pins.close(pin),
        suseridOf: () => "",
        globals: () => undefined,
        after: (ms) => new Promise((resolve) => clock.after(ms, resolve)),
        bodyBytes: world.settings.bundleBytes,
        counted: () => undefined,
        untold,
        fault: (error) => observer.observe({ type: "fault", where: "a Spreed conversation", error }),
      },
    });
  }

  /** Rooms that are kept in sight for clients: zero when they are gone. */
  get boards(): number {
    return this.#boards.size;
  }

  /** @param basePath of the listener; ends with a slash */
  endpoint(basePath: string): SocketEndpoint<SpreedCaller> {
    return {
      path: `${basePath.slice(0, -1)}${this.#options.path}ws`,
      handlers: this.door,
      maxFrameBytes: spreedFrameBytes,
      idleTimeoutSeconds: spreedIdleSeconds,
      // One frame of the largest must always fit.
      maxBufferedBytes: Math.max(this.#bufferedBytes, 2 * spreedFrameBytes),
    };
  }
}
