// A REST API of the Spreed WebRTC door over parts of paper: a desk that holds sessions, and a notebook of refusals.

import { createHmac } from "node:crypto";
import { type KeyRing, Signer } from "@heliograph/core";
import { SeededRandom, VirtualClock } from "@heliograph/core/memory";
import type { Realm, SessionId } from "@heliograph/protocol";
import { Credentials, type Identity } from "../src/doors/spreed/credentials.ts";
import { AwaitedLogin, LoginNonces } from "../src/doors/spreed/login-nonces.ts";
import type { LoginDesk } from "../src/doors/spreed/rest/login-desk.ts";
import { createRest, type RestParts } from "../src/doors/spreed/rest/rest.ts";
import { type UserSettings, usersOf } from "../src/doors/spreed/users.ts";
import { OriginPolicy } from "../src/origin-policy.ts";
import type { Answer, HttpHandler } from "../src/socket/http.ts";
import { ask, type Paper } from "./paper-request.ts";

const ring: KeyRing = [{ id: "k", secret: new Uint8Array(32).fill(1) }];
const realm = "default" as Realm;

export const sharedSecret = "a secret that nobody else has";

export class PaperRest implements LoginDesk {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly random = new SeededRandom(8);
  readonly credentials = new Credentials(new Signer(ring), this.random, realm);
  readonly nonces = new LoginNonces(new Signer(ring), this.random, realm);
  /** Sessions that are connected and no users yet. */
  readonly waiting = new Map<SessionId, AwaitedLogin>();
  readonly asked: SessionId[] = [];
  readonly refusals: string[] = [];
  readonly faults: unknown[] = [];
  bringing = true;
  readonly handler: HttpHandler;

  constructor(settings: UserSettings | undefined, parts: Partial<RestParts> = {}) {
    this.handler = createRest({
      page: {
        title: "Tea house",
        version: "0.29.7",
        basePath: "/spreed/",
        serverToken: "public",
        stun: ["stun:stun.example:3478"],
        turn: ["turn:turn.example:3478"],
        accessCodes: false,
        usersMode: settings?.mode,
        registration: true,
        defaultRoom: true,
        authorizeRoomCreation: false,
        authorizeRoomJoin: false,
        caseSensitiveRooms: false,
        lockedRoomJoinableWithPin: true,
        renegotiation: false,
        modules: ["contacts"],
        plugin: "",
      },
      outside: { tls: false, trustForwarded: 0, basePath: "/spreed/" },
      origins: new OriginPolicy(["https://tea.example"], true),
      random: this.random,
      clock: this.clock,
      credentials: this.credentials,
      nonces: this.nonces,
      desk: this,
      users: settings === undefined ? undefined : usersOf(settings, this.random),
      accessCodes: undefined,
      statistics: undefined,
      refused: (what, why) => this.refusals.push(`${what} ${why}`),
      ...parts,
    });
  }

  /** A session that is connected and waits for its login. */
  session(): Identity {
    const identity = this.credentials.open(undefined, this.clock.now());
    this.waiting.set(identity.id, new AwaitedLogin(this.nonces, identity.id));
    return identity;
  }

  ask(paper: Paper): Promise<Answer> {
    return ask(this.handler, paper, this.faults);
  }

  /** A combo that is good for so many seconds, and its signature. */
  login(userid: string, seconds = 60): { readonly useridcombo: string; readonly secret: string } {
    const useridcombo = `${Math.floor(this.clock.now() / 1_000) + seconds}:${userid}`;
    return { useridcombo, secret: createHmac("sha256", sharedSecret).update(useridcombo).digest("base64") };
  }

  async awaitsLogin(session: SessionId): Promise<boolean> {
    this.asked.push(session);
    return this.waiting.has(session);
  }

  async bring(session: SessionId, nonce: string): Promise<boolean> {
    if (this.bringing) this.waiting.get(session)?.bring(nonce);
    return this.bringing;
  }
}

export const bySharedSecret: UserSettings = {
  mode: "sharedsecret",
  secret: { reveal: () => sharedSecret },
  registration: true,
  serverRealm: "local",
};
