// What the services that hand out TURN credentials answer when all is well, each in its own words.
import type { ServiceAnswer, ServiceRequest } from "./turn-service.ts";

export interface Login {
  readonly username: string;
  readonly password: string;
  /** Seconds. */
  readonly ttl?: number;
}

const urls = ["turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:443?transport=tcp"];

export function turnRestAnswer(
  { username, password, ttl = 600 }: Login,
  uris: readonly unknown[] = urls,
): ServiceAnswer {
  return { body: { username, password, ttl, uris } };
}

export interface SpreedMore {
  readonly session?: string;
  readonly expires?: string;
  readonly geo?: string;
  readonly servers?: readonly unknown[];
}

/** Repeats the nonce of the request, as the service must. */
export function spreedAnswer(request: ServiceRequest, login: Login, more: SpreedMore = {}): ServiceAnswer {
  const { username, password, ttl = 600 } = login;
  const servers = more.servers ?? [
    { id: "eu", prio: 10, label: "Europe", i18n: { de: "Europa" }, urns: urls },
    { id: "us", prio: 20, label: "North America", urns: ["turn:us.turn.example.org"] },
  ];
  return {
    body: {
      success: true,
      nonce: request.form.get("nonce"),
      ...(more.session === undefined ? {} : { session: more.session }),
      ...(more.expires === undefined ? {} : { expires: more.expires }),
      turn: { ttl, username, password, servers, ...(more.geo === undefined ? {} : { geo_uri: more.geo }) },
    },
  };
}

/** Entries have both `url` and `urls`, and the lifetime is text. */
export function twilioAnswer({ username, password, ttl = 600 }: Login, account = "AC0"): ServiceAnswer {
  const entry = (url: string) => ({ url, urls: url, username, credential: password });
  return {
    status: 201,
    body: {
      account_sid: account,
      username,
      password,
      ttl: String(ttl),
      date_created: "Sat, 21 Nov 2026 16:00:00 +0000",
      date_updated: "Sat, 21 Nov 2026 16:00:00 +0000",
      ice_servers: [
        { url: "stun:global.stun.example.org:3478", urls: "stun:global.stun.example.org:3478" },
        entry("turn:global.turn.example.org:3478?transport=udp"),
        entry("turn:global.turn.example.org:3478?transport=tcp"),
        entry("turn:global.turn.example.org:443?transport=tcp"),
      ],
    },
  };
}

/** Tells no lifetime, and names port 53 as the real one does. */
export function cloudflareAnswer({ username, password }: Login): ServiceAnswer {
  return {
    status: 201,
    body: {
      iceServers: [
        { urls: ["stun:stun.anycast.example:3478", "stun:stun.anycast.example:53"] },
        {
          urls: [
            "turn:turn.anycast.example:3478?transport=udp",
            "turn:turn.anycast.example:53?transport=udp",
            "turn:turn.anycast.example:80?transport=tcp",
            "turns:turn.anycast.example:443?transport=tcp",
          ],
          username,
          credential: password,
        },
      ],
    },
  };
}
