// What the configuration's section `spreed` means to the door.
import type { Config } from "@heliograph/config";
import type { Random, Signer } from "@heliograph/core";
import { parseRealm } from "@heliograph/protocol";
import type { LastingSecrets } from "./lasting-secrets.ts";
import type { SpreedOptions } from "./spreed-edge.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { UserSettings } from "./users.ts";

/** Follows the configuration while the edge runs; what may not change is taken once. */
export class SpreedLive {
  readonly #options: SpreedOptions | undefined;
  #settings: SpreedSettings;

  constructor(config: Config, signer: Signer, random: Random) {
    const { spreed } = config;
    this.#settings = spreedSettingsOf(config);
    const realm = parseRealm(spreed.realm);
    if (!realm.ok) throw new Error(`the configuration let an illegal realm pass: ${spreed.realm}`);
    if (!spreed.enabled) return;
    this.#options = {
      path: spreed.path,
      basePath: config.listen.basePath,
      tls: config.listen.tls !== undefined,
      realm: realm.value,
      signer,
      lasting: lastingOf(config, random),
      tokenFile: spreed.tokenFile,
      settings: () => this.#settings,
    };
  }

  /** Undefined: the door is shut. */
  get options(): SpreedOptions | undefined {
    return this.#options;
  }

  take(config: Config): void {
    this.#settings = spreedSettingsOf(config);
  }
}

export function spreedSettingsOf({ spreed, turn }: Pick<Config, "spreed" | "turn">): SpreedSettings {
  const { roomTypes, users, publicRooms } = spreed;
  return {
    rooms: {
      defaultRoom: spreed.defaultRoomEnabled,
      caseSensitive: spreed.caseSensitiveRooms,
      users: users.enabled,
      authorizeJoin: spreed.authorizeRoomJoin,
      authorizeCreation: spreed.authorizeRoomCreation,
      publicRooms: publicRooms === undefined ? undefined : new RegExp(publicRooms),
      types: {
        set: new Map(roomTypes.names.map(({ name, type }) => [name, type])),
        patterns: roomTypes.patterns.map(({ pattern, type }) => ({ pattern: new RegExp(pattern), type })),
      },
    },
    globalRoom: spreed.globalRoom,
    version: spreed.version,
    contacts: spreed.modules.contacts,
    pictureBase: undefined,
    users: users.enabled ? usersOf(spreed) : undefined,
    page: {
      title: spreed.title,
      serverToken: spreed.serverToken,
      lockedRoomJoinableWithPin: spreed.lockedRoomJoinableWithPin,
      stun: turn.stun ?? [],
    },
    stats: spreed.stats,
  };
}

/** Undefined: nothing could vouch for anybody, which the configuration has refused. */
function usersOf({ users, serverRealm }: Config["spreed"]): UserSettings | undefined {
  const { mode, header, secret, allowRegistration: registration } = users;
  if (mode === "httpheader") return { mode, header };
  return secret === undefined ? undefined : { mode, secret, registration, serverRealm };
}

function lastingOf({ spreed }: Config, random: Random): LastingSecrets {
  const [first, ...others] = spreed.lastingSecrets;
  const drawn = random.bytes(32);
  return first === undefined ? [{ reveal: () => drawn }] : [first, ...others];
}
