// What a Spreed client's conversation stands on.
import type { Node, Tokens } from "@heliograph/core";
import type { PictureShelf } from "../../pictures/picture-shelf.ts";
import type { ContactTokens } from "./contact-tokens.ts";
import type { Credentials } from "./credentials.ts";
import type { LoginNonces } from "./login-nonces.ts";
import type { LookUpParts } from "./look-ups.ts";
import type { RoomBoard } from "./room-board.ts";
import type { RoomBoards } from "./room-boards.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Voice } from "./voice.ts";

export interface ConversationParts {
  readonly node: Node;
  readonly tokens: Tokens;
  readonly credentials: Credentials;
  readonly voice: Voice;
  readonly boards: RoomBoards;
  readonly lookUps: LookUpParts;
  readonly contacts: ContactTokens;
  readonly nonces: LoginNonces;
  readonly pictures: Pick<PictureShelf, "put" | "adopt" | "gone" | "isOnItsWay"> | undefined;
  settings(): SpreedSettings;
  seal(pin: string): string;
  suseridOf(userid: string): string;
  globals(): RoomBoard | undefined;
  after(ms: number): Promise<void>;
  readonly bodyBytes: number;
  counted(chat: "broadcast" | "unicast"): void;
  accepted(): void;
  untold(why: string): void;
  fault(error: unknown): void;
}
