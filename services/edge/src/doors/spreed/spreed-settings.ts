// What the door of Spreed clients is set up with, as the configuration has it now.
import type { RoomSettings } from "@heliograph/dialects/spreed";
import type { UserSettings } from "./users.ts";

export interface SpreedSettings {
  readonly rooms: RoomSettings;
  /** As operators wrote it; undefined: there is none. */
  readonly globalRoom: string | undefined;
  /** Told in every Self: the same on all nodes, or web clients ask their users to reload. */
  readonly version: string;
  /** Whether users may ask each other for contact. */
  readonly contacts: boolean;
  /** Where the cluster serves pictures to native clients: absolute, without a slash at its end; undefined: not known. */
  readonly pictureBase: string | undefined;
  /** Undefined: nobody logs in. */
  readonly users: UserSettings | undefined;
  readonly page: SpreedPage;
  /** Whether anybody may read the numbers of the cluster. */
  readonly stats: boolean;
}

/** What integrations and web clients look up. */
export interface SpreedPage {
  readonly title: string;
  readonly serverToken: string;
  readonly lockedRoomJoinableWithPin: boolean;
  readonly stun: readonly string[];
}
