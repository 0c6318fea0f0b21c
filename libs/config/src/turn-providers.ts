// Who may provide TURN logins, each kind with its own settings: one of them by its `type`.
import Type from "typebox";
import { choice, day, duration, hour, minute, secret } from "./leaves.ts";

export const host = "(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9.-]+)";

const id = Type.String({
  description:
    "Names the provider in metrics, in logs and in Redis, where its set lies. Another name is another provider.",
  pattern: "^[a-z0-9-]{1,32}$",
  expects: "1 to 32 lower-case letters, digits or hyphens",
  examples: ["own"],
});

/** `http` is for services on the machine itself, which are those of tests. */
const service = (description: string, example: string) =>
  Type.Optional(
    Type.String({
      description,
      pattern: "^(https://[A-Za-z0-9.:\\[\\]-]+|http://(127\\.0\\.0\\.1|\\[::1\\])(:\\d+)?)(/[^\\s#@]*)?$",
      expects: "an address that begins with https://, without a login",
      // Somebody who writes a URL by habit writes the key into it.
      quiet: true,
      examples: [example],
    }),
  );

const fetchers = "For keepers and `standalone`.";
const keptBy = "For keepers and `standalone`; an edge refuses it.";

const fixed = Type.Object(
  {
    type: choice(["static"], {
      description: "One fixed login for everybody. For labs, and for servers that know nothing else.",
    }),
    id,
    username: Type.String({
      description: "Asked for by the servers of `turn.zones`.",
      minLength: 1,
      maxLength: 509,
      expects: "1 to 509 characters",
    }),
    password: secret({
      description: "Goes with `username`. Whoever loads a page of yours owns it for good.",
      expects: "text",
      examples: [{ file: "/run/secrets/turn" }],
    }),
  },
  { description: "TURN servers that know nothing but one login." },
);

const shared = Type.Object(
  {
    type: choice(["secret"], {
      description: "Our own coturn: a login for each session, signed with a secret that coturn knows too.",
    }),
    id,
    secrets: Type.Array(
      secret({
        description: "A `static-auth-secret` of coturn, letter by letter.",
        expects: "at least 32 letters, digits, hyphens or underscores, as `openssl rand -hex 32` prints them",
        pattern: "^[A-Za-z0-9_-]{32,512}$",
      }),
      {
        description:
          "The first signs; the others stand here so that the same list can feed coturn. To rotate, put the new one " +
          "first once coturn knows it; where the old one leaves the list, every client is told at once. Edges and " +
          "`standalone` need one; keepers only to probe.",
        default: [],
        maxItems: 4,
        examples: [[{ file: "/run/secrets/coturn-new" }, { file: "/run/secrets/coturn-old" }]],
      },
    ),
  },
  { description: "Our own coturn." },
);

const spreed = Type.Object(
  {
    type: choice(["spreed"], { description: "The remote TURN service of Spreed WebRTC, with zones and a geo call." }),
    id,
    url: service(`The service's address, before \`/api/v1\`. ${fetchers}`, "https://turn.example.org"),
    accessToken: Type.Optional(secret({ description: `The access token. ${keptBy}`, expects: "text" })),
    clientId: Type.Optional(
      secret({ description: `The client id, beside the token or in its place. ${keptBy}`, expects: "text" }),
    ),
    geoHosts: Type.Array(
      Type.String({
        description: "A host.",
        pattern: `^${host}$`,
        expects: "the name of a host, without scheme and port",
      }),
      {
        description: "Hosts, beside the service's own, that clients may be sent to with the geo call.",
        default: [],
        maxItems: 16,
        examples: [["geo.example.org"]],
      },
    ),
  },
  { description: "The service of Spreed WebRTC." },
);

const rest = Type.Object(
  {
    type: choice(["turn-rest"], {
      description: "A service that speaks the TURN REST draft (draft-uberti-behave-turn-rest-00).",
    }),
    id,
    url: service(
      `Where credentials are asked for; it may have a query already. ${fetchers}`,
      "https://turn.example.org/credentials",
    ),
    apiKey: Type.Optional(secret({ description: `The key, where the service wants one. ${keptBy}`, expects: "text" })),
    keyName: Type.String({
      description: "What the service calls the key in the query: `key`, or `api`.",
      default: "key",
      pattern: "^[A-Za-z0-9_.-]{1,64}$",
      expects: "1 to 64 letters, digits, dots, hyphens or underscores",
    }),
    username: Type.Optional(
      Type.String({
        description: "What to ask for as `username`; absent: nothing.",
        pattern: "^[A-Za-z0-9_.-]{1,64}$",
        expects: "1 to 64 letters, digits, dots, hyphens or underscores",
      }),
    ),
  },
  { description: "A service that speaks the TURN REST draft." },
);

const twilio = Type.Object(
  {
    type: choice(["twilio"], { description: "Twilio's Network Traversal Service." }),
    id,
    accountSid: Type.Optional(
      Type.String({
        description: `The account. ${fetchers}`,
        pattern: "^AC[A-Za-z0-9]{32}$",
        expects: "AC and 32 letters or digits",
        quiet: true,
      }),
    ),
    authToken: Type.Optional(secret({ description: `The account's token. ${keptBy}`, expects: "text" })),
    keySid: Type.Optional(
      Type.String({
        description: `In place of the token: an API key, which can be revoked alone. Goes with \`keySecret\`. ${fetchers}`,
        pattern: "^SK[A-Za-z0-9]{32}$",
        expects: "SK and 32 letters or digits",
        quiet: true,
      }),
    ),
    keySecret: Type.Optional(secret({ description: `The secret of \`keySid\`. ${keptBy}`, expects: "text" })),
    ttl: duration({
      description: "How long a login shall serve.",
      default: 4 * hour,
      minimum: 10 * minute,
      maximum: day,
    }),
  },
  { description: "Twilio's Network Traversal Service." },
);

const cloudflare = Type.Object(
  {
    type: choice(["cloudflare"], { description: "Cloudflare's Realtime TURN." }),
    id,
    keyId: Type.Optional(
      Type.String({
        description: `The TURN key's id. ${fetchers}`,
        pattern: "^[A-Za-z0-9_-]{1,128}$",
        expects: "letters and digits",
        quiet: true,
      }),
    ),
    keyApiToken: Type.Optional(secret({ description: `The TURN key's API token. ${keptBy}`, expects: "text" })),
    ttl: duration({
      description: "How long a login shall serve.",
      default: 12 * hour,
      minimum: 10 * minute,
      maximum: 2 * day,
    }),
  },
  { description: "Cloudflare's Realtime TURN." },
);

export const provider = Type.Union([fixed, shared, spreed, rest, twilio, cloudflare]);
