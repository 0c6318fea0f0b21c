// ICE servers in the words of Spreed WebRTC: `Turn` and `Stun` of `Self`, and the `TurnUpdate` that comes by itself.
import type { IceGrant, IceServer, IceZone } from "@heliograph/protocol";

/** Section 5.1 of the dialect's specification: an object always, since clients break on anything else. */
export interface SpreedTurn {
  /** Empty where there is no TURN, as is `password`. */
  readonly username: string;
  readonly password: string;
  /** Seconds from now after which the client asks again; 0: never. */
  readonly ttl: number;
  /** For clients that know no `servers`: of the zone with the lowest number. */
  readonly urls?: readonly string[];
  readonly servers?: readonly SpreedZone[];
  readonly geo_uri?: string;
}

export interface SpreedZone {
  readonly id: string;
  readonly prio: number;
  readonly label?: string;
  readonly i18n?: Readonly<Record<string, string>>;
  readonly urns: readonly string[];
}

/** Seconds after which a client that was given no TURN, though it is meant to have it, asks again. */
const askAgain = 300;

export function writeTurn({ iceServers, ttl, degraded, zones, geo }: IceGrant): SpreedTurn {
  const turn = iceServers.find(hasLogin);
  if (turn === undefined) return { username: "", password: "", ttl: degraded ? askAgain : 0 };
  const servers = zones?.map(writeZone) ?? [];
  return {
    username: turn.username,
    password: turn.credential,
    ttl,
    urls: servers[0]?.urns ?? turn.urls,
    ...(servers.length === 0 ? {} : { servers }),
    ...(geo === undefined ? {} : { geo_uri: geo }),
  };
}

/** Empty where there is none. */
export function writeStun({ iceServers }: IceGrant): readonly string[] {
  return iceServers.flatMap(({ urls }) => urls.filter((url) => /^stuns?:/.test(url)));
}

/** Unlike the original's, ours goes to every session whose grant is renewed; its web client applies each. */
export function writeTurnUpdate(grant: IceGrant): { readonly Type: "TurnUpdate"; readonly Turn: SpreedTurn } {
  return { Type: "TurnUpdate", Turn: writeTurn(grant) };
}

function hasLogin(server: IceServer): server is IceServer & { readonly username: string; readonly credential: string } {
  return server.username !== undefined && server.credential !== undefined;
}

function writeZone({ id, priority, label, labels, urls }: IceZone): SpreedZone {
  return {
    id,
    prio: priority,
    ...(label === undefined ? {} : { label }),
    ...(labels === undefined ? {} : { i18n: labels }),
    urns: urls,
  };
}
