// The settings of STUN and TURN: our own servers by zone, and who may have how much.
import Type from "typebox";
import { choice, day, duration, hour, key, minute, reload, secret } from "./leaves.ts";
import { host, provider } from "./turn-providers.ts";

const port = "([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])";

const zone = Type.Object({
  id: Type.String({
    description: "Names the zone on the wire and in metrics.",
    pattern: "^[a-z0-9-]{1,32}$",
    expects: "1 to 32 lower-case letters, digits or hyphens",
    examples: ["eu"],
  }),
  priority: Type.Integer({
    description: "The zone with the smallest is preferred; equal ones in the order of the list.",
    default: 10,
    minimum: 0,
    maximum: 1_000_000,
  }),
  label: Type.Optional(Type.String({ description: "What people read in a list of zones.", minLength: 1 })),
  labels: Type.Optional(
    Type.Record(
      Type.String({ pattern: "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$" }),
      Type.String({ description: "The label in that language.", minLength: 1 }),
      {
        description: "The label by language (BCP 47).",
        expects: "a mapping of languages to texts, like {de: Europa}",
        examples: [{ de: "Europa" }],
      },
    ),
  ),
  hidden: Type.Boolean({ description: "Whether clients may use the zone but are not offered it.", default: false }),
  urls: Type.Array(
    Type.String({
      description: "A TURN address (RFC 7065).",
      pattern: `^(turn:${host}(:${port})?(\\?transport=(udp|tcp))?|turns:${host}(:${port})?(\\?transport=tcp)?)$`,
      expects: "an address like turn:turn.example.org:3478?transport=udp or turns:turn.example.org:443?transport=tcp",
      // Somebody who writes a URL by habit writes the password into it.
      quiet: true,
    }),
    {
      description:
        "The servers of the zone, best one first. Clients get `turn.maxUrls` of them, one for each way through.",
      minItems: 1,
      maxItems: 16,
      examples: [["turn:eu.turn.example.org:3478?transport=udp", "turns:eu.turn.example.org:443?transport=tcp"]],
    },
  ),
  regions: Type.Array(
    Type.String({
      description: "A region.",
      pattern: "^[A-Za-z0-9._-]{1,64}$",
      expects: "1 to 64 letters, digits, dots, hyphens or underscores",
    }),
    {
      description: "Nodes whose `turn.region` is one of these prefer the zone.",
      default: [],
      maxItems: 64,
      examples: [["eu-central", "eu-west"]],
    },
  ),
});

export const turn = Type.Object(
  {
    providers: Type.Array(provider, {
      description:
        "Where TURN logins come from, the best first: the first that has one serves. Empty: STUN alone. A variable with " +
        "`_FILE` gives keepers the same list with the keys that edges must not have.",
      default: [],
      maxItems: 8,
      examples: [[{ type: "secret", id: "own", secrets: [{ file: "/run/secrets/coturn" }] }]],
      reload,
    }),
    tagKey: Type.Optional(
      key({
        description:
          "What names of users are hidden with in TURN logins, the same on every node: at least 32 random bytes, as " +
          "`openssl rand -hex 32` prints them. Needed with a provider of type `secret`; fixed, since quotas go by it.",
        expects: "at least 32 bytes in hexadecimal or base64, as `openssl rand -hex 32` prints them",
        examples: [{ file: "/run/secrets/turn-tag-key" }],
      }),
    ),
    zones: Type.Array(zone, {
      description: "Our own TURN servers by region, for providers of type `secret` and `static`.",
      default: [],
      maxItems: 16,
      examples: [[{ id: "eu", urls: ["turn:eu.turn.example.org:3478?transport=udp"] }]],
      reload,
    }),
    stun: Type.Optional(
      Type.Array(
        Type.String({
          description: "A STUN address (RFC 7064), which has no query.",
          pattern: `^stuns?:${host}(:${port})?$`,
          expects: "an address like stun:stun.example.org:3478",
          quiet: true,
        }),
        {
          description:
            "The STUN servers of whoever gets no TURN. Absent: the hosts of `turn.zones`; without zones a public server, " +
            "`stun:stun.l.google.com:19302`, which learns the addresses of your users. `[]`: none, and clients find each " +
            "other inside one network only.",
          maxItems: 2,
          examples: [["stun:stun.example.org:3478"]],
          reload,
        },
      ),
    ),
    ttl: duration({
      description: "How long a login of a provider of type `secret` opens new relays; those that run go on.",
      default: hour,
      minimum: 10 * minute,
      maximum: day,
      reload,
    }),
    anonymous: choice(["grant", "stun"], {
      description: "`stun`: who has not proven to be somebody gets no TURN.",
      default: "grant",
      reload,
    }),
    maxUrls: Type.Integer({
      description: "How many servers a client is told. Browsers try all of them at once, on every network.",
      default: 4,
      minimum: 2,
      maximum: 8,
      reload,
    }),
    region: Type.Optional(
      Type.String({
        description: "Where this node stands, as `regions` of `turn.zones` call it.",
        pattern: "^[A-Za-z0-9._-]{1,64}$",
        expects: "1 to 64 letters, digits, dots, hyphens or underscores",
        examples: ["eu-central"],
      }),
    ),
    blocked: Type.Array(Type.String({ description: "A user.", minLength: 1 }), {
      description: "Users who get STUN alone. What they relay already goes on: end that at the packet filter.",
      default: [],
      maxItems: 10_000,
      examples: [["mallory"]],
      reload,
    }),
    limits: Type.Object(
      {
        perUser: Type.Integer({
          description: "How many logins a proven user may ask for in 10 minutes.",
          default: 20,
          minimum: 1,
          maximum: 100_000,
          reload,
        }),
        perAddress: Type.Integer({
          description:
            "How many logins an address (the first 64 bits of IPv6) may ask for in 10 minutes. A company's proxy counts " +
            "as one.",
          default: 120,
          minimum: 1,
          maximum: 1_000_000,
          reload,
        }),
      },
      { description: "How often TURN may be asked for. Beyond it: the login that the session has, or STUN alone." },
    ),
    probe: Type.Object(
      {
        interval: duration({
          description: "How often a keeper tries the servers of `turn.zones`; 0: never.",
          default: minute,
          minimum: 0,
          maximum: hour,
        }),
      },
      { description: "Whether our own TURN servers really relay." },
    ),
    draftApi: Type.Object(
      {
        keys: Type.Array(
          secret({
            description: "A key that an SFU shows.",
            expects: "16 to 128 letters, digits, hyphens or underscores",
            pattern: "^[A-Za-z0-9_-]{16,128}$",
          }),
          {
            description:
              "Who may ask `/turn/credentials` of the internal listener for a login, as SFUs do by the TURN REST draft. " +
              "Empty: nobody, and the path is not there. Logins come from the provider of type `secret`.",
            default: [],
            maxItems: 16,
            examples: [["janus-9f41c07be2a84d13"]],
            reload,
          },
        ),
      },
      { description: "TURN logins for SFUs, off by default." },
    ),
  },
  { description: "STUN and TURN servers, and who may use them." },
);

export const internal = Type.Object(
  {
    listen: Type.Object(
      {
        host: Type.String({
          description:
            "The name or address on which an edge or `standalone` answers `/metrics`, and `/turn/credentials` where " +
            "`turn.draftApi.keys` is set. Plain HTTP without a login: never an address that strangers reach.",
          default: "127.0.0.1",
          pattern: "^[A-Za-z0-9._:%-]+$",
          expects: "a name or address without brackets, port or scheme",
        }),
        port: Type.Integer({
          description:
            "The port of the same; 0 takes a free one and says which. Of several `workers`, the second takes the next " +
            "one, and so on. A keeper has `/metrics` on `keeper.listen`.",
          default: 9464,
          minimum: 0,
          maximum: 65_535,
        }),
      },
      { description: "Where a node tells machines of its own house how it is." },
    ),
  },
  { description: "What is for the operator's own machines." },
);
