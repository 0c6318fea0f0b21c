// Everything a node is given: who it is, its bounds, and the ports to the world outside.
import type { NodeId } from "@heliograph/protocol";
import type { Clock } from "./ports/clock.ts";
import type { Counters } from "./ports/counters.ts";
import type { Directory } from "./ports/directory.ts";
import type { Log } from "./ports/log.ts";
import type { Nodes } from "./ports/nodes.ts";
import type { Observer } from "./ports/observer.ts";
import type { Random } from "./ports/random.ts";
import type { RoomCopies } from "./ports/room-copies.ts";
import type { TurnIssuer } from "./ports/turn-issuer.ts";
import type { Whisper } from "./ports/whisper.ts";
import type { RoomRules } from "./room/room.ts";
import type { NodeSettings } from "./settings.ts";
import type { Tokens } from "./token.ts";

export interface World {
  readonly id: NodeId;
  /** May be another value after the configuration was read again: read where it is needed, kept nowhere. */
  readonly settings: NodeSettings;
  readonly rules: RoomRules;
  readonly tokens: Tokens;
  readonly log: Log;
  readonly whisper: Whisper;
  readonly copies: RoomCopies;
  readonly nodes: Nodes;
  readonly directory: Directory;
  readonly counters: Counters;
  readonly turn: TurnIssuer;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
}
