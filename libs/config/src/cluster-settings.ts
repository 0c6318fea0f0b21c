// The settings of a cluster: where NATS and Redis are and how to log in there, and the keeper's own listener.
import Type from "typebox";
import { choice, file, gibi, mebi, secret, size } from "./leaves.ts";

const name = "(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+)";

function tls(of: string, when: string) {
  return Type.Optional(
    Type.Object(
      {
        ca: Type.Optional(
          file({
            description: `PEM file of the authorities that may have signed ${of} certificate. Absent: those of the system.`,
            examples: ["/etc/heliograph/ca.crt"],
          }),
        ),
        cert: Type.Optional(
          file({
            description: "PEM file of a client certificate, where the server asks for one. Goes with `key`.",
            examples: ["/etc/heliograph/client.crt"],
          }),
        ),
        key: Type.Optional(
          file({
            description: "PEM file of the client certificate's private key.",
            examples: ["/etc/heliograph/client.key"],
          }),
        ),
      },
      { description: `TLS towards ${when} An empty mapping is enough for it.` },
    ),
  );
}

export const nats = Type.Object(
  {
    servers: Type.Array(
      Type.String({
        description: "A server of the NATS cluster.",
        pattern: `^(nats|tls)://${name}(:\\d{1,5})?$`,
        expects: "an address like nats://nats1.example:4222 or tls://nats1.example:4222, without a login",
        // Somebody who writes a URL by habit writes the password into it.
        quiet: true,
      }),
      {
        description: "The servers, all of them: one that is not named here is never asked.",
        default: ["nats://127.0.0.1:4222"],
        minItems: 1,
        maxItems: 64,
        examples: [["nats://nats1.example:4222", "nats://nats2.example:4222", "nats://nats3.example:4222"]],
      },
    ),
    user: Type.Optional(
      Type.String({ description: "The user to log in as. Goes with `nats.password`.", minLength: 1 }),
    ),
    password: Type.Optional(secret({ description: "The password of `nats.user`.", expects: "text" })),
    token: Type.Optional(secret({ description: "In place of a user: the token of the servers.", expects: "text" })),
    nkeySeed: Type.Optional(
      secret({
        description: "In place of a user: the seed of an nkey of a user, which begins with SU.",
        expects: "text",
      }),
    ),
    credsFile: Type.Optional(
      file({
        description: "In place of a user: a credentials file, as `nsc` writes them.",
        examples: ["/run/secrets/heliograph.creds"],
      }),
    ),
    tls: tls("the servers'", "NATS, also where the address begins with `nats://`."),
    shards: Type.Integer({
      description:
        "Over how many streams the rooms are spread. Fixed for a deployment, the same on every node: a process that finds " +
        "another number refuses to start.",
      default: 4,
      minimum: 1,
      maximum: 64,
    }),
    replicas: Type.Integer({
      description: "How many servers keep each stream: 3 outlive the loss of one server, 1 is for development.",
      default: 1,
      expects: "1, 3 or 5",
      minimum: 1,
      maximum: 5,
    }),
    maxBytes: size({
      description:
        "The most that one stream keeps; beyond it the oldest messages go before `limits.window` asks for it. NATS sets " +
        "this much aside for each of the `nats.shards`.",
      default: gibi,
      minimum: 16 * mebi,
      maximum: 4_096 * gibi,
    }),
    storage: choice(["file", "memory"], {
      description: "Where NATS keeps the streams. `memory` forgets them when all its servers end.",
      default: "file",
    }),
  },
  { description: "The NATS servers that order and keep what is said, for edges and keepers. `standalone` needs none." },
);

export const redis = Type.Object(
  {
    mode: choice(["single", "sentinel", "cluster"], {
      description: "What `redis.nodes` are: one server, Sentinels that name the server, or some nodes of a Cluster.",
      default: "single",
      examples: ["sentinel"],
    }),
    nodes: Type.Array(
      Type.String({
        description: "A host and its port.",
        pattern: `^${name}:\\d{1,5}$`,
        expects: "a host and its port, like redis.example:6379 or [::1]:6379, without redis:// and without a login",
        quiet: true,
      }),
      {
        description: "Redis 7 or newer, or Valkey.",
        default: ["127.0.0.1:6379"],
        minItems: 1,
        maxItems: 64,
        examples: [["sentinel1.example:26379", "sentinel2.example:26379", "sentinel3.example:26379"]],
      },
    ),
    sentinelName: Type.Optional(
      Type.String({ description: "What the Sentinels call the server.", minLength: 1, examples: ["mymaster"] }),
    ),
    sentinelUsername: Type.Optional(
      Type.String({ description: "The user to log in as at the Sentinels.", minLength: 1 }),
    ),
    sentinelPassword: Type.Optional(secret({ description: "The password at the Sentinels.", expects: "text" })),
    username: Type.Optional(
      Type.String({ description: "The user to log in as; absent, with a password: `default`.", minLength: 1 }),
    ),
    password: Type.Optional(secret({ description: "The password at the server.", expects: "text" })),
    database: Type.Integer({
      description: "The number of the database. A Cluster has 0 only.",
      default: 0,
      minimum: 0,
      maximum: 1_023,
    }),
    tls: tls("the server's", "Redis."),
  },
  {
    description:
      "The Redis that remembers rooms, sessions and pictures, for edges and keepers. `standalone` needs none.",
  },
);

export const keeper = Type.Object(
  {
    listen: Type.Object(
      {
        host: Type.String({
          description: "The name or address on which a keeper answers `/healthz` and `/readyz`.",
          default: "127.0.0.1",
          pattern: "^[A-Za-z0-9._:%-]+$",
          expects: "a name or address without brackets, port or scheme",
        }),
        port: Type.Integer({
          description: "The port of the same; 0 takes a free one and says which.",
          default: 8081,
          minimum: 0,
          maximum: 65_535,
        }),
      },
      { description: "Where a keeper tells whether it is well." },
    ),
  },
  { description: "What `heliograph keeper` has of its own: clients never connect there." },
);
