// The REST API and its logins as one edge serves them: sessions may be connected to any node.
import type { Clock, Node, Observer, Random } from "@heliograph/core";
import { readOwn } from "@heliograph/dialects/spreed";
import type { Realm, SessionId } from "@heliograph/protocol";
import type { OriginPolicy } from "../../origin-policy.ts";
import type { HttpHandler } from "../../socket/http.ts";
import type { Credentials } from "./credentials.ts";
import { nonceLetter } from "./house-letters.ts";
import type { LoginNonces } from "./login-nonces.ts";
import { AccessCodes } from "./rest/access-codes.ts";
import type { LoginDesk } from "./rest/login-desk.ts";
import { createRest } from "./rest/rest.ts";
import type { Statistics } from "./rest/statistics.ts";
import type { SpreedSettings } from "./spreed-settings.ts";
import type { Users } from "./users.ts";
import type { Voice } from "./voice.ts";

export interface RestEdgeParts {
  readonly node: Pick<Node, "look" | "letter">;
  readonly realm: Realm;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
  readonly credentials: Credentials;
  readonly nonces: LoginNonces;
  readonly statistics: Statistics;
  settings(): SpreedSettings;
  users(): Users | undefined;
  origins(): OriginPolicy;
  /** The door's path as clients see it; ends with a slash. */
  readonly basePath: string;
  readonly tls: boolean;
  readonly trustForwarded: number;
  readonly tokenFile: string | undefined;
}

/** Requests below the door's path, which has been taken off. */
export function restEdge(parts: RestEdgeParts): HttpHandler {
  const { tokenFile, observer } = parts;
  const accessCodes =
    tokenFile === undefined
      ? undefined
      : new AccessCodes(tokenFile, (error) => observer.observe({ type: "fault", where: "the access codes", error }));
  let made: { readonly of: SpreedSettings; readonly by: OriginPolicy; readonly handler: HttpHandler } | undefined;
  return (request) => {
    const [settings, origins] = [parts.settings(), parts.origins()];
    if (made?.of !== settings || made.by !== origins) {
      made = { of: settings, by: origins, handler: restOf(parts, settings, origins, accessCodes) };
    }
    return made.handler(request);
  };
}

function restOf(
  parts: RestEdgeParts,
  settings: SpreedSettings,
  origins: OriginPolicy,
  accessCodes: AccessCodes | undefined,
): HttpHandler {
  const { basePath, tls, trustForwarded, random, clock, credentials, nonces } = parts;
  const { rooms, page, users, version, contacts, stats } = settings;
  return createRest({
    page: {
      ...page,
      version,
      basePath,
      turn: [],
      accessCodes: accessCodes !== undefined,
      usersMode: users?.mode,
      registration: users?.mode === "sharedsecret" && users.registration,
      defaultRoom: rooms.defaultRoom,
      authorizeRoomCreation: rooms.authorizeCreation,
      authorizeRoomJoin: rooms.authorizeJoin,
      caseSensitiveRooms: rooms.caseSensitive,
      renegotiation: false,
      modules: ["screensharing", "youtube", "presentation", "roomlocking", ...(contacts ? ["contacts"] : [])],
      plugin: "",
    },
    outside: { tls, trustForwarded, basePath },
    origins,
    random,
    clock,
    credentials,
    nonces,
    desk: deskOf(parts),
    users: parts.users(),
    accessCodes,
    statistics: stats ? parts.statistics : undefined,
    refused: (what, why) =>
      parts.observer.observe({ type: "refused", reason: "unauthorized", command: `${what} ${why}` }),
  });
}

function deskOf({ node, realm, voice }: RestEdgeParts): LoginDesk {
  return {
    awaitsLogin: async (session: SessionId) => {
      const view = await node.look(realm, session);
      if (!view.ok || view.value.state !== "present") return false;
      const { own } = view.value.profile;
      return own !== undefined && readOwn(voice.open(own))?.Userid === "";
    },
    bring: async (session: SessionId, nonce: string) => {
      node.letter(realm, session, voice.body(nonceLetter(nonce)));
      return true;
    },
  };
}
